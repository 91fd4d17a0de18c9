// Invoices: draft, open, paid, void, uncollectible; their lines, lists and expansions.

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

const customerWith = async (card) => {
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  if (!card) return customer;
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
};

/** A draft of this amount, of a customer who pays by invoice. */
const draft = async (amount = 5000, customer) => {
  const owner = customer ?? (await customerWith());
  const invoice = await stripe.invoices.create({
    customer: owner.id,
    collection_method: 'send_invoice',
    days_until_due: 30,
  });
  await stripe.invoiceItems.create({ customer: owner.id, invoice: invoice.id, amount, currency: 'usd' });
  return stripe.invoices.retrieve(invoice.id);
};

const open = async (amount, customer) => stripe.invoices.finalizeInvoice((await draft(amount, customer)).id);

test('a new invoice is an empty draft with Stripe’s defaults', async () => {
  const customer = await customerWith();
  const invoice = await stripe.invoices.create({ customer: customer.id });
  assert.match(invoice.id, /^in_/);
  assert.equal(invoice.status, 'draft');
  assert.equal(invoice.number, null);
  assert.equal(invoice.auto_advance, false);
  assert.equal(invoice.billing_reason, 'manual');
  assert.equal(invoice.collection_method, 'charge_automatically');
  assert.equal(invoice.attempt_count, 0);
  assert.equal(invoice.total, 0);
  assert.equal(invoice.currency, 'usd');
  assert.equal(invoice.customer, customer.id);
  assert.equal(invoice.customer_email, 'ada@example.com');
  assert.equal(invoice.hosted_invoice_url, null);
  assert.deepEqual(invoice.lines.data, []);
  assert.equal(invoice.parent, null);
  for (const gone of ['payment_intent', 'charge', 'paid', 'subscription']) assert.ok(!(gone in invoice), gone);
});

test('pending items stay pending unless asked for', async () => {
  const customer = await customerWith();
  const item = await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: 'usd' });
  assert.equal(item.invoice, null);
  assert.equal((await stripe.invoices.create({ customer: customer.id })).total, 0);
  const taking = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' });
  assert.equal(taking.total, 700);
  assert.equal((await stripe.invoiceItems.retrieve(item.id)).invoice, taking.id);
});

test('an item joins its draft as a line and raises its sums', async () => {
  const invoice = await draft(5000);
  assert.equal(invoice.subtotal, 5000);
  assert.equal(invoice.total, 5000);
  assert.equal(invoice.amount_due, 5000);
  assert.equal(invoice.amount_remaining, 5000);
  assert.equal(invoice.lines.data.length, 1);
  const [line] = invoice.lines.data;
  assert.match(line.id, /^il_/);
  assert.equal(line.object, 'line_item');
  assert.equal(line.amount, 5000);
  assert.equal(line.invoice, invoice.id);
  assert.match(line.parent.invoice_item_details.invoice_item, /^ii_/);
});

test('quantity and unit amount multiply', async () => {
  const customer = await customerWith();
  const item = await stripe.invoiceItems.create({
    customer: customer.id,
    unit_amount_decimal: '250',
    quantity: 3,
    currency: 'usd',
    description: 'Seats',
  });
  assert.equal(item.object, 'invoiceitem');
  assert.equal(item.amount, 750);
  assert.equal(item.quantity, 3);
  assert.equal(String(item.pricing.unit_amount_decimal), '250');
});

test('items are updated, listed by pending and deleted', async () => {
  const customer = await customerWith();
  const item = await stripe.invoiceItems.create({ customer: customer.id, amount: 100, currency: 'usd' });
  const changed = await stripe.invoiceItems.update(item.id, { amount: 200, metadata: { a: '1' } });
  assert.equal(changed.amount, 200);
  assert.deepEqual(changed.metadata, { a: '1' });
  const pending = await stripe.invoiceItems.list({ customer: customer.id, pending: true });
  assert.deepEqual(pending.data.map((i) => i.id), [item.id]);
  assert.deepEqual((await stripe.invoiceItems.list({ customer: customer.id, pending: false })).data, []);
  assert.deepEqual(await stripe.invoiceItems.del(item.id), { id: item.id, object: 'invoiceitem', deleted: true });
  assert.equal((await refused(stripe.invoiceItems.retrieve(item.id))).code, 'resource_missing');
});

test('a negative item lowers the total', async () => {
  const customer = await customerWith();
  const invoice = await draft(1000, customer);
  await stripe.invoiceItems.create({ customer: customer.id, invoice: invoice.id, amount: -300, currency: 'usd' });
  assert.equal((await stripe.invoices.retrieve(invoice.id)).total, 700);
});

test('an item without an amount or in an unknown currency is refused', async () => {
  const customer = await customerWith();
  const missing = await refused(stripe.invoiceItems.create({ customer: customer.id, currency: 'usd' }));
  assert.ok(missing instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal(missing.code, 'parameter_missing');
  const unknown = await refused(stripe.invoiceItems.create({ customer: customer.id, amount: 1, currency: 'zzz' }));
  assert.equal(unknown.param, 'currency');
});

test('finalizing numbers the invoice, opens it and makes its payment intent', async () => {
  const customer = await customerWith();
  const invoice = await open(5000, customer);
  assert.equal(invoice.status, 'open');
  assert.equal(invoice.number, `${customer.invoice_prefix}-0001`);
  assert.ok(invoice.status_transitions.finalized_at > 0);
  assert.ok(invoice.effective_at > 0);
  assert.match(invoice.hosted_invoice_url, /^http/);
  assert.match(invoice.invoice_pdf, /^http/);
  assert.ok(!('payments' in invoice), 'payments only when expanded');
  const second = await open(100, customer);
  assert.equal(second.number, `${customer.invoice_prefix}-0002`);
});

test('an invoice of nothing is paid by finalizing it', async () => {
  const customer = await customerWith();
  const invoice = await stripe.invoices.create({ customer: customer.id });
  const paid = await stripe.invoices.finalizeInvoice(invoice.id);
  assert.equal(paid.status, 'paid');
  assert.equal(paid.amount_paid, 0);
});

test('finalizing twice is refused and changes nothing', async () => {
  const invoice = await open();
  const error = await refused(stripe.invoices.finalizeInvoice(invoice.id));
  assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal(error.code, 'invoice_not_editable');
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'open');
});

test('sending finalizes a draft and leaves it open', async () => {
  const sent = await stripe.invoices.sendInvoice((await draft()).id);
  assert.equal(sent.status, 'open');
  assert.match(sent.number, /-0001$/);
  assert.equal((await stripe.invoices.sendInvoice(sent.id)).number, sent.number);
});

test('an invoice that charges automatically cannot be sent', async () => {
  const customer = await customerWith();
  const invoice = await stripe.invoices.create({ customer: customer.id });
  const error = await refused(stripe.invoices.sendInvoice(invoice.id));
  assert.equal(error.statusCode, 400);
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'draft');
});

test('send_invoice needs a due date, and charge_automatically has none', async () => {
  const customer = await customerWith();
  const none = await refused(stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice' }));
  assert.equal(none.statusCode, 400);
  const both = await refused(stripe.invoices.create({ customer: customer.id, days_until_due: 3 }));
  assert.equal(both.statusCode, 400);
  const due = Math.floor(Date.now() / 1000) + 86_400;
  const set = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', due_date: due });
  assert.equal(set.due_date, due);
});

test('paying with the customer’s default card settles the invoice', async () => {
  const customer = await customerWith('pm_card_visa');
  const invoice = await open(5000, customer);
  const paid = await stripe.invoices.pay(invoice.id);
  assert.equal(paid.status, 'paid');
  assert.equal(paid.amount_paid, 5000);
  assert.equal(paid.amount_remaining, 0);
  assert.equal(paid.attempted, true);
  assert.equal(paid.attempt_count, 1);
  assert.ok(paid.status_transitions.paid_at > 0);
});

test('paying a draft finalizes it first', async () => {
  const invoice = await draft(900, await customerWith('pm_card_visa'));
  const paid = await stripe.invoices.pay(invoice.id);
  assert.equal(paid.status, 'paid');
  assert.match(paid.number, /-0001$/);
});

test('paying out of band charges nobody', async () => {
  const customer = await customerWith();
  const invoice = await open(5000, customer);
  const paid = await stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
  assert.equal(paid.status, 'paid');
  assert.equal(paid.attempt_count, 0);
  assert.deepEqual((await stripe.charges.list({ customer: customer.id })).data, []);
});

test('paying twice is refused', async () => {
  const invoice = await open(5000, await customerWith('pm_card_visa'));
  await stripe.invoices.pay(invoice.id);
  const error = await refused(stripe.invoices.pay(invoice.id));
  assert.equal(error.statusCode, 400);
  assert.match(error.message, /already paid/);
});

test('paying without any method says so', async () => {
  const error = await refused(stripe.invoices.pay((await open()).id));
  assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal((await stripe.customers.list({ limit: 1 })).data.length, 1);
});

test('a declined payment is a card error and leaves the invoice open', async () => {
  const invoice = await open(5000);
  const error = await refused(stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_chargeCustomerFail' }));
  assert.ok(error instanceof Stripe.errors.StripeCardError);
  assert.equal(error.statusCode, 402);
  assert.equal(error.code, 'card_declined');
  assert.equal(error.decline_code, 'generic_decline');
  assert.match(error.charge, /^ch_/);
  assert.equal(error.payment_intent.status, 'requires_payment_method');
  assert.equal(error.payment_intent.last_payment_error.code, 'card_declined');
  const after = await stripe.invoices.retrieve(invoice.id);
  assert.equal(after.status, 'open');
  assert.equal(after.attempt_count, 1);
  assert.equal(after.attempted, true);
});

test('after a decline a good card pays the same invoice', async () => {
  const invoice = await open(5000);
  await refused(stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_chargeCustomerFail' }));
  const paid = await stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'paid');
  assert.equal(paid.attempt_count, 2);
});

test('a card that asks for authentication needs an action', async () => {
  const invoice = await open(5000);
  const error = await refused(stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_authenticationRequired' }));
  assert.ok(error instanceof Stripe.errors.StripeCardError);
  assert.equal(error.code, 'invoice_payment_intent_requires_action');
  assert.equal(error.payment_intent.status, 'requires_action');
});

test('voiding is for open invoices, for good', async () => {
  const invoice = await open();
  const voided = await stripe.invoices.voidInvoice(invoice.id);
  assert.equal(voided.status, 'void');
  assert.ok(voided.status_transitions.voided_at > 0);
  assert.equal((await refused(stripe.invoices.pay(invoice.id, { payment_method: 'pm_card_visa' }))).statusCode, 400);
  assert.equal((await refused(stripe.invoices.voidInvoice(invoice.id))).statusCode, 400);
  assert.equal((await refused(stripe.invoices.voidInvoice((await draft()).id))).statusCode, 400);
});

test('an uncollectible invoice can still be paid', async () => {
  const invoice = await open(5000, await customerWith('pm_card_visa'));
  const written = await stripe.invoices.markUncollectible(invoice.id);
  assert.equal(written.status, 'uncollectible');
  assert.equal((await stripe.invoices.pay(invoice.id)).status, 'paid');
});

test('a draft can be updated and deleted, an open invoice neither', async () => {
  const invoice = await draft();
  const changed = await stripe.invoices.update(invoice.id, { description: 'March', metadata: { po: '7' } });
  assert.equal(changed.description, 'March');
  assert.deepEqual(changed.metadata, { po: '7' });
  assert.deepEqual(await stripe.invoices.del(invoice.id), { id: invoice.id, object: 'invoice', deleted: true });
  assert.equal((await refused(stripe.invoices.retrieve(invoice.id))).statusCode, 404);
  const opened = await open();
  assert.equal((await refused(stripe.invoices.update(opened.id, { description: 'x' }))).code, 'invoice_not_editable');
  assert.equal((await refused(stripe.invoices.del(opened.id))).statusCode, 400);
  assert.equal((await stripe.invoices.update(opened.id, { metadata: { late: 'ok' } })).metadata.late, 'ok');
});

test('lists filter by customer, status and collection method', async () => {
  const customer = await customerWith('pm_card_visa');
  const drafted = await draft(100, customer);
  const opened = await open(200, customer);
  const paid = await stripe.invoices.pay((await open(300, customer)).id);
  const automatic = await stripe.invoices.create({ customer: customer.id });
  const ids = async (filter) => (await stripe.invoices.list({ customer: customer.id, ...filter })).data.map((i) => i.id);
  assert.deepEqual(await ids({}), [automatic.id, paid.id, opened.id, drafted.id]);
  assert.deepEqual(await ids({ status: 'draft' }), [automatic.id, drafted.id]);
  assert.deepEqual(await ids({ status: 'open' }), [opened.id]);
  assert.deepEqual(await ids({ status: 'paid' }), [paid.id]);
  assert.deepEqual(await ids({ status: 'void' }), []);
  assert.deepEqual(await ids({ collection_method: 'charge_automatically' }), [automatic.id]);
  assert.deepEqual(await ids({ due_date: { gt: drafted.due_date + 1000 } }), []);
  const wrong = await refused(stripe.invoices.list({ status: 'lost' }));
  assert.equal(wrong.param, 'status');
});

test('lines page on their own', async () => {
  const customer = await customerWith();
  const invoice = await stripe.invoices.create({ customer: customer.id });
  for (let i = 1; i <= 13; i += 1) {
    await stripe.invoiceItems.create({ customer: customer.id, invoice: invoice.id, amount: i, currency: 'usd' });
  }
  const read = await stripe.invoices.retrieve(invoice.id);
  assert.equal(read.total, (13 * 14) / 2);
  assert.equal(read.lines.data.length, 10);
  assert.equal(read.lines.has_more, true);
  assert.equal(read.lines.url, `/v1/invoices/${invoice.id}/lines`);
  const lines = await all(stripe.invoices.listLineItems(invoice.id, { limit: 5 }));
  assert.deepEqual(lines.map((l) => l.amount).sort((a, b) => a - b), Array.from({ length: 13 }, (_, i) => i + 1));
});

test('expand works on create, retrieve and list', async () => {
  const customer = await customerWith();
  const made = await stripe.invoices.create({ customer: customer.id, expand: ['customer'] });
  assert.equal(made.customer.id, customer.id);
  assert.equal(made.customer.email, 'ada@example.com');
  assert.equal((await stripe.invoices.retrieve(made.id)).customer, customer.id);
  assert.equal((await stripe.invoices.retrieve(made.id, { expand: ['customer'] })).customer.name, 'Ada');
  const listed = await stripe.invoices.list({ customer: customer.id, expand: ['data.customer'] });
  assert.equal(listed.data[0].customer.name, 'Ada');
});

test('a path that cannot be expanded is refused', async () => {
  const invoice = await open();
  for (const path of ['payment_intent', 'nonsense', 'customer.nonsense', 'status']) {
    const error = await refused(stripe.invoices.retrieve(invoice.id, { expand: [path] }));
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError, path);
    assert.match(error.message, /cannot be expanded/, path);
  }
});

test('payments and the confirmation secret appear when expanded', async () => {
  const invoice = await open(5000, await customerWith('pm_card_visa'));
  await stripe.invoices.pay(invoice.id);
  const read = await stripe.invoices.retrieve(invoice.id, {
    expand: ['payments.data.payment.payment_intent', 'confirmation_secret'],
  });
  assert.equal(read.payments.data.length, 1);
  const [payment] = read.payments.data;
  assert.equal(payment.object, 'invoice_payment');
  assert.equal(payment.status, 'paid');
  assert.equal(payment.amount_paid, 5000);
  assert.equal(payment.payment.payment_intent.status, 'succeeded');
  assert.ok(read.confirmation_secret.client_secret.startsWith(payment.payment.payment_intent.id));
});

test('the customer is required and has to exist', async () => {
  const none = await refused(stripe.invoices.create({}));
  assert.equal(none.code, 'parameter_missing');
  assert.equal(none.param, 'customer');
  const unknown = await refused(stripe.invoices.create({ customer: 'cus_nobody' }));
  assert.equal(unknown.statusCode, 400);
  assert.equal(unknown.code, 'resource_missing');
  assert.equal(unknown.param, 'customer');
});

test('an item cannot join another customer’s invoice', async () => {
  const invoice = await draft();
  const stranger = await customerWith();
  const error = await refused(
    stripe.invoiceItems.create({ customer: stranger.id, invoice: invoice.id, amount: 1, currency: 'usd' }),
  );
  assert.equal(error.param, 'invoice');
  assert.equal((await stripe.invoices.retrieve(invoice.id)).total, 5000);
});

test('the customer pays on the hosted side', async () => {
  const invoice = await open(4200);
  const paid = await sandbox.control(`/invoices/${invoice.id}/pay`, {});
  assert.equal(paid.status, 'paid');
  assert.equal((await stripe.invoices.retrieve(invoice.id)).amount_paid, 4200);
});
