// Payment intents: confirm, decline, hold and capture, cancel, 3D Secure.

import { ids } from './checks.js';

const USD = { amount: 2000, currency: 'usd' };
const PAID = { ...USD, confirm: true, payment_method: 'pm_card_visa', return_url: 'https://shop.example/back' };

export async function paymentIntents({ stripe, check, sandbox, since }) {
  const intent = await stripe.paymentIntents.create({ ...USD, metadata: { order: '7' }, receipt_email: 'ada@example.com' });
  check.has('an intent waits for a payment method', intent, {
    id: /^pi_/,
    object: 'payment_intent',
    status: 'requires_payment_method',
    amount: 2000,
    amount_received: 0,
    amount_capturable: 0,
    currency: 'usd',
    capture_method: 'automatic_async',
    confirmation_method: 'automatic',
    latest_charge: null,
    last_payment_error: null,
    livemode: false,
    metadata: { order: '7' },
    receipt_email: 'ada@example.com',
    payment_method_types: (types) => types.includes('card'),
    client_secret: (secret) => secret.startsWith(`${intent.id}_secret_`),
  });
  const changed = await stripe.paymentIntents.update(intent.id, {
    amount: 2500,
    payment_method: 'pm_card_visa',
    description: 'Order 7',
  });
  check.has('an intent with a method waits for confirmation', changed, {
    status: 'requires_confirmation',
    amount: 2500,
    description: 'Order 7',
  });
  const paid = await stripe.paymentIntents.confirm(intent.id, {
    return_url: 'https://shop.example/back',
    expand: ['latest_charge'],
  });
  check.has('a confirmed intent has succeeded', paid, { status: 'succeeded', amount_received: 2500, next_action: null });
  check.has('its charge has what the intent had', paid.latest_charge, {
    object: 'charge',
    status: 'succeeded',
    paid: true,
    captured: true,
    amount: 2500,
    amount_captured: 2500,
    amount_refunded: 0,
    refunded: false,
    description: 'Order 7',
    metadata: { order: '7' },
    payment_intent: intent.id,
    receipt_email: 'ada@example.com',
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
    outcome: { type: 'authorized', network_status: 'approved_by_network' },
  });
  check.has(
    'an intent and its charge tell of an invoice before basil',
    paid,
    since('basil')
      ? { invoice: undefined, latest_charge: { invoice: undefined } }
      : { invoice: null, latest_charge: { invoice: null } },
  );
  await check.refused('a paid intent is not canceled', stripe.paymentIntents.cancel(intent.id), {
    kind: 'InvalidRequestError',
    status: 400,
    code: 'payment_intent_unexpected_state',
    payment_intent: { id: intent.id, status: 'succeeded' },
  });
  const { data } = await stripe.charges.list({ payment_intent: intent.id });
  check.same(
    'charges are listed by their intent',
    data.map((charge) => charge.id),
    [paid.latest_charge.id],
  );
  await methodTypes({ stripe, check, since });
  await declines({ stripe, check });
  await holds({ stripe, check });
  await authentication({ stripe, check, sandbox });
  await amounts({ stripe, check });
  await keeping({ stripe, check });
}

async function methodTypes({ stripe, check, since }) {
  const name = 'methods are chosen by the parameter of the release';
  if (since('endive')) {
    await check.refused(name, stripe.paymentIntents.create({ ...USD, payment_method_types: ['card'] }), {
      code: 'payment_method_types_no_longer_supported',
    });
  } else {
    check.has(name, await stripe.paymentIntents.create({ ...USD, payment_method_types: ['card'] }), {
      payment_method_types: ['card'],
    });
  }
}

async function declines({ stripe, check }) {
  const error = await check.refused(
    'a decline is a card error with its reason',
    stripe.paymentIntents.create({ ...PAID, payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }),
    {
      kind: 'CardError',
      status: 402,
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      charge: /^ch_/,
    },
  );
  const left = await stripe.paymentIntents.retrieve(error.payment_intent.id);
  check.has('a decline leaves an intent that tells of it', left, {
    status: 'requires_payment_method',
    latest_charge: error.charge,
    last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds', charge: error.charge },
  });
  check.has('a declined charge has failed', await stripe.charges.retrieve(error.charge), {
    status: 'failed',
    paid: false,
    captured: false,
    failure_code: 'card_declined',
    outcome: { type: 'issuer_declined' },
  });
  const paid = await stripe.paymentIntents.confirm(left.id, {
    payment_method: 'pm_card_mastercard',
    return_url: 'https://shop.example/back',
  });
  check.has('another card pays a declined intent', paid, { status: 'succeeded', last_payment_error: null });
}

async function holds({ stripe, check }) {
  const hold = { ...PAID, capture_method: 'manual' };
  const held = await stripe.paymentIntents.create(hold);
  check.has('money is held', held, { status: 'requires_capture', amount_capturable: 2000, amount_received: 0 });
  await check.refused('more than was held is not captured', stripe.paymentIntents.capture(held.id, { amount_to_capture: 2001 }), {
    status: 400,
    param: 'amount_to_capture',
  });
  const part = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1250 });
  check.has('part of it is captured and the rest let go', part, {
    status: 'succeeded',
    amount_received: 1250,
    amount_capturable: 0,
  });
  check.has('what was let go is refunded on the charge', await stripe.charges.retrieve(part.latest_charge), {
    amount_captured: 1250,
    amount_refunded: 750,
  });
  const whole = await stripe.paymentIntents.capture((await stripe.paymentIntents.create(hold)).id);
  check.has('without an amount all of it is captured', whole, { status: 'succeeded', amount_received: 2000 });
  const other = await stripe.paymentIntents.create(hold);
  const gone = await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
  check.has('a canceled hold says why', gone, {
    status: 'canceled',
    cancellation_reason: 'abandoned',
    canceled_at: (at) => at > 0,
    amount_capturable: 0,
  });
  await check.refused('a canceled hold is not captured', stripe.paymentIntents.capture(other.id), {
    code: 'payment_intent_unexpected_state',
    payment_intent: { id: other.id },
  });
}

async function authentication({ stripe, check, sandbox }) {
  const authenticate = (intent, result) => sandbox.control(`/payment_intents/${intent.id}/authenticate`, { result });
  const card = { ...PAID, payment_method: 'pm_card_authenticationRequired' };
  const waits = await stripe.paymentIntents.create(card);
  check.has('3D Secure sends the customer away', waits, {
    status: 'requires_action',
    next_action: { type: 'redirect_to_url', redirect_to_url: { url: /^http/, return_url: 'https://shop.example/back' } },
  });
  await authenticate(waits, 'complete');
  check.has('who authenticates has paid', await stripe.paymentIntents.retrieve(waits.id), {
    status: 'succeeded',
    next_action: null,
  });
  const fails = await stripe.paymentIntents.create(card);
  await authenticate(fails, 'fail');
  check.has('who does not has to pay anew', await stripe.paymentIntents.retrieve(fails.id), {
    status: 'requires_payment_method',
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  });
  await check.refused('off session nobody can authenticate', stripe.paymentIntents.create({ ...card, off_session: true }), {
    kind: 'CardError',
    status: 402,
    code: 'authentication_required',
  });
  await check.refused(
    'authentication can be refused beforehand',
    stripe.paymentIntents.create({ ...card, error_on_requires_action: true }),
    { kind: 'CardError', code: 'authentication_required', decline_code: 'authentication_not_handled' },
  );
}

async function keeping({ stripe, check }) {
  const { id: customer } = await stripe.customers.create();
  const methods = async () => (await stripe.customers.listPaymentMethods(customer)).data;
  await stripe.paymentIntents.create({ ...PAID, customer });
  check.same('a method that pays once is not kept', await methods(), []);
  const paid = await stripe.paymentIntents.create({ ...PAID, customer, setup_future_usage: 'off_session' });
  check.same('a method is kept for later when asked', ids(await methods()), [paid.payment_method]);
  const later = await stripe.paymentIntents.create({
    ...USD,
    customer,
    confirm: true,
    payment_method: paid.payment_method,
    off_session: true,
  });
  check.has('what was kept pays off session', later, { status: 'succeeded', payment_method: paid.payment_method });
  const { data } = await stripe.paymentIntents.list({ customer, limit: 2 });
  check.same('intents are listed by customer', ids(data), [later.id, paid.id]);
}

async function amounts({ stripe, check }) {
  const refused = (name, amount, currency, parts) =>
    check.refused(name, stripe.paymentIntents.create({ amount, currency }), parts);
  await refused('less than a currency’s minimum is refused', 49, 'usd', { code: 'amount_too_small', param: 'amount' });
  await refused('nine digits are refused', 100_000_000, 'usd', { code: 'amount_too_large', param: 'amount' });
  await refused('nothing is no amount', 0, 'usd', { code: 'parameter_invalid_integer', param: 'amount' });
  await refused('three decimals end in zero', 1234, 'kwd', { code: 'parameter_invalid_integer' });
  await refused('an unknown currency is refused', 1000, 'zzz', { param: 'currency' });
  check.has(
    'a currency without decimals and in capitals is taken',
    await stripe.paymentIntents.create({ amount: 1999, currency: 'JPY' }),
    { amount: 1999, currency: 'jpy' },
  );
}
