// Products, prices and subscriptions, from the first invoice to the last word.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { all, refused, startSandbox } from './sandbox.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let sandbox;
let stripe;
let product;
let monthly;
let yearly;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
  product = await stripe.products.create({ name: 'Gold', metadata: { tier: 'gold' } });
  monthly = await stripe.prices.create({
    product: product.id, currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' }, lookup_key: 'gold-monthly',
  });
  yearly = await stripe.prices.create({
    product: product.id, currency: 'usd', unit_amount: 10_000, recurring: { interval: 'year' },
  });
});
after(() => sandbox?.stop());

const advance = (ms) => sandbox.control('/clock', { advance_ms: ms });

/** A customer whose default payment method is this card. */
async function payer(card = 'pm_card_visa') {
  const customer = await stripe.customers.create({ name: 'Ada' });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  return customer.id;
}

async function eventsOf(id) {
  const events = await all(stripe.events.list({ limit: 100 }));
  return events.filter((event) => event.data.object.id === id).map((event) => event.type).reverse();
}

test('products and prices are found by what they are', async () => {
  assert.equal(product.active, true);
  assert.equal(product.type, 'service');
  assert.equal(monthly.type, 'recurring');
  assert.equal(monthly.unit_amount, 1000);
  assert.equal(monthly.recurring.interval_count, 1);
  const byKey = await stripe.prices.list({ lookup_keys: ['gold-monthly'], expand: ['data.product'] });
  assert.equal(byKey.data.length, 1);
  assert.equal(byKey.data[0].product.name, 'Gold');
  const recurring = await stripe.prices.list({ product: product.id, recurring: { interval: 'year' } });
  assert.deepEqual(recurring.data.map((price) => price.id), [yearly.id]);
  const error = await refused(stripe.products.del(product.id));
  assert.equal(error.statusCode, 400);
  const renamed = await stripe.products.update(product.id, { description: 'Everything' });
  assert.equal(renamed.description, 'Everything');
  assert.deepEqual(renamed.metadata, { tier: 'gold' });
  const archived = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount_decimal: '0.5' });
  assert.equal(archived.unit_amount, null);
  assert.equal((await stripe.prices.update(archived.id, { active: false })).active, false);
});

test('a subscription is paid inside the call and renews', async () => {
  const customer = await payer();
  const made = await stripe.subscriptions.create({
    customer, items: [{ price: monthly.id, quantity: 2 }], expand: ['latest_invoice'],
  });
  assert.equal(made.status, 'active');
  assert.equal(made.billing_mode.type, 'flexible');
  assert.equal(made.items.data[0].price.id, monthly.id);
  assert.equal(made.items.data[0].quantity, 2);
  assert.equal(made.current_period_end, undefined);
  assert.equal(made.latest_invoice.status, 'paid');
  assert.equal(made.latest_invoice.amount_paid, 2000);
  assert.equal(made.latest_invoice.billing_reason, 'subscription_create');
  assert.equal(made.latest_invoice.parent.subscription_details.subscription, made.id);
  assert.deepEqual(await eventsOf(made.id), ['customer.subscription.created']);
  await advance(32 * DAY_MS);
  const renewed = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.equal(renewed.latest_invoice.billing_reason, 'subscription_cycle');
  assert.equal(renewed.latest_invoice.status, 'paid');
  assert.equal(renewed.items.data[0].current_period_start, made.items.data[0].current_period_end);
  const invoices = await stripe.invoices.list({ subscription: made.id });
  assert.equal(invoices.data.length, 2);
});

test('a change is prorated, and undone it costs nothing', async () => {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly.id }] });
  const item = made.items.data[0].id;
  await advance(10 * DAY_MS);
  await stripe.subscriptions.update(made.id, { items: [{ id: item, quantity: 7 }] });
  const back = await stripe.subscriptions.update(made.id, { items: [{ id: item, quantity: 1 }] });
  assert.equal(back.items.data[0].quantity, 1);
  const pending = await all(stripe.invoiceItems.list({ customer, pending: true }));
  assert.equal(pending.length, 4);
  assert.ok(pending.every((one) => one.proration && one.parent.subscription_details.subscription === made.id));
  assert.equal(pending.reduce((sum, one) => sum + one.amount, 0), 0);
  const upgraded = await stripe.subscriptions.update(made.id, {
    items: [{ id: item, price: yearly.id }], expand: ['latest_invoice'],
  });
  assert.equal(upgraded.latest_invoice.billing_reason, 'subscription_update');
  assert.equal(upgraded.latest_invoice.status, 'paid');
  assert.ok(upgraded.latest_invoice.amount_paid < 10_000);
  assert.equal(upgraded.items.data[0].plan.interval, 'year');
});

test('a refused card leaves what the payment behavior says', async () => {
  const customer = await payer('pm_card_chargeCustomerFail');
  const params = { customer, items: [{ price: monthly.id }] };
  const error = await refused(stripe.subscriptions.create({ ...params, payment_behavior: 'error_if_incomplete' }));
  assert.equal(error.statusCode, 402);
  assert.equal(error.code, 'card_declined');
  assert.equal((await stripe.subscriptions.list({ customer, status: 'all' })).data.length, 0);
  const left = await stripe.subscriptions.create({
    ...params, payment_behavior: 'default_incomplete', expand: ['latest_invoice.confirmation_secret'],
  });
  assert.equal(left.status, 'incomplete');
  const secret = left.latest_invoice.confirmation_secret.client_secret;
  await stripe.paymentIntents.confirm(secret.split('_secret_')[0], { payment_method: 'pm_card_visa' });
  assert.equal((await stripe.subscriptions.retrieve(left.id)).status, 'active');
  const expires = await stripe.subscriptions.create(params);
  assert.equal(expires.status, 'incomplete');
  await advance(23 * HOUR_MS);
  assert.equal((await stripe.subscriptions.retrieve(expires.id)).status, 'incomplete_expired');
});

test('a trial is told of and paid when it ends', async () => {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly.id }], trial_period_days: 14 });
  assert.equal(made.status, 'trialing');
  assert.equal(made.items.data[0].current_period_end, made.trial_end);
  await advance(12 * DAY_MS);
  assert.deepEqual(await eventsOf(made.id), [
    'customer.subscription.created', 'customer.subscription.trial_will_end',
  ]);
  await advance(2 * DAY_MS + HOUR_MS);
  const paid = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.equal(paid.status, 'active');
  assert.equal(paid.latest_invoice.amount_paid, 1000);
});

test('a renewal that fails is past due and is paid by hand', async () => {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly.id }] });
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.subscriptions.update(made.id, { default_payment_method: bad.id });
  await advance(32 * DAY_MS);
  const due = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.equal(due.status, 'past_due');
  assert.equal(due.latest_invoice.status, 'open');
  assert.ok((await eventsOf(due.latest_invoice.id)).includes('invoice.payment_failed'));
  await stripe.invoices.pay(due.latest_invoice.id, { payment_method: 'pm_card_visa' });
  assert.equal((await stripe.subscriptions.retrieve(made.id)).status, 'active');
});

test('the end comes now or with the period, and is the last word', async () => {
  const customer = await payer();
  const now = await stripe.subscriptions.create({ customer, items: [{ price: monthly.id }] });
  const gone = await stripe.subscriptions.cancel(now.id, { cancellation_details: { feedback: 'unused' }, prorate: true, invoice_now: true });
  assert.equal(gone.status, 'canceled');
  assert.equal(gone.cancellation_details.feedback, 'unused');
  assert.equal((await eventsOf(now.id)).at(-1), 'customer.subscription.deleted');
  assert.equal((await refused(stripe.subscriptions.cancel(now.id))).statusCode, 404);
  const later = await stripe.subscriptions.create({ customer, items: [{ price: monthly.id }], cancel_at_period_end: true });
  assert.equal(later.cancel_at, later.items.data[0].current_period_end);
  assert.deepEqual((await stripe.subscriptions.list({ customer })).data.map((one) => one.id), [later.id]);
  await advance(32 * DAY_MS);
  assert.equal((await stripe.subscriptions.retrieve(later.id)).status, 'canceled');
  assert.equal((await stripe.subscriptions.list({ customer })).data.length, 0);
  assert.equal((await all(stripe.subscriptions.list({ customer, status: 'all', limit: 1 }))).length, 2);
});

test('an invoice item is billed by a price', async () => {
  const customer = await payer();
  const once = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 250 });
  const draft = await stripe.invoices.create({ customer, auto_advance: true });
  const item = await stripe.invoiceItems.create({ customer, invoice: draft.id, pricing: { price: once.id }, quantity: 3 });
  assert.equal(item.amount, 750);
  assert.equal(item.pricing.price_details.price, once.id);
  await advance(HOUR_MS);
  const paid = await stripe.invoices.retrieve(draft.id);
  assert.equal(paid.status, 'paid');
  assert.equal(paid.attempt_count, 1);
});
