// Writes every object and event of a whole scenario to a file, one JSON object a line,
// for whoever holds them against something else: `node record.js FILE`.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import Stripe from 'stripe';

import { all, startSandbox } from './sandbox.js';
import { tell } from './scenario/index.js';

/** What the scenario does not make. */
async function more(stripe, sandbox) {
  const card = { payment_method: 'pm_card_visa', confirm: true, return_url: 'https://shop.example/back' };
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  await stripe.customers.createTaxId(customer.id, { type: 'eu_vat', value: 'DE123456789' });
  await stripe.customers.createBalanceTransaction(customer.id, { amount: -500, currency: 'usd' });
  await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa', confirm: true, return_url: card.return_url });

  const coupon = await stripe.coupons.create({ percent_off: 12.5, duration: 'repeating', duration_in_months: 3 });
  const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'SPRING' });
  const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19.5, inclusive: false, country: 'DE' });
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
    product_data: { name: 'Seats' },
  });
  await stripe.plans.create({ currency: 'usd', amount: 700, interval: 'year', product: price.product });
  const source = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const billed = { customer: customer.id, default_payment_method: source.id, items: [{ price: price.id, quantity: 3 }] };
  await stripe.subscriptions.create({ ...billed, discounts: [{ promotion_code: code.id }], default_tax_rates: [rate.id] });
  await stripe.subscriptionSchedules.create({
    customer: customer.id,
    start_date: 'now',
    phases: [{ items: [{ price: price.id }], duration: { interval: 'month', interval_count: 2 } }],
  });

  const invoice = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', days_until_due: 14 });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: invoice.id, amount: 5000, currency: 'usd', tax_rates: [rate.id] });
  await stripe.invoices.finalizeInvoice(invoice.id);
  await stripe.creditNotes.create({ invoice: invoice.id, amount: 1000, reason: 'order_change' });

  const disputed = { ...card, payment_method: 'pm_card_createDispute', amount: 2500, currency: 'usd' };
  await stripe.paymentIntents.create(disputed);
  await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_bypassPending', amount: 100_000, currency: 'usd' });
  await stripe.payouts.create({ amount: 1000, currency: 'usd' });

  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000), name: 'a month' });
  const later = await stripe.customers.create({ test_clock: clock.id, payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } });
  await stripe.subscriptions.create({ customer: later.id, items: [{ price: price.id }] });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: clock.frozen_time + 40 * 86_400 });

  const page = { success_url: 'https://shop.example/done', line_items: [{ price: price.id, quantity: 1 }], mode: 'subscription' };
  await stripe.checkout.sessions.create(page);
  await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } });
  await sandbox.control('/clock', { advance_ms: 3 * 86_400_000 });
}

/** Every object that a list of the API shows. */
async function* listed(stripe) {
  const lists = [
    stripe.balanceTransactions,
    stripe.billingPortal.configurations,
    stripe.charges,
    stripe.checkout.sessions,
    stripe.coupons,
    stripe.creditNotes,
    stripe.customers,
    stripe.disputes,
    stripe.events,
    stripe.invoiceItems,
    stripe.invoicePayments,
    stripe.invoices,
    stripe.paymentIntents,
    stripe.payouts,
    stripe.plans,
    stripe.prices,
    stripe.products,
    stripe.promotionCodes,
    stripe.refunds,
    stripe.setupIntents,
    stripe.subscriptionSchedules,
    stripe.taxRates,
    stripe.testHelpers.testClocks,
  ];
  for (const list of lists) yield* await all(list.list({ limit: 100 }));
  yield await stripe.accounts.retrieveCurrent();
  yield await stripe.balance.retrieve();
  for (const customer of await all(stripe.customers.list({ limit: 100 }))) {
    yield* await all(stripe.paymentMethods.list({ customer: customer.id }));
    yield* await all(stripe.customers.listBalanceTransactions(customer.id));
    yield* await all(stripe.customers.listTaxIds(customer.id));
  }
  for (const subscription of await all(stripe.subscriptions.list({ status: 'all', limit: 100 }))) {
    yield subscription;
    yield* await all(stripe.subscriptionItems.list({ subscription: subscription.id }));
  }
  for (const invoice of await all(stripe.invoices.list({ limit: 100 }))) yield* await all(stripe.invoices.listLineItems(invoice.id));
  for (const session of await all(stripe.checkout.sessions.list({ limit: 100 }))) {
    yield* await all(stripe.checkout.sessions.listLineItems(session.id));
  }
}

/** A discount stands in no list, but in what it takes off. */
function* within(object) {
  if (object.object === 'event' && object.data.object.object === 'discount') yield object.data.object;
}

const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: node record.js FILE');
const sandbox = await startSandbox();
const lines = [];
try {
  const stripe = sandbox.client();
  await tell({ release: 'endive', Stripe, sandbox, all });
  await more(stripe, sandbox);
  for await (const object of listed(stripe)) {
    for (const one of [object, ...within(object)]) lines.push(JSON.stringify(one));
  }
} finally {
  await sandbox.stop();
}
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${lines.join('\n')}\n`);
console.log(`${lines.length} objects in ${file}`);
