// The payment intents and charges behind invoices.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
let customer;
let invoice;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
  customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
  const draft = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', days_until_due: 7 });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1999, currency: 'usd' });
  invoice = await stripe.invoices.finalizeInvoice(draft.id);
});
after(() => sandbox?.stop());

const paymentOf = async () => (await stripe.invoicePayments.list({ invoice: invoice.id })).data[0];

test('an open invoice waits for its payment intent', async () => {
  const payment = await paymentOf();
  assert.equal(payment.status, 'open');
  assert.equal(payment.amount_requested, 1999);
  assert.equal(payment.is_default, true);
  assert.equal(payment.payment.type, 'payment_intent');
  const intent = await stripe.paymentIntents.retrieve(payment.payment.payment_intent);
  assert.equal(intent.status, 'requires_payment_method');
  assert.equal(intent.amount, 1999);
  assert.equal(intent.currency, 'usd');
  assert.equal(intent.customer, customer.id);
  assert.equal(intent.amount_received, 0);
  assert.equal(intent.latest_charge, null);
  assert.ok(intent.client_secret.startsWith(`${intent.id}_secret_`));
  assert.ok(Array.isArray(intent.payment_method_types));
  assert.ok('allowed_payment_method_types' in intent);
});

test('a decline is recorded as a failed charge', async () => {
  const error = await refused(stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_chargeCustomerFail' }));
  const charge = await stripe.charges.retrieve(error.charge);
  assert.equal(charge.status, 'failed');
  assert.equal(charge.paid, false);
  assert.equal(charge.captured, false);
  assert.equal(charge.failure_code, 'card_declined');
  assert.equal(charge.outcome.type, 'issuer_declined');
  assert.equal(charge.payment_intent, error.payment_intent.id);
});

test('a payment succeeds with a captured charge', async () => {
  await stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_visa' });
  const { payment } = await paymentOf();
  const intent = await stripe.paymentIntents.retrieve(payment.payment_intent, { expand: ['latest_charge', 'payment_method'] });
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.amount_received, 1999);
  assert.equal(intent.last_payment_error, null);
  assert.equal(intent.payment_method.card.last4, '4242');
  const charge = intent.latest_charge;
  assert.equal(charge.object, 'charge');
  assert.equal(charge.status, 'succeeded');
  assert.equal(charge.paid, true);
  assert.equal(charge.captured, true);
  assert.equal(charge.amount_captured, 1999);
  assert.equal(charge.amount_refunded, 0);
  assert.equal(charge.payment_method_details.card.brand, 'visa');
  assert.equal(charge.outcome.type, 'authorized');
});

test('charges and intents are listed by customer and by intent', async () => {
  const { payment } = await paymentOf();
  const intents = await stripe.paymentIntents.list({ customer: customer.id });
  assert.deepEqual(intents.data.map((i) => i.id), [payment.payment_intent]);
  const charges = await stripe.charges.list({ payment_intent: payment.payment_intent });
  assert.deepEqual(charges.data.map((c) => c.status), ['succeeded', 'failed']);
  const mine = await stripe.charges.list({ customer: customer.id });
  assert.deepEqual(mine.data.map((c) => c.id), charges.data.map((c) => c.id));
});

test('a payment intent leads back to its invoice', async () => {
  const { payment } = await paymentOf();
  const found = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: payment.payment_intent },
  });
  assert.deepEqual(found.data.map((p) => p.invoice), [invoice.id]);
});

test('voiding an invoice cancels its payment intent', async () => {
  const draft = await stripe.invoices.create({ customer: customer.id });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 500, currency: 'usd' });
  await stripe.invoices.finalizeInvoice(draft.id);
  await stripe.invoices.voidInvoice(draft.id);
  const [payment] = (await stripe.invoicePayments.list({ invoice: draft.id })).data;
  assert.equal(payment.status, 'canceled');
  const intent = await stripe.paymentIntents.retrieve(payment.payment.payment_intent);
  assert.equal(intent.status, 'canceled');
  assert.equal(intent.cancellation_reason, 'void_invoice');
  assert.ok(intent.canceled_at > 0);
});

test('an unknown intent or charge is missing', async () => {
  assert.equal((await refused(stripe.paymentIntents.retrieve('pi_nobody'))).code, 'resource_missing');
  assert.equal((await refused(stripe.charges.retrieve('ch_nobody'))).code, 'resource_missing');
});
