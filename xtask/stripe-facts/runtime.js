// What the SDK sends: verb, path, host and place of the parameters of every method.
//
// The declarations say none of it. Each method is called on a client that records the
// request and sends nothing. Releases until 20.x also carry a table of methods with
// Stripe's own names of path parameters; it has to agree with what was recorded.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PROBE = 'bursar_probe';

/** A path with its braces emptied: the same for all releases. */
export const bare = (template) => template.replace(/\{[^}]*\}/g, '{}');

export async function open(folder) {
  const module = (file) => import(pathToFileURL(path.join(folder, 'esm', file)));
  const { StripeResource } = await module('StripeResource.js');
  const { method } = StripeResource;
  if (method) StripeResource.method = (spec) => Object.assign(method(spec), { spec });
  const { default: Stripe } = await module('stripe.esm.node.js');
  const sent = [];
  const answer = {
    getStatusCode: () => 200,
    getHeaders: () => ({}),
    getRawResponse: () => ({}),
    toStream: (done) => done(),
    toJSON: async () => ({ object: 'list', data: [] }),
  };
  const httpClient = {
    getClientName: () => 'recorder',
    makeRequest: async (host, _port, target, verb, headers, body) => {
      sent.push({ host, target, verb, headers, body });
      return answer;
    },
  };
  const stripe = new Stripe('sk_test_x', { httpClient, maxNetworkRetries: 0, telemetry: false });
  stripe.setClientId?.('ca_x');
  return { stripe, sent };
}

/** The request of one method, `undefined` when it makes none. */
export async function observe({ stripe, sent }, { id, args }) {
  const [name, ...owner] = id.split('.').reverse();
  const resource = owner.reverse().reduce((at, key) => at?.[key], stripe);
  if (typeof resource?.[name] !== 'function') throw new Error(`${id} is declared but is not there`);
  sent.length = 0;
  const params = { [PROBE]: 'x' };
  if (id === 'files.create') params.file = { data: Buffer.from('x'), name: 'x', type: 'text/plain' };
  const options = id === 'ephemeralKeys.create' ? [{ apiVersion: '2020-01-01' }] : [];
  const result = resource[name](...args.map((_, at) => `argument${at}end`), params, ...options);
  if (typeof result?.then !== 'function') return undefined; // `oauth.authorizeUrl` only builds an address
  await result.then(null, () => {});
  if (sent.length !== 1) throw new Error(`${id} made ${sent.length} requests`);
  return read(id, args, sent[0], resource[name].spec);
}

function read(id, args, { host, target, verb, headers, body }, spec) {
  const [path, query = ''] = target.split('?');
  let template = path.replace(/argument(\d+)end/g, (_, at) => `{${args[at]}}`);
  const known = spec?.fullPath;
  if (known && (bare(known) !== bare(template) || spec.method !== verb))
    throw new Error(`${id}: ${verb} ${template} was sent, ${known} is declared`);
  const out = {
    method: verb,
    path: known ?? template,
    in: place(query, headers, body),
    named: Boolean(known),
  };
  if (!out.in || (out.in === 'query') !== (verb !== 'POST'))
    throw new Error(`${id}: parameters of ${verb} went by ${out.in}`);
  if (host !== 'api.stripe.com') out.host = host;
  return out;
}

function place(query, headers, body) {
  if (query.includes(PROBE)) return 'query';
  if (!Buffer.from(body ?? '').includes(PROBE)) return undefined;
  const type = String(Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]);
  return type.startsWith('multipart/') ? 'multipart' : 'form';
}
