// Events: what happened, in the account's version, with what caused it.

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

/** The types of the events about an object, oldest first. */
const typesSince = async (last) => {
  const events = await all(stripe.events.list({ limit: 100, ...(last ? { ending_before: last } : {}) }));
  return (last ? events : events.toReversed()).map((e) => e.type);
};
const newest = async () => (await stripe.events.list({ limit: 1 })).data[0]?.id;

test('an event holds the object as it was and the request that caused it', async () => {
  const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'of-the-event' });
  await stripe.customers.update(customer.id, { name: 'Grace' });
  const { data } = await stripe.events.list({ type: 'customer.created' });
  const event = data.find((e) => e.data.object.id === customer.id);
  assert.match(event.id, /^evt_/);
  assert.equal(event.object, 'event');
  assert.equal(event.livemode, false);
  assert.equal(event.api_version, Stripe.API_VERSION);
  assert.equal(event.data.object.name, 'Ada');
  assert.equal(event.request.idempotency_key, 'of-the-event');
  assert.equal(event.request.id, customer.lastResponse.requestId);
  assert.equal(event.pending_webhooks, 0);
  assert.deepEqual(await stripe.events.retrieve(event.id), event);
});

test('an update says what was changed, and only that', async () => {
  const { id } = await stripe.customers.create({ name: 'Ada', metadata: { a: '1' } });
  await stripe.customers.update(id, { name: 'Grace', phone: null });
  const { data } = await stripe.events.list({ type: 'customer.updated' });
  const event = data.find((e) => e.data.object.id === id);
  assert.deepEqual(event.data.previous_attributes, { name: 'Ada' });
  assert.equal(event.data.object.name, 'Grace');
});

test('an invoice’s life is told in its causal order', async () => {
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
  const last = await newest();
  const draft = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', days_until_due: 7 });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1000, currency: 'usd' });
  await stripe.invoices.sendInvoice(draft.id);
  await stripe.invoices.pay(draft.id, { payment_method: 'pm_card_visa' });
  const types = await typesSince(last);
  const order = [
    'invoice.created',
    'invoiceitem.created',
    'invoice.finalized',
    'payment_intent.created',
    'invoice.sent',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
  ];
  assert.deepEqual(types.filter((t) => order.includes(t)), order);
});

test('a failed payment is told as failed and never as paid', async () => {
  const customer = await stripe.customers.create();
  const draft = await stripe.invoices.create({ customer: customer.id });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1000, currency: 'usd' });
  await stripe.invoices.finalizeInvoice(draft.id);
  const last = await newest();
  await refused(stripe.invoices.pay(draft.id, { payment_method: 'pm_card_chargeCustomerFail' }));
  const types = await typesSince(last);
  for (const told of ['charge.failed', 'payment_intent.payment_failed', 'invoice.payment_failed']) {
    assert.ok(types.includes(told), told);
  }
  assert.ok(!types.includes('invoice.paid'));
});

test('events are listed by type, by types and by a star', async () => {
  const { id } = await stripe.customers.create();
  await stripe.customers.del(id);
  const deleted = await stripe.events.list({ type: 'customer.deleted' });
  assert.ok(deleted.data.length > 0);
  assert.ok(deleted.data.every((e) => e.type === 'customer.deleted'));
  const two = await stripe.events.list({ types: ['customer.deleted', 'customer.created'], limit: 2 });
  assert.deepEqual(two.data.map((e) => e.type), ['customer.deleted', 'customer.created']);
  const star = await all(stripe.events.list({ type: 'customer.*', limit: 100 }));
  assert.ok(star.length > 2 && star.every((e) => e.type.startsWith('customer.')));
});

test('a refused request causes no event', async () => {
  const last = await newest();
  await refused(stripe.customers.create({ tax_exempt: 'sometimes' }));
  assert.equal(await newest(), last);
});

test('events page without a gap', async () => {
  for (let i = 0; i < 12; i += 1) await stripe.customers.create({ name: `${i}` });
  const paged = await all(stripe.events.list({ limit: 5, type: 'customer.created' }));
  const whole = await stripe.events.list({ limit: 100, type: 'customer.created' });
  assert.deepEqual(paged.map((e) => e.id), whole.data.map((e) => e.id));
  assert.equal(new Set(paged.map((e) => e.id)).size, paged.length);
});

test('an unknown event is missing', async () => {
  assert.equal((await refused(stripe.events.retrieve('evt_nobody'))).statusCode, 404);
});
