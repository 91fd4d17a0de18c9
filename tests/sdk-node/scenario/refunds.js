// Refunds: in part, the rest, and no more than that; charges.

import { ids } from './checks.js';

export async function refunds({ stripe, check }) {
  const intent = await stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    confirm: true,
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/back',
  });
  const charge = intent.latest_charge;
  const part = await stripe.refunds.create({
    payment_intent: intent.id,
    amount: 500,
    reason: 'requested_by_customer',
    metadata: { ticket: '9' },
  });
  check.has('part of a payment is refunded', part, {
    id: /^re_/,
    object: 'refund',
    status: 'succeeded',
    amount: 500,
    currency: 'usd',
    charge,
    payment_intent: intent.id,
    reason: 'requested_by_customer',
    metadata: { ticket: '9' },
    balance_transaction: /^txn_/,
  });
  check.has('the charge says how much', await stripe.charges.retrieve(charge), { amount_refunded: 500, refunded: false });
  await check.refused('no more than is left is refunded', stripe.refunds.create({ charge, amount: 1501 }), {
    status: 400,
    param: 'amount',
  });
  const rest = await stripe.refunds.create({ charge });
  check.has('without an amount the rest is refunded', rest, { amount: 1500, reason: null });
  check.has('the charge is refunded as a whole', await stripe.charges.retrieve(charge), {
    amount_refunded: 2000,
    refunded: true,
  });
  await check.refused('nothing is refunded twice', stripe.refunds.create({ payment_intent: intent.id }), {
    status: 400,
    code: 'charge_already_refunded',
  });
  check.same('refunds are listed by intent', ids((await stripe.refunds.list({ payment_intent: intent.id })).data), [
    rest.id,
    part.id,
  ]);
  check.same('refunds are listed by charge', ids((await stripe.refunds.list({ charge, limit: 1 })).data), [rest.id]);
  check.has('a refund’s metadata changes', await stripe.refunds.update(part.id, { metadata: { ticket: '10' } }), {
    id: part.id,
    metadata: { ticket: '10' },
  });
  await check.refused('a refund is of something', stripe.refunds.create({ amount: 1 }), { status: 400 });
  const given = await stripe.balanceTransactions.retrieve(part.balance_transaction);
  check.has('a refund costs no fee', given, { type: 'refund', amount: -500, fee: 0, net: -500, source: part.id });
  check.has('a charge takes a description', await stripe.charges.update(charge, { description: 'Order 8' }), {
    description: 'Order 8',
  });
}
