// Idempotency keys, and the SDK's own retries against broken connections.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import Stripe from 'stripe';

import { refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});
after(() => sandbox?.stop());

const named = async (email) => (await stripe.customers.list({ email })).data;

/** What the sandbox saw of this address: one line for each request. */
const requestsFor = async (key) => (await sandbox.control('/journal')).data.filter((entry) => entry.key === key);

test('the same key and the same body answer with the same object', async () => {
  const idempotencyKey = 'same-body';
  const params = { email: 'same@example.com', metadata: { a: '1' } };
  const first = await stripe.customers.create(params, { idempotencyKey });
  const second = await stripe.customers.create(params, { idempotencyKey });
  assert.deepEqual(second, first);
  assert.equal((await named(params.email)).length, 1);
  assert.equal(first.lastResponse.headers['idempotent-replayed'], undefined);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal(second.lastResponse.headers['idempotency-key'], idempotencyKey);
  assert.equal(first.lastResponse.headers['original-request'], first.lastResponse.requestId);
  assert.equal(second.lastResponse.headers['original-request'], first.lastResponse.requestId);
  assert.notEqual(second.lastResponse.requestId, first.lastResponse.requestId);
});

test('a replay still answers after the object is gone', async () => {
  const idempotencyKey = 'gone-since';
  const made = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey });
  await stripe.customers.del(made.id);
  assert.deepEqual(await stripe.customers.create({ name: 'Ada' }, { idempotencyKey }), made);
});

test('the same key with other parameters is an idempotency error', async () => {
  const idempotencyKey = 'other-body';
  await stripe.customers.create({ email: 'first@example.com' }, { idempotencyKey });
  const error = await refused(stripe.customers.create({ email: 'second@example.com' }, { idempotencyKey }));
  assert.ok(error instanceof Stripe.errors.StripeIdempotencyError);
  assert.equal(error.statusCode, 400);
  assert.equal(error.rawType, 'idempotency_error');
  assert.equal(error.code, undefined);
  assert.match(error.message, /same parameters they were first used with/);
  assert.deepEqual(await named('second@example.com'), []);
});

test('the same key at another path is an idempotency error', async () => {
  const idempotencyKey = 'other-path';
  const { id } = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey });
  const error = await refused(stripe.customers.update(id, { name: 'Ada' }, { idempotencyKey }));
  assert.ok(error instanceof Stripe.errors.StripeIdempotencyError);
});

test('a request refused for its parameters does not use its key up', async () => {
  const idempotencyKey = 'first-wrong';
  await refused(stripe.customers.create({ tax_exempt: 'sometimes' }, { idempotencyKey }));
  const made = await stripe.customers.create({ tax_exempt: 'exempt' }, { idempotencyKey });
  assert.equal(made.tax_exempt, 'exempt');
});

test('a decline is stored and replayed', async () => {
  const customer = await stripe.customers.create();
  const draft = await stripe.invoices.create({ customer: customer.id });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1000, currency: 'usd' });
  await stripe.invoices.finalizeInvoice(draft.id);
  const pay = () =>
    refused(stripe.invoices.pay(draft.id, { payment_method: 'pm_card_chargeCustomerFail' }, { idempotencyKey: 'declined' }));
  const [first, second] = [await pay(), await pay()];
  assert.equal(second.charge, first.charge);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.equal((await stripe.invoices.retrieve(draft.id)).attempt_count, 1);
});

test('a key that is too long is refused', async () => {
  const error = await refused(stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) }));
  assert.equal(error.statusCode, 400);
});

test('while the first request runs, the same key is a conflict', async () => {
  const idempotencyKey = 'still-running';
  const params = { email: 'running@example.com' };
  await sandbox.fail('slow', 1, { ms: 1_000 });
  const first = stripe.customers.create(params, { idempotencyKey });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const error = await refused(stripe.customers.create(params, { idempotencyKey }));
  assert.equal(error.statusCode, 409);
  assert.equal(error.code, 'idempotency_key_in_use');
  assert.match((await first).id, /^cus_/);
  assert.equal((await named(params.email)).length, 1);
});

for (const fault of ['lost_answer', 'reset']) {
  test(`the SDK’s retries over ${fault} leave one customer`, async () => {
    const email = `${fault}@example.com`;
    await sandbox.fail(fault, 2);
    const made = await sandbox.client({ maxNetworkRetries: 3 }).customers.create({ email });
    assert.deepEqual((await named(email)).map((c) => c.id), [made.id]);
    const sent = await requestsFor(made.lastResponse.headers['idempotency-key']);
    assert.equal(sent.length, 3);
    assert.equal(sent.filter((entry) => entry.ran === 'executed').length, 1);
    assert.deepEqual(sent.slice(0, 2).map((entry) => entry.fault), [fault, fault]);
  });

  test(`without more retries ${fault} is a connection error`, async () => {
    const email = `${fault}-seen@example.com`;
    // The SDK repeats a closed connection once even when told not to retry.
    await sandbox.fail(fault, 2);
    const error = await refused(stripe.customers.create({ email }));
    assert.ok(error instanceof Stripe.errors.StripeConnectionError);
    assert.equal((await named(email)).length, fault === 'lost_answer' ? 1 : 0);
  });
}

test('a lost payment is repeated under its key and charges once', async () => {
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
  const draft = await stripe.invoices.create({ customer: customer.id });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1000, currency: 'usd' });
  await stripe.invoices.finalizeInvoice(draft.id);
  await sandbox.fail('lost_answer', 1, { path: '/v1/invoices/*/pay' });
  const paid = await sandbox.client({ maxNetworkRetries: 2 }).invoices.pay(draft.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'paid');
  assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, 1);
});

test('a stored 500 is an API error that every repeat gets again', async () => {
  const email = 'broken@example.com';
  const idempotencyKey = 'stored-500';
  await sandbox.fail('stored_500');
  const first = await refused(stripe.customers.create({ email }, { idempotencyKey }));
  assert.ok(first instanceof Stripe.errors.StripeAPIError);
  assert.equal(first.statusCode, 500);
  const second = await refused(stripe.customers.create({ email }, { idempotencyKey }));
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.deepEqual(await named(email), []);
});

test('a 429 is a rate limit error with its reason, and nothing has run', async () => {
  const email = 'limited@example.com';
  await sandbox.fail('429', 1, { reason: 'endpoint-rate' });
  const error = await refused(stripe.customers.create({ email }, { idempotencyKey: 'limited' }));
  assert.ok(error instanceof Stripe.errors.StripeRateLimitError);
  assert.equal(error.statusCode, 429);
  assert.equal(error.headers['stripe-rate-limited-reason'], 'endpoint-rate');
  assert.deepEqual(await named(email), []);
  const made = await stripe.customers.create({ email }, { idempotencyKey: 'limited' });
  assert.equal(made.lastResponse.headers['idempotent-replayed'], undefined);
});

test('a lock timeout has a code and no reason', async () => {
  await sandbox.fail('lock_timeout');
  const error = await refused(stripe.customers.create());
  assert.ok(error instanceof Stripe.errors.StripeRateLimitError);
  assert.equal(error.code, 'lock_timeout');
  assert.equal(error.headers['stripe-rate-limited-reason'], undefined);
});
