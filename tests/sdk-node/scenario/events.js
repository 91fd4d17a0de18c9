// Events: what happened, as it was, and what caused it.

export async function events({ stripe, Stripe, check, all }) {
  const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'of-the-event' });
  await stripe.customers.update(customer.id, { name: 'Grace', phone: null });
  const of = async (type, id) => (await stripe.events.list({ type })).data.find((event) => event.data.object.id === id);
  const created = await of('customer.created', customer.id);
  check.has('an event is in the account’s version', created, {
    id: /^evt_/,
    object: 'event',
    livemode: false,
    api_version: /^\d{4}-\d\d-\d\d\.[a-z]+$/,
    pending_webhooks: 0,
  });
  check.has('an event holds the object as it was', created, { data: { object: { id: customer.id, name: 'Ada' } } });
  check.has('an event names the request that caused it', created.request, {
    idempotency_key: 'of-the-event',
    id: customer.lastResponse.requestId,
  });
  check.same('an event reads the same later', await stripe.events.retrieve(created.id), created);
  check.same(
    'an update tells what was changed, and only that',
    (await of('customer.updated', customer.id)).data.previous_attributes,
    { name: 'Ada' },
  );
  await stripe.customers.del(customer.id);
  const two = await stripe.events.list({ types: ['customer.deleted', 'customer.created'], limit: 2 });
  check.same(
    'events are listed by types',
    two.data.map((event) => event.type),
    ['customer.deleted', 'customer.created'],
  );
  const star = await stripe.events.list({ type: 'customer.*', limit: 100 });
  check.has('events are listed by a star', star, {
    data: (data) => data.length > 2 && data.every((event) => event.type.startsWith('customer.')),
  });
  const last = (await stripe.events.list({ limit: 1 })).data[0].id;
  await stripe.customers.create({ tax_exempt: 'sometimes' }).catch((error) => {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
  });
  check.same('a refused request causes no event', (await stripe.events.list({ limit: 1 })).data[0].id, last);
  await stories({ stripe, check, all, last });
  await check.refused('an unknown event is missing', stripe.events.retrieve('evt_nobody'), {
    status: 404,
    code: 'resource_missing',
  });
}

/** What is told in which order. */
async function stories({ stripe, check, all, last }) {
  const since = async (id) => (await all(stripe.events.list({ limit: 100, ending_before: id }))).map((event) => event.type);
  const { id: customer } = await stripe.customers.create({ payment_method: 'pm_card_visa' });
  const draft = await stripe.invoices.create({ customer, collection_method: 'send_invoice', days_until_due: 7 });
  await stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 1000, currency: 'usd' });
  await stripe.invoices.sendInvoice(draft.id);
  await stripe.invoices.pay(draft.id, { payment_method: 'pm_card_visa' });
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
  check.same(
    'an invoice’s life is told in its order',
    (await since(last)).filter((type) => order.includes(type)),
    order,
  );
  const paid = (await stripe.events.list({ type: 'charge.succeeded', limit: 1 })).data[0];
  await stripe.refunds.create({ charge: paid.data.object.id, amount: 100 });
  const refunded = (await stripe.events.list({ type: 'charge.refunded', limit: 1 })).data[0];
  check.has('a refund is told of the charge', refunded.data, {
    object: { object: 'charge', id: paid.data.object.id, amount_refunded: 100 },
  });
  const before = (await stripe.events.list({ limit: 1 })).data[0].id;
  const intent = await stripe.paymentIntents.create({ amount: 1000, currency: 'usd' });
  await stripe.paymentIntents
    .confirm(intent.id, { payment_method: 'pm_card_chargeCustomerFail', return_url: 'https://shop.example/back' })
    .catch(() => {});
  check.same(
    'a failed payment is told as failed',
    (await since(before)).filter((type) => /^(charge|payment_intent)\./.test(type)),
    ['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'],
  );
}
