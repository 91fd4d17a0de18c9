// Invoices and what stands on them: draft, open, paid, void, uncollectible, deleted.

import { ids } from './checks.js';

export async function invoices({ stripe, check, since, sandbox }) {
  const { id: customer, invoice_prefix: prefix } = await stripe.customers.create({
    name: 'Ada',
    email: 'ada@example.com',
    payment_method: 'pm_card_visa',
  });
  await items({ stripe, check, since, customer });
  const make = async (amount, params = {}) => {
    const { id: invoice } = await stripe.invoices.create({
      customer,
      collection_method: 'send_invoice',
      days_until_due: 30,
      ...params,
    });
    if (amount) await stripe.invoiceItems.create({ customer, invoice, amount, currency: 'usd', description: 'Consulting' });
    return stripe.invoices.retrieve(invoice);
  };
  const draft = await make(5000, { metadata: { order: '1' }, description: 'November', footer: 'Thanks' });
  check.has('a draft has no number and adds up', draft, {
    id: /^in_/,
    object: 'invoice',
    status: 'draft',
    number: null,
    customer,
    customer_email: 'ada@example.com',
    billing_reason: 'manual',
    auto_advance: false,
    collection_method: 'send_invoice',
    attempt_count: 0,
    attempted: false,
    subtotal: 5000,
    total: 5000,
    amount_due: 5000,
    amount_paid: 0,
    amount_remaining: 5000,
    currency: 'usd',
    description: 'November',
    footer: 'Thanks',
    metadata: { order: '1' },
    hosted_invoice_url: null,
    status_transitions: { finalized_at: null, paid_at: null },
  });
  const [line] = draft.lines.data;
  check.has('an item is a line', line, {
    id: /^il_/,
    object: 'line_item',
    amount: 5000,
    currency: 'usd',
    description: 'Consulting',
    invoice: draft.id,
  });
  check.has(
    'a line leads to its item',
    line,
    since('basil')
      ? { parent: { invoice_item_details: { invoice_item: /^ii_/ } }, invoice_item: undefined }
      : { invoice_item: /^ii_/, parent: undefined },
  );
  check.has('a draft is changed', await stripe.invoices.update(draft.id, { description: 'December', days_until_due: 14 }), {
    description: 'December',
  });
  const open = await stripe.invoices.finalizeInvoice(draft.id);
  check.has('a final invoice is numbered and open', open, {
    status: 'open',
    number: `${prefix}-0001`,
    hosted_invoice_url: /^http/,
    invoice_pdf: /^http/,
    status_transitions: { finalized_at: (at) => at > 0 },
    due_date: (at) => at > open.created,
  });
  await check.refused('a final invoice is finalized once', stripe.invoices.finalizeInvoice(draft.id), { status: 400 });
  await check.refused(
    'a final invoice takes no items',
    stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 1, currency: 'usd' }),
    { status: 400 },
  );
  await payment({ stripe, check, since, open });
  await endings({ stripe, check, make });
  await listing({ stripe, check, customer });
  await advancing({ stripe, check, sandbox });
}

async function items({ stripe, check, since, customer }) {
  const seats = await stripe.invoiceItems.create({
    customer,
    unit_amount_decimal: '250',
    quantity: 3,
    currency: 'usd',
    description: 'Seats',
  });
  check.has('an item is quantity times unit amount', seats, {
    id: /^ii_/,
    object: 'invoiceitem',
    amount: 750,
    quantity: 3,
    invoice: null,
    proration: false,
  });
  check.has(
    'an item tells its unit amount',
    seats,
    since('basil')
      ? {
          pricing: { type: 'price_details', unit_amount_decimal: (decimal) => String(decimal) === '250' },
          unit_amount: undefined,
          price: undefined,
        }
      : { unit_amount: 250, unit_amount_decimal: '250', pricing: undefined },
  );
  const product = await stripe.products.create({ name: 'Support' });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 400 });
  const priced = await stripe.invoiceItems.create({
    customer,
    quantity: 2,
    ...(since('basil') ? { pricing: { price: price.id } } : { price: price.id }),
  });
  check.has('an item is billed by a price', priced, {
    amount: 800,
    ...(since('basil') ? { pricing: { price_details: { price: price.id, product: product.id } } } : { price: { id: price.id } }),
  });
  const changed = await stripe.invoiceItems.update(seats.id, { quantity: 2, metadata: { a: '1' } });
  check.has('an item is changed while it is pending', changed, { amount: 500, metadata: { a: '1' } });
  check.same('pending items are listed', ids((await stripe.invoiceItems.list({ customer, pending: true })).data), [
    priced.id,
    seats.id,
  ]);
  check.has('an invoice leaves pending items alone', await stripe.invoices.create({ customer }), { total: 0 });
  const taking = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  check.has('an invoice takes pending items when asked', taking, { total: 1300, lines: { data: (lines) => lines.length === 2 } });
  check.same('an item is deleted', await stripe.invoiceItems.del(seats.id), {
    id: seats.id,
    object: 'invoiceitem',
    deleted: true,
  });
  check.has('its line goes with it', await stripe.invoices.retrieve(taking.id), { total: 800 });
  await check.refused('an item needs an amount', stripe.invoiceItems.create({ customer, currency: 'usd' }), {
    status: 400,
    code: 'parameter_missing',
  });
}

/** The payment intent of an invoice, found as the release has it. */
async function intentOf(stripe, since, invoice) {
  if (!since('basil')) return (await stripe.invoices.retrieve(invoice)).payment_intent;
  return (await stripe.invoicePayments.list({ invoice })).data[0].payment.payment_intent;
}

async function payment({ stripe, check, since, open }) {
  const intent = await intentOf(stripe, since, open.id);
  check.has('an open invoice waits for its payment intent', await stripe.paymentIntents.retrieve(intent), {
    status: 'requires_payment_method',
    amount: 5000,
  });
  await check.refused(
    'a declined invoice is a card error',
    stripe.invoices.pay(open.id, { payment_method: 'pm_card_chargeCustomerFail' }),
    { kind: 'CardError', status: 402, code: 'card_declined', payment_intent: { id: intent } },
  );
  check.has('a declined invoice stays open and counts', await stripe.invoices.retrieve(open.id), {
    status: 'open',
    attempted: true,
    attempt_count: 1,
    amount_remaining: 5000,
  });
  const paid = await stripe.invoices.pay(open.id, { payment_method: 'pm_card_visa' });
  check.has('a paid invoice owes nothing', paid, {
    status: 'paid',
    amount_paid: 5000,
    amount_remaining: 0,
    attempt_count: 2,
    status_transitions: { paid_at: (at) => at > 0 },
  });
  check.has(
    'a paid invoice says so as its release does',
    paid,
    since('basil')
      ? { paid: undefined, payment_intent: undefined, charge: undefined, subscription: undefined, parent: null }
      : { paid: true, paid_out_of_band: false, payment_intent: intent, charge: /^ch_/, subscription: null, parent: undefined },
  );
  await check.refused('nothing is paid twice', stripe.invoices.pay(open.id), { status: 400 });
  const { data } = await stripe.charges.list({ payment_intent: intent });
  check.same(
    'both tries are charges',
    data.map((charge) => charge.status),
    ['succeeded', 'failed'],
  );
}

async function endings({ stripe, check, make }) {
  const sent = await stripe.invoices.sendInvoice((await make(1000)).id);
  check.has('sending finalizes a draft', sent, { status: 'open', number: /-0002$/ });
  check.has('an open invoice is voided', await stripe.invoices.voidInvoice(sent.id), {
    status: 'void',
    status_transitions: { voided_at: (at) => at > 0 },
  });
  await check.refused('a void invoice is not paid', stripe.invoices.pay(sent.id), { status: 400 });
  const bad = await stripe.invoices.finalizeInvoice((await make(1000)).id);
  check.has('an open invoice is given up', await stripe.invoices.markUncollectible(bad.id), { status: 'uncollectible' });
  check.has('what was given up can be paid out of band', await stripe.invoices.pay(bad.id, { paid_out_of_band: true }), {
    status: 'paid',
  });
  const draft = await make(1000);
  check.same('a draft is deleted', await stripe.invoices.del(draft.id), { id: draft.id, object: 'invoice', deleted: true });
  await check.refused('an invoice that went out is not deleted', stripe.invoices.del(bad.id), { status: 400 });
  check.has('an invoice over nothing is paid at once', await stripe.invoices.finalizeInvoice((await make(0)).id), {
    status: 'paid',
    total: 0,
  });
  await check.refused(
    'only invoices to be sent are sent',
    stripe.invoices.sendInvoice((await make(0, { collection_method: 'charge_automatically', days_until_due: undefined })).id),
    { status: 400 },
  );
  await check.refused('an invoice to be sent needs a due date', make(0, { days_until_due: undefined }), { status: 400 });
}

async function advancing({ stripe, check, sandbox }) {
  const { id: customer } = await stripe.customers.create({ balance: -300 });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
  const draft = await stripe.invoices.create({ customer, auto_advance: true });
  await stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 1000, currency: 'usd' });
  await sandbox.control('/clock', { advance_ms: 61 * 60_000 });
  const paid = await stripe.invoices.retrieve(draft.id);
  check.has('a draft that advances is charged after an hour', paid, { status: 'paid', attempt_count: 1 });
  check.has('credit is taken off what is due', paid, {
    total: 1000,
    starting_balance: -300,
    ending_balance: 0,
    amount_due: 700,
    amount_paid: 700,
  });
  check.has('the credit is used up', await stripe.customers.retrieve(customer), { balance: 0 });
}

async function listing({ stripe, check, customer }) {
  const statuses = async (params) =>
    (await stripe.invoices.list({ customer, limit: 100, ...params })).data.map((invoice) => invoice.status);
  check.same('invoices are listed by state', await statuses({ status: 'void' }), ['void']);
  check.has(
    'invoices are listed by how they are collected',
    await statuses({ collection_method: 'charge_automatically' }),
    (found) => found.length === 3 && found.every((status) => status === 'draft'),
  );
  const [paid] = (await stripe.invoices.list({ customer, status: 'paid', limit: 100 })).data.filter(
    (invoice) => invoice.total === 5000,
  );
  const lines = await stripe.invoices.listLineItems(paid.id);
  check.has('an invoice’s lines are a list of their own', lines, {
    object: 'list',
    has_more: false,
    data: (data) => data.length === 1 && data[0].amount === 5000,
  });
}
