// Payment methods: test cards attach, belong to one customer, and some are refused.

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

test('attaching a test card makes a payment method of its own', async () => {
  const customer = await stripe.customers.create();
  const first = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const second = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  assert.match(first.id, /^pm_/);
  assert.notEqual(first.id, 'pm_card_visa');
  assert.notEqual(first.id, second.id);
  assert.equal(first.object, 'payment_method');
  assert.equal(first.type, 'card');
  assert.equal(first.customer, customer.id);
  assert.equal(first.card.brand, 'visa');
  assert.equal(first.card.last4, '4242');
  assert.deepEqual(await stripe.paymentMethods.retrieve(first.id), first);
});

test('other brands attach as themselves', async () => {
  const customer = await stripe.customers.create();
  for (const [id, brand, last4] of [
    ['pm_card_mastercard', 'mastercard', '4444'],
    ['pm_card_amex', 'amex', '0005'],
  ]) {
    const { card } = await stripe.paymentMethods.attach(id, { customer: customer.id });
    assert.deepEqual([card.brand, card.last4], [brand, last4]);
  }
});

test('a customer lists what is attached, and no longer what was detached', async () => {
  const customer = await stripe.customers.create();
  const visa = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const amex = await stripe.paymentMethods.attach('pm_card_amex', { customer: customer.id });
  const both = await stripe.customers.listPaymentMethods(customer.id, { type: 'card' });
  assert.deepEqual(both.data.map((m) => m.id), [amex.id, visa.id]);
  const gone = await stripe.paymentMethods.detach(visa.id);
  assert.equal(gone.customer, null);
  const left = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
  assert.deepEqual(left.data.map((m) => m.id), [amex.id]);
});

test('a token becomes a payment method that belongs to nobody yet', async () => {
  const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' }, metadata: { a: '1' } });
  assert.equal(method.customer, null);
  assert.equal(method.card.last4, '4242');
  assert.deepEqual(method.metadata, { a: '1' });
  const customer = await stripe.customers.create();
  const attached = await stripe.paymentMethods.attach(method.id, { customer: customer.id });
  assert.equal(attached.id, method.id);
  assert.equal(attached.customer, customer.id);
});

test('an attached method cannot go to another customer', async () => {
  const [one, two] = [await stripe.customers.create(), await stripe.customers.create()];
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: one.id });
  const error = await refused(stripe.paymentMethods.attach(method.id, { customer: two.id }));
  assert.equal(error.statusCode, 400);
  assert.equal((await stripe.paymentMethods.retrieve(method.id)).customer, one.id);
});

test('an attached method becomes the default for invoices, expandable', async () => {
  const customer = await stripe.customers.create();
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const changed = await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
    expand: ['invoice_settings.default_payment_method'],
  });
  assert.equal(changed.invoice_settings.default_payment_method.id, method.id);
  assert.equal(changed.invoice_settings.default_payment_method.card.last4, '4242');
});

test('a customer can be created with a card', async () => {
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
  const methods = await stripe.customers.listPaymentMethods(customer.id);
  assert.equal(methods.data.length, 1);
  assert.equal(methods.data[0].customer, customer.id);
});

for (const [card, code, declineCode, advice] of [
  ['pm_card_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', 'try_again_later'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'do_not_try_again'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card', 'confirm_card_data'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc', 'confirm_card_data'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error', 'try_again_later'],
]) {
  test(`${card} is declined when attached`, async () => {
    const customer = await stripe.customers.create();
    const error = await refused(stripe.paymentMethods.attach(card, { customer: customer.id }));
    assert.ok(error instanceof Stripe.errors.StripeCardError);
    assert.equal(error.type, 'StripeCardError');
    assert.equal(error.rawType, 'card_error');
    assert.equal(error.statusCode, 402);
    assert.equal(error.code, code);
    assert.equal(error.decline_code, declineCode);
    assert.equal(error.raw.advice_code, advice);
    assert.match(error.requestId, /^req_/);
    assert.deepEqual((await stripe.customers.listPaymentMethods(customer.id)).data, []);
  });
}

test('an unknown payment method is missing', async () => {
  const customer = await stripe.customers.create();
  const error = await refused(stripe.paymentMethods.attach('pm_nobody', { customer: customer.id }));
  assert.equal(error.code, 'resource_missing');
  assert.match(error.message, /^No such PaymentMethod: 'pm_nobody'/);
});

test('a missing customer inside a parameter is a 400', async () => {
  const error = await refused(stripe.paymentMethods.attach('pm_card_visa', { customer: 'cus_nobody' }));
  assert.equal(error.statusCode, 400);
  assert.equal(error.code, 'resource_missing');
  assert.equal(error.param, 'customer');
});

test('a number that is no test card is refused', async () => {
  const card = { number: '4111111111111111', exp_month: 12, exp_year: 2034, cvc: '123' };
  const error = await refused(stripe.paymentMethods.create({ type: 'card', card }));
  assert.equal(error.statusCode, 402);
  assert.ok(!JSON.stringify(error.raw).includes('4111111111111111'));
});
