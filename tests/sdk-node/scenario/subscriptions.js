// Subscriptions: begin, change with proration, and the ways to bill them.

import { ids } from './checks.js';
import { DAY_MS, withPlans } from './plans.js';

const sum = (list) => list.reduce((total, one) => total + one.amount, 0);

export async function subscriptions(world) {
  const planned = await withPlans(world);
  await beginning(planned);
  await changes(planned);
  await billing(planned);
}

async function beginning({ stripe, check, since, payer, monthly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({
    customer,
    items: [{ price: monthly, quantity: 2 }],
    metadata: { team: 'ops' },
    expand: ['latest_invoice'],
  });
  check.has('a subscription that is paid is active', made, {
    id: /^sub_/,
    object: 'subscription',
    status: 'active',
    customer,
    collection_method: 'charge_automatically',
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    trial_end: null,
    currency: 'usd',
    metadata: { team: 'ops' },
    livemode: false,
  });
  const [item] = made.items.data;
  check.has('an item has its price and plan', item, {
    id: /^si_/,
    object: 'subscription_item',
    quantity: 2,
    subscription: made.id,
    price: { id: monthly, unit_amount: 1000 },
    plan: { id: monthly, interval: 'month' },
  });
  const period = since('basil') ? item : made;
  check.has('the period stands where the release has it', period, {
    current_period_start: made.start_date,
    current_period_end: (end) => end > made.start_date + 27 * 86_400,
  });
  check.has('the period stands nowhere else', since('basil') ? made : item, {
    current_period_start: undefined,
    current_period_end: undefined,
  });
  check.has(
    'the billing mode is the release’s own',
    made,
    since('basil') ? { billing_mode: { type: since('clover') ? 'flexible' : 'classic' } } : { billing_mode: undefined },
  );
  const invoice = made.latest_invoice;
  check.has('its first invoice is paid', invoice, { status: 'paid', billing_reason: 'subscription_create', amount_paid: 2000 });
  check.has(
    'an invoice leads to its subscription',
    invoice,
    since('basil')
      ? {
          parent: { type: 'subscription_details', subscription_details: { subscription: made.id, metadata: { team: 'ops' } } },
          subscription: undefined,
        }
      : { subscription: made.id, subscription_details: { metadata: { team: 'ops' } }, parent: undefined },
  );
  check.same('invoices are listed by subscription', ids((await stripe.invoices.list({ subscription: made.id })).data), [
    invoice.id,
  ]);
  check.same('items are listed by subscription', ids((await stripe.subscriptionItems.list({ subscription: made.id })).data), [
    item.id,
  ]);
  await check.refused(
    'who has no card cannot subscribe',
    stripe.subscriptions.create({ customer: (await stripe.customers.create()).id, items: [{ price: monthly }] }),
    { status: 400, code: 'resource_missing' },
  );
  await check.refused(
    'an unknown price is named by its place',
    stripe.subscriptions.create({ customer, items: [{ price: 'price_nobody' }] }),
    { status: 400, code: 'resource_missing', param: 'items[0][price]' },
  );
}

async function changes({ stripe, check, since, all, payer, advance, price, monthly, yearly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const { id } = made.items.data[0];
  await advance(10 * DAY_MS);
  const pending = () => all(stripe.invoiceItems.list({ customer, pending: true }));
  const more = await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 7 }], metadata: { seats: '7' } });
  check.has('a quantity changes', more, { items: { data: (data) => data[0].quantity === 7 }, metadata: { seats: '7' } });
  const prorations = await pending();
  check.has(
    'a change in the middle credits and debits',
    prorations,
    (two) => two.length === 2 && two.every((one) => one.proration) && sum(two) > 0,
  );
  check.has(
    'a proration leads to its subscription',
    prorations[0],
    since('basil')
      ? { parent: { type: 'subscription_details', subscription_details: { subscription: made.id } } }
      : { subscription: made.id },
  );
  await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 1 }] });
  check.same('a change undone sums to nothing', sum(await pending()), 0);
  await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 3 }], proration_behavior: 'none' });
  check.same('without proration nothing is billed', (await pending()).length, 4);
  const upgraded = await stripe.subscriptions.update(made.id, {
    items: [{ id, price: yearly, quantity: 1 }],
    expand: ['latest_invoice'],
  });
  check.has('another interval begins and bills a new period', upgraded, {
    latest_invoice: { billing_reason: 'subscription_update', status: 'paid' },
    items: { data: (data) => data[0].price.id === yearly },
  });
  const added = await stripe.subscriptionItems.create({ subscription: made.id, price: await price(10_000, 'year'), quantity: 2 });
  check.has('an item is added', added, { object: 'subscription_item', subscription: made.id, quantity: 2 });
  check.has('an item is removed', await stripe.subscriptionItems.del(added.id), { id: added.id, deleted: true });
}

/** Ways to bill: by invoice, by a price of its own, at once. */
async function billing({ stripe, check, since, payer, advance, monthly, product }) {
  const customer = await payer();
  const sent = await stripe.subscriptions.create({
    customer,
    items: [{ price: monthly }],
    collection_method: 'send_invoice',
    days_until_due: 7,
    expand: ['latest_invoice'],
  });
  check.has('who is sent invoices is active before paying', sent, {
    status: 'active',
    collection_method: 'send_invoice',
    days_until_due: 7,
    latest_invoice: { collection_method: 'send_invoice', amount_due: 1000 },
  });
  const own = { currency: 'usd', product, unit_amount: 500, recurring: { interval: 'week' } };
  const path = since('basil') ? 'latest_invoice.payments.data.payment.payment_intent' : 'latest_invoice.payment_intent';
  const made = await stripe.subscriptions.create({ customer, items: [{ price_data: own }], expand: [path] });
  check.has('an item brings a price of its own', made.items.data[0], {
    price: { unit_amount: 500, recurring: { interval: 'week' }, product },
  });
  const invoice = made.latest_invoice;
  check.has(
    'expansion reaches the payment of a subscription',
    since('basil') ? invoice.payments.data[0].payment.payment_intent : invoice.payment_intent,
    { object: 'payment_intent', status: 'succeeded', amount_received: 500 },
  );
  check.same('subscriptions are listed by price', ids((await stripe.subscriptions.list({ price: monthly, customer })).data), [
    sent.id,
  ]);
  await advance(2 * DAY_MS);
  const { id } = made.items.data[0];
  const billed = await stripe.subscriptions.update(made.id, {
    items: [{ id, quantity: 3 }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  check.has('a change can be billed at once', billed.latest_invoice, {
    status: 'paid',
    billing_reason: 'subscription_update',
    total: (total) => total > 0 && total < 1000,
  });
}
