// Payment methods: test cards, whose they are, and those that are refused.

import { ids } from './checks.js';

export async function paymentMethods({ stripe, check }) {
  const { id: customer } = await stripe.customers.create();
  const visa = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  check.has('a test card is attached as a payment method of its own', visa, {
    id: (id) => /^pm_/.test(id) && id !== 'pm_card_visa',
    object: 'payment_method',
    type: 'card',
    customer,
    card: { brand: 'visa', last4: '4242' },
  });
  const amex = await stripe.paymentMethods.attach('pm_card_amex', { customer });
  check.has('another brand is attached as itself', amex.card, { brand: 'amex', last4: '0005' });
  check.same('a customer’s methods are listed, newest first', ids((await stripe.customers.listPaymentMethods(customer)).data), [
    amex.id,
    visa.id,
  ]);
  check.same(
    'methods are listed by customer and type',
    ids((await stripe.paymentMethods.list({ customer, type: 'card' })).data),
    [amex.id, visa.id],
  );
  const billed = await stripe.paymentMethods.update(visa.id, { billing_details: { name: 'Ada' }, metadata: { a: '1' } });
  check.has('a method takes billing details', billed, { billing_details: { name: 'Ada' }, metadata: { a: '1' } });
  const paying = await stripe.customers.update(customer, {
    invoice_settings: { default_payment_method: visa.id },
    expand: ['invoice_settings.default_payment_method'],
  });
  check.has('a method becomes the default and is expanded', paying.invoice_settings.default_payment_method, {
    id: visa.id,
    card: { last4: '4242' },
  });
  check.has('a detached method is nobody’s', await stripe.paymentMethods.detach(amex.id), { id: amex.id, customer: null });
  check.same('a detached method is listed no longer', ids((await stripe.customers.listPaymentMethods(customer)).data), [visa.id]);
  const token = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
  check.has('a token becomes a method', token, { customer: null, card: { last4: '4242' } });
  await refusals({ stripe, check, customer, visa });
}

async function refusals({ stripe, check, customer, visa }) {
  const other = await stripe.customers.create();
  await check.refused(
    'an attached method goes to no other customer',
    stripe.paymentMethods.attach(visa.id, { customer: other.id }),
    { status: 400 },
  );
  await check.refused(
    'a declined card is refused when it is attached',
    stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }),
    {
      kind: 'CardError',
      status: 402,
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      requestId: /^req_/,
    },
  );
  await check.refused(
    'an expired card says so',
    stripe.paymentMethods.attach('pm_card_chargeDeclinedExpiredCard', { customer }),
    { kind: 'CardError', code: 'expired_card', param: 'exp_month' },
  );
  await check.refused('an unknown method is missing', stripe.paymentMethods.attach('pm_nobody', { customer }), {
    code: 'resource_missing',
    message: /^No such PaymentMethod: 'pm_nobody'/,
  });
  await check.refused(
    'a missing customer in a parameter is a 400',
    stripe.paymentMethods.attach('pm_card_visa', { customer: 'cus_nobody' }),
    { status: 400, code: 'resource_missing', param: 'customer' },
  );
}
