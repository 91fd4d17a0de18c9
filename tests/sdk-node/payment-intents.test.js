// Payment intents, refunds and the balance by themselves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { all, refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});
after(() => sandbox?.stop());

const usd = { amount: 2000, currency: 'usd' };

const authenticate = (intent, result) => sandbox.control(`/payment_intents/${intent.id}/authenticate`, { result });

test('an intent is created, given a card and confirmed', async () => {
  const intent = await stripe.paymentIntents.create({ ...usd, metadata: { order: '7' }, allowed_payment_method_types: ['card'] });
  assert.equal(intent.status, 'requires_payment_method');
  assert.deepEqual(intent.allowed_payment_method_types, ['card']);
  const updated = await stripe.paymentIntents.update(intent.id, { payment_method: 'pm_card_visa', description: 'Order 7' });
  assert.equal(updated.status, 'requires_confirmation');
  const paid = await stripe.paymentIntents.confirm(intent.id, { expand: ['latest_charge.balance_transaction'] });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 2000);
  assert.equal(paid.latest_charge.description, 'Order 7');
  assert.equal(paid.latest_charge.balance_transaction.fee, 88);
});

test('a decline is a card error with the intent that it leaves', async () => {
  const error = await refused(
    stripe.paymentIntents.create({ ...usd, confirm: true, payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }),
  );
  assert.equal(error.type, 'StripeCardError');
  assert.equal(error.statusCode, 402);
  assert.equal(error.decline_code, 'insufficient_funds');
  const left = await stripe.paymentIntents.retrieve(error.payment_intent.id);
  assert.equal(left.status, 'requires_payment_method');
  assert.equal(left.last_payment_error.charge, error.charge);
  const paid = await stripe.paymentIntents.confirm(left.id, { payment_method: 'pm_card_mastercard' });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.last_payment_error, null);
});

test('held money is captured in part or released', async () => {
  const hold = { ...usd, capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa' };
  const held = await stripe.paymentIntents.create(hold);
  assert.equal(held.status, 'requires_capture');
  assert.equal(held.amount_capturable, 2000);
  const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1250 });
  assert.equal(taken.status, 'succeeded');
  assert.equal(taken.amount_received, 1250);
  const other = await stripe.paymentIntents.create(hold);
  const gone = await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
  assert.equal(gone.status, 'canceled');
  const charge = await stripe.charges.retrieve(other.latest_charge);
  assert.equal(charge.refunded, true);
  const error = await refused(stripe.paymentIntents.capture(other.id));
  assert.equal(error.type, 'StripeInvalidRequestError');
  assert.equal(error.code, 'payment_intent_unexpected_state');
  assert.equal(error.payment_intent.id, other.id);
});

test('3D Secure waits for the customer, off session it is refused', async () => {
  const card = { ...usd, confirm: true, payment_method: 'pm_card_authenticationRequired' };
  const waits = await stripe.paymentIntents.create({ ...card, return_url: 'https://shop.example/back' });
  assert.equal(waits.status, 'requires_action');
  assert.equal(waits.next_action.type, 'redirect_to_url');
  assert.equal((await authenticate(waits, 'complete')).status, 'succeeded');
  const again = await stripe.paymentIntents.create(card);
  assert.equal((await authenticate(again, 'fail')).status, 'requires_payment_method');
  const error = await refused(stripe.paymentIntents.create({ ...card, off_session: true }));
  assert.equal(error.type, 'StripeCardError');
  assert.equal(error.code, 'authentication_required');
});

test('payment_method_types are refused now and taken by an older version', async () => {
  const error = await refused(stripe.paymentIntents.create({ ...usd, payment_method_types: ['card'] }));
  assert.equal(error.code, 'payment_method_types_no_longer_supported');
  const older = await stripe.paymentIntents.create({ ...usd, payment_method_types: ['card'] }, { apiVersion: '2026-03-25.dahlia' });
  assert.deepEqual(older.payment_method_types, ['card']);
});

test('a refund gives back what is left and no more', async () => {
  const intent = await stripe.paymentIntents.create({ ...usd, confirm: true, payment_method: 'pm_card_visa' });
  const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 500, reason: 'requested_by_customer' });
  assert.equal(part.status, 'succeeded');
  const error = await refused(stripe.refunds.create({ payment_intent: intent.id, amount: 1501 }));
  assert.equal(error.param, 'amount');
  const rest = await stripe.refunds.create({ charge: intent.latest_charge, metadata: { why: 'late' } });
  assert.equal(rest.amount, 1500);
  assert.equal((await refused(stripe.refunds.create({ charge: intent.latest_charge }))).code, 'charge_already_refunded');
  const listed = await stripe.refunds.list({ payment_intent: intent.id });
  assert.deepEqual(listed.data.map((refund) => refund.amount), [1500, 500]);
  const types = (await stripe.events.list({ types: ['charge.refunded', 'refund.created'], limit: 4 })).data;
  assert.equal(types.filter((event) => event.type === 'charge.refunded')[0].data.object.object, 'charge');
});

test('the balance is a list of currencies and its transactions have fees', async () => {
  const charge = (await stripe.paymentIntents.create({ amount: 25000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' })).latest_charge;
  const [landed] = (await stripe.balanceTransactions.list({ source: charge })).data;
  assert.equal(landed.fee, 755);
  assert.equal(landed.net, 24245);
  assert.equal(landed.status, 'pending');
  const balance = await stripe.balance.retrieve();
  assert.ok(Array.isArray(balance.available) && Array.isArray(balance.pending));
  const nets = (await all(stripe.balanceTransactions.list({ limit: 2 }))).map((transaction) => transaction.net);
  const sum = (list) => list.filter((entry) => entry.currency === 'usd').reduce((total, entry) => total + entry.amount, 0);
  assert.equal(sum(balance.available) + sum(balance.pending), nets.reduce((total, net) => total + net, 0));
});

test('amounts that a currency does not have are refused', async () => {
  const code = async (amount, currency) => (await refused(stripe.paymentIntents.create({ amount, currency }))).code;
  assert.equal(await code(49, 'usd'), 'amount_too_small');
  assert.equal(await code(100_000_000, 'usd'), 'amount_too_large');
  assert.equal(await code(0, 'usd'), 'parameter_invalid_integer');
  assert.equal(await code(1234, 'kwd'), 'parameter_invalid_integer');
  assert.equal((await stripe.paymentIntents.create({ amount: 1999, currency: 'JPY' })).currency, 'jpy');
});
