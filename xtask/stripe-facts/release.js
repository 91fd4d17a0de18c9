// The facts of one release: operations, objects, events, error codes.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { Declarations } from './declarations.js';
import { observe, open } from './runtime.js';

export async function release(folder) {
  const read = (file) => fs.readFileSync(path.join(folder, file), 'utf8');
  const d = new Declarations(folder);
  const events = snapshotEvents(d);
  const operations = await allOperations(d, await open(folder));
  const objects = allObjects(d, operations, events);
  check(operations, objects, events);
  return {
    sdk: JSON.parse(read('package.json')).version,
    version: /ApiVersion = '([^']+)'/.exec(read('esm/apiVersion.js'))[1],
    license: read('LICENSE'),
    operations,
    objects,
    events,
    codes: errorCodes(objects),
  };
}

async function allOperations(d, client) {
  const out = {};
  for (const method of d.methods()) {
    const { id } = method;
    const request = await observe(client, method);
    if (!request) continue;
    const params = method.params ? d.types.of(method.params, 'request', id).props : {};
    out[id] = { ...request, params, response: d.types.of(method.returns, 'object', `${id} ->`) };
  }
  return out;
}

/** Everything with a literal `object` of its own, and everything else that is named. */
function allObjects(d, operations, events) {
  const symbols = new Map([...d.names].map(([symbol, name]) => [name, symbol]));
  const out = {};
  const add = (name) => {
    if (out[name] || name.startsWith('V2.')) return;
    // `Event` is a union of interfaces; what they have in common is the object.
    const symbol = symbols.get(name === 'Event' ? 'EventBase' : name);
    const fields = d.types.fields(symbol, 'object', name);
    out[name] = { object: literal(fields), fields };
    named(fields).forEach(add);
  };
  for (const [symbol, name] of d.names) {
    const own = symbol.declarations.filter(ts.isInterfaceDeclaration);
    const tag = own
      .filter((one) => !one.typeParameters)
      .flatMap((one) => [...one.members])
      .find((m) => m.name?.getText() === 'object');
    if (tag?.type && ts.isLiteralTypeNode(tag.type)) add(name === 'EventBase' ? 'Event' : name);
  }
  named(Object.values(operations).map((op) => op.response)).forEach(add);
  Object.values(events).flat().forEach(add);
  return out;
}

const literal = ({ object }) =>
  object?.type === 'enum' && object.values.length === 1 ? object.values[0] : '';

/** The names of all objects that occur in these types. */
function named(node, found = new Set()) {
  if (node?.type === 'ref') found.add(node.name);
  else if (node?.type === 'expandable') node.of.forEach((name) => found.add(name));
  else if (node && typeof node === 'object') Object.values(node).forEach((inner) => named(inner, found));
  return found;
}

/** Event type to the names that `data.object` can have. */
function snapshotEvents(d) {
  const out = {};
  const union = d.named('Event').declarations.find(ts.isTypeAliasDeclaration).type;
  const member = (symbol, name) => {
    const all = symbol.declarations.filter(ts.isInterfaceDeclaration).flatMap((one) => [...one.members]);
    return all.find((one) => one.name?.getText() === name).type;
  };
  for (const one of union.types) {
    const event = d.symbolAt(one.typeName);
    const type = member(event, 'type').literal.text;
    const data = d.symbolAt(member(event, 'data').typeName);
    out[type] = [...named(d.types.of(member(data, 'object'), 'object', type))];
  }
  return out;
}

/** Error codes stand in four objects, which have to agree. */
function errorCodes(objects) {
  const places = [
    ['PaymentIntent', 'last_payment_error'],
    ['SetupIntent', 'last_setup_error'],
    ['Invoice', 'last_finalization_error'],
    ['SetupAttempt', 'setup_error'],
  ];
  const lists = places.map(([object, field]) => objects[object].fields[field].props.code.values);
  if (lists.some((list) => list.join() !== lists[0].join()))
    throw new Error('the lists of error codes differ');
  return lists[0];
}

/** What would mean that something was not understood. */
function check(operations, objects, events) {
  const list = (values) => [...values].sort().join();
  const types = list(Object.keys(events));
  const enabled = operations['webhookEndpoints.create'].params.enabled_events.items.values.filter(
    (v) => v !== '*',
  );
  if (list(enabled) !== types || list(objects.Event.fields.type.values) !== types)
    throw new Error('the lists of event types differ');
  const routes = new Set(Object.values(operations).map(({ method, path }) => `${method} ${path}`));
  if (routes.size !== Object.keys(operations).length) throw new Error('two operations have the same route');
  for (const [name, fields] of Object.entries({ ...operations, ...objects })) {
    for (const at of unsaid(fields, name)) {
      if (!OPAQUE.test(at)) throw new Error(`${at}: a type that says nothing`);
    }
  }
}

/** The only values whose declared type says nothing; they are meant for Stripe.js. */
const OPAQUE = /^(Payment|Setup)Intent\..*\.use_stripe_sdk\b/;

function* unsaid(node, at) {
  if (node?.type === 'any') yield at;
  else if (node && typeof node === 'object')
    for (const [key, inner] of Object.entries(node)) yield* unsaid(inner, `${at}.${key}`);
}
