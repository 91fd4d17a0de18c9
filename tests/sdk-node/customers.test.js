// Customers: what the SDK sends is what the sandbox keeps.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import Stripe from 'stripe';

import { all, refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});
after(() => sandbox?.stop());

test('a customer needs nothing and comes with Stripe’s defaults', async () => {
  const customer = await stripe.customers.create();
  assert.match(customer.id, /^cus_/);
  assert.equal(customer.object, 'customer');
  assert.equal(customer.livemode, false);
  assert.equal(customer.balance, 0);
  assert.equal(customer.email, null);
  assert.equal(customer.tax_exempt, 'none');
  assert.equal(customer.delinquent, false);
  assert.equal(customer.next_invoice_sequence, 1);
  assert.match(customer.invoice_prefix, /^[A-Z0-9]{8}$/);
  assert.deepEqual(customer.preferred_locales, []);
  assert.deepEqual(customer.metadata, {});
  assert.deepEqual(customer.invoice_settings, {
    custom_fields: null,
    default_payment_method: null,
    footer: null,
    rendering_options: null,
  });
});

test('everything sent comes back, and reads the same later', async () => {
  const sent = {
    name: 'Ada Lovelace & Co. = 100% +',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    description: 'zwölf Boxkämpfer 🥊',
    address: { line1: '12 St James’s Square', line2: null, city: 'London', country: 'GB', postal_code: 'SW1Y 4JH', state: null },
    preferred_locales: ['en-GB', 'de'],
    metadata: { order: '6735', 'with space': 'a=b&c' },
  };
  const made = await stripe.customers.create(sent);
  const read = await stripe.customers.retrieve(made.id);
  assert.deepEqual(read, made);
  for (const field of ['name', 'email', 'phone', 'description', 'preferred_locales', 'metadata']) {
    assert.deepEqual(read[field], sent[field], field);
  }
  assert.equal(read.address.line1, sent.address.line1);
  assert.equal(read.address.line2, null);
  assert.equal(read.address.country, 'GB');
  assert.ok(Math.abs(read.created - Date.now() / 1000) < 60);
});

test('metadata merges key by key, and an empty value removes one', async () => {
  const { id } = await stripe.customers.create({ metadata: { keep: '1', change: '2', drop: '3' } });
  const changed = await stripe.customers.update(id, { metadata: { change: '20', drop: '', add: 4 } });
  assert.deepEqual(changed.metadata, { keep: '1', change: '20', add: '4' });
});

test('null removes one metadata key, and an empty string all of them', async () => {
  const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
  assert.deepEqual((await stripe.customers.update(id, { metadata: { a: null } })).metadata, { b: '2' });
  assert.deepEqual((await stripe.customers.update(id, { metadata: '' })).metadata, {});
});

test('null and the empty string clear a field, and absence leaves it', async () => {
  const { id } = await stripe.customers.create({ name: 'Ada', description: 'first', phone: '1' });
  const changed = await stripe.customers.update(id, { description: '', phone: null });
  assert.equal(changed.description, null);
  assert.equal(changed.phone, null);
  assert.equal(changed.name, 'Ada');
});

test('an address is replaced as a whole and cleared by an empty string', async () => {
  const { id } = await stripe.customers.create({ address: { line1: 'a', city: 'b' } });
  const replaced = await stripe.customers.update(id, { address: { line1: 'c' } });
  assert.equal(replaced.address.line1, 'c');
  assert.equal(replaced.address.city, null);
  assert.equal((await stripe.customers.update(id, { address: '' })).address, null);
});

test('a deleted customer answers as a stub, is in no list, and is deleted once', async () => {
  const { id } = await stripe.customers.create({ email: 'gone@example.com' });
  assert.deepEqual(await stripe.customers.del(id), { id, object: 'customer', deleted: true });
  assert.deepEqual(await stripe.customers.retrieve(id), { id, object: 'customer', deleted: true });
  assert.deepEqual((await stripe.customers.list({ email: 'gone@example.com' })).data, []);
  const again = await refused(stripe.customers.del(id));
  assert.equal(again.statusCode, 404);
  assert.equal(again.code, 'resource_missing');
});

test('lists are newest first and page by themselves', async () => {
  const email = 'paged@example.com';
  const made = [];
  for (let i = 0; i < 25; i += 1) made.push((await stripe.customers.create({ email, name: `${i}` })).id);
  const first = await stripe.customers.list({ email, limit: 10 });
  assert.equal(first.object, 'list');
  assert.equal(first.url, '/v1/customers');
  assert.equal(first.has_more, true);
  assert.deepEqual(first.data.map((c) => c.id), made.slice(15).reverse());
  const paged = await all(stripe.customers.list({ email, limit: 10 }));
  assert.deepEqual(paged.map((c) => c.id), made.toReversed());
  assert.equal((await stripe.customers.list({ email })).data.length, 10);
});

test('ending_before gives the page just newer, still newest first', async () => {
  const email = 'backwards@example.com';
  const made = [];
  for (let i = 0; i < 5; i += 1) made.push((await stripe.customers.create({ email })).id);
  const page = await stripe.customers.list({ email, limit: 2, ending_before: made[1] });
  assert.deepEqual(page.data.map((c) => c.id), [made[3], made[2]]);
  assert.equal(page.has_more, true);
});

test('auto-paging goes backwards too', async () => {
  const email = 'back-paged@example.com';
  const made = [];
  for (let i = 0; i < 7; i += 1) made.push((await stripe.customers.create({ email })).id);
  const paged = await all(stripe.customers.list({ email, limit: 2, ending_before: made[0] }));
  assert.deepEqual(paged.map((c) => c.id), made.slice(1));
});

test('created filters take a time or a range', async () => {
  const { id, created } = await stripe.customers.create({ email: 'timed@example.com' });
  const exact = await stripe.customers.list({ email: 'timed@example.com', created });
  assert.deepEqual(exact.data.map((c) => c.id), [id]);
  const later = await stripe.customers.list({ email: 'timed@example.com', created: { gt: created } });
  assert.deepEqual(later.data, []);
  const within = await stripe.customers.list({ email: 'timed@example.com', created: { gte: created, lte: created } });
  assert.equal(within.data.length, 1);
});

test('a limit of 0 or 101 is refused', async () => {
  for (const limit of [0, 101]) {
    const error = await refused(stripe.customers.list({ limit }));
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError, `${limit}`);
    assert.equal(error.param, 'limit');
  }
});

test('an unknown cursor is a missing resource', async () => {
  const error = await refused(stripe.customers.list({ starting_after: 'cus_nobody' }));
  assert.equal(error.code, 'resource_missing');
  assert.equal(error.param, 'starting_after');
});

test('an unknown customer is a 404 with Stripe’s words', async () => {
  const error = await refused(stripe.customers.retrieve('cus_nobody'));
  assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal(error.type, 'StripeInvalidRequestError');
  assert.equal(error.rawType, 'invalid_request_error');
  assert.equal(error.statusCode, 404);
  assert.equal(error.code, 'resource_missing');
  assert.equal(error.param, 'id');
  assert.equal(error.message, "No such customer: 'cus_nobody'");
  assert.match(error.requestId, /^req_/);
  assert.match(error.doc_url, /resource-missing/);
});

test('an unknown parameter is named, nested ones too', async () => {
  const plain = await refused(stripe.customers.create({ nmae: 'Ada' }));
  assert.ok(plain instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal(plain.statusCode, 400);
  assert.equal(plain.code, 'parameter_unknown');
  assert.equal(plain.param, 'nmae');
  assert.match(plain.message, /^Received unknown parameter: nmae/);
  const nested = await refused(stripe.customers.create({ address: { line9: 'x' } }));
  assert.equal(nested.code, 'parameter_unknown');
  assert.equal(nested.param, 'address[line9]');
});

test('a word for a number is an invalid integer', async () => {
  const error = await refused(stripe.customers.create({ balance: 'much' }));
  assert.equal(error.code, 'parameter_invalid_integer');
  assert.equal(error.param, 'balance');
  assert.equal((await refused(stripe.customers.create({ balance: 1.5 }))).code, 'parameter_invalid_integer');
});

test('an enum refuses other values and lists its own', async () => {
  const error = await refused(stripe.customers.create({ tax_exempt: 'sometimes' }));
  assert.equal(error.param, 'tax_exempt');
  assert.equal(error.code, undefined);
  assert.match(error.message, /exempt, none, or reverse/);
});

test('a refused create leaves no customer behind', async () => {
  const email = 'refused@example.com';
  await refused(stripe.customers.create({ email, tax_exempt: 'sometimes' }));
  assert.deepEqual((await stripe.customers.list({ email })).data, []);
});
