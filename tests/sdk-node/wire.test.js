// Every parameter of every action, in every kind of value, reaches the wire as the
// official SDK writes it: verb, path, version and, after sorting, each pair byte for byte.
// So does every operation of Stripe's with everything it takes, by `stripe.request`.
//
// The server plans requests without sending them (`dryRun`); the SDK's are caught before
// they leave. Parameters come from the tables, so a new one is compared from its first
// day; the action's own schema has to describe exactly the same ones.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startBursar } from './bursar.js';
import { describe, ours, sdks, stripes } from './wire/inputs.js';
import { bounds, isClearable, isFraction, schemaPlaces } from './wire/schema.js';
import { catchingClient } from './wire/sent.js';
import { camel, placeholders, places, readTables } from './wire/tables.js';
import { fullest, hashCases } from './wire/values.js';

const AT_ONCE = 16;
const SHOWN_MAX = 10;

let bursar;
let data;
let settings;
let request;
let operations;
before(async () => {
  operations = await readTables();
  data = await mkdtemp(join(tmpdir(), 'bursar-wire-'));
  // Thousands of dry runs within a minute are more than one key may ask for.
  settings = `${data}.yaml`;
  await writeFile(settings, 'limits: { read: 1000000, write: 1000000, execute: 1000000 }\n');
  bursar = await startBursar('serve', '--data', data, '--config', settings);
  const { url, key } = JSON.parse(await readFile(join(data, 'server.json'), 'utf8'));
  request = async (path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers,
      body: body && JSON.stringify(body),
    });
    return response.json();
  };
});
after(async () => {
  await bursar?.stop();
  if (data) await rm(data, { recursive: true });
  if (settings) await rm(settings);
});

const pairs = (form) => form.split('&').filter(Boolean).sort();

/** What the action would send. */
async function planned(name, config) {
  const answer = await request(`/actions/${name}`, { dryRun: true, config });
  if (!answer.success) return { refused: answer.error.message };
  const { method, path, stripeVersion: version, body } = answer.data;
  return { method, path, version, pairs: pairs(body) };
}

/** Everything worth comparing of an operation, each case with what the action insists on. */
function casesOf(operation, action, schema) {
  const props = { ...operation.params };
  for (const name of action.required) props[name] = { ...props[name], required: true };
  const known = (place) => {
    const at = schema.get(ourPlace(place, action));
    return { clearable: isClearable(at), fraction: isFraction(at), bounds: bounds(at) };
  };
  const everything = fullest({ type: 'object', props }, '', '', known);
  return [...hashCases(props, '', known), { place: 'everything at once', value: everything }];
}

/** A place of the tables under the action's names. */
function ourPlace(place, action) {
  const [first, ...rest] = place.split('.');
  const [, name, suffix] = /^([^[{]*)(.*)$/.exec(first);
  return [action.top(name) + suffix, ...rest.map(camel)].join('.');
}

/** Compares one case in both spellings; `wrap` makes an action's input of it. */
async function compare(name, operation, action, { place, value }, wrap = (input) => input) {
  const { ids, params } = sdks(value, action);
  const { form, ...rest } = await catchingClient().send(operation.id, ids, params);
  const wanted = { ...rest, pairs: pairs(form) };
  for (const spelled of [ours(value, operation, action), stripes(value, action)]) {
    const input = wrap(spelled);
    const got = await planned(name, input);
    try {
      assert.deepEqual(got, wanted);
    } catch {
      return `${place}: ${JSON.stringify(input)}\n  ours: ${JSON.stringify(got)}\n  SDK:  ${JSON.stringify(wanted)}`;
    }
  }
  return null;
}

/** Compares so many at a time; resolves with what differs. */
async function compareAll(comparisons) {
  const different = [];
  for (let from = 0; from < comparisons.length; from += AT_ONCE) {
    const found = await Promise.all(comparisons.slice(from, from + AT_ONCE).map((one) => one()));
    different.push(...found.filter(Boolean));
  }
  assert.ok(
    different.length === 0,
    `${different.length} of ${comparisons.length} differ\n${different.slice(0, SHOWN_MAX).join('\n')}`,
  );
}

test('every parameter of every action goes out as the SDK sends it', async (t) => {
  const { data: actions } = await request('/actions');
  const total = { actions: 0, parameters: 0, cases: 0 };
  const seen = new Set();
  for (const { name, operation: performed } of actions) {
    // `stripe.request` performs any operation; see below.
    if (!performed) continue;
    const { method, path } = performed;
    await t.test(name, async () => {
      const operation = operations.get(`${method} ${path}`);
      assert.ok(operation, `the tables have no ${method} ${path}`);
      const { data: shown } = await request(`/actions/${name}`);
      const action = describe(shown, operation);
      const schema = schemaPlaces(shown.inputSchema);
      const all = places(operation.params);
      const described = [...placeholders(path).map(action.top), ...all.map((place) => ourPlace(place, action))];
      assert.deepEqual(
        [...schema.keys()].sort(),
        [...new Set(described)].sort(),
        'the schema describes other parameters than the tables',
      );

      const cases = casesOf(operation, action, schema);
      await compareAll(cases.map((one) => () => compare(name, operation, action, one)));
      const covered = new Set(cases.map((one) => one.place));
      assert.deepEqual(
        all.filter((place) => !covered.has(place)),
        [],
        'parameters without a case',
      );
      total.actions += 1;
      total.parameters += new Set(all).size;
      total.cases += cases.length;
      seen.add(operation.id);
    });
  }
  t.diagnostic(
    `${total.parameters} parameters of ${total.actions} actions in ${total.cases} cases, each in camel and in snake case`,
  );
});

test('every operation goes out as the SDK sends it, with everything it takes', async (t) => {
  const known = (place) => ({ clearable: false, fraction: false, bounds: place === 'limit' ? [1, 100] : null });
  // What goes to another host, uploads among it, is refused.
  const all = [...operations.values()].filter((operation) => !operation.host);
  await compareAll(
    all.map((operation) => () => {
      const action = describe({ fields: [], inputSchema: { properties: {} } }, operation);
      const value = fullest({ type: 'object', props: operation.params }, '', '', known);
      const named = (params) => ({ operation: operation.id, params });
      return compare('stripe.request', operation, action, { place: operation.id, value }, named);
    }),
  );
  const parameters = all.reduce((sum, { params }) => sum + new Set(places(params)).size, 0);
  t.diagnostic(`${parameters} parameters of ${all.length} operations`);
});
