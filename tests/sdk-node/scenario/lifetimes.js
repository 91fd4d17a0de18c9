// What becomes of subscriptions: trials, payments that fail, renewals, and how they end.

import { ids } from './checks.js';
import { DAY_MS, HOUR_MS, withPlans } from './plans.js';

export async function lifetimes(world) {
  const planned = await withPlans(world);
  await trials(planned);
  await failures(planned);
  await renewal(planned);
  await endings(planned);
}

async function trials({ stripe, check, since, payer, advance, monthly }) {
  const made = await stripe.subscriptions.create({
    customer: await payer(),
    items: [{ price: monthly }],
    trial_period_days: 14,
    expand: ['latest_invoice'],
  });
  check.has('a trial costs nothing yet', made, {
    status: 'trialing',
    trial_start: made.start_date,
    trial_end: made.start_date + 14 * 86_400,
    latest_invoice: { total: 0, status: 'paid' },
  });
  check.same('the first period is the trial', (since('basil') ? made.items.data[0] : made).current_period_end, made.trial_end);
  await advance(12 * DAY_MS);
  const told = (await stripe.events.list({ type: 'customer.subscription.trial_will_end' })).data;
  check.has('the end of a trial is told before', told[0], { data: { object: { id: made.id } } });
  await advance(2 * DAY_MS + HOUR_MS + 60_000);
  const ended = async (missing) => {
    const trial = { trial_period_days: 1, trial_settings: { end_behavior: { missing_payment_method: missing } } };
    const { id } = await stripe.subscriptions.create({
      customer: (await stripe.customers.create()).id,
      items: [{ price: monthly }],
      ...trial,
    });
    return id;
  };
  check.has('a trial ends with a payment', await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] }), {
    status: 'active',
    latest_invoice: { amount_paid: 1000, billing_reason: 'subscription_cycle' },
  });
  const [pauses, cancels] = [await ended('pause'), await ended('cancel')];
  await advance(DAY_MS + HOUR_MS);
  check.has('a trial without a card can pause', await stripe.subscriptions.retrieve(pauses), { status: 'paused' });
  check.has('a trial without a card can cancel', await stripe.subscriptions.retrieve(cancels), { status: 'canceled' });
  const short = await stripe.subscriptions.create({
    customer: await payer(),
    items: [{ price: monthly }],
    trial_period_days: 14,
  });
  check.has('a trial is cut short', await stripe.subscriptions.update(short.id, { trial_end: 'now' }), { status: 'active' });
}

async function failures({ stripe, check, since, payer, advance, monthly }) {
  const broke = { customer: await payer('pm_card_chargeCustomerFail'), items: [{ price: monthly }] };
  await check.refused(
    'a refused card refuses the subscription when asked',
    stripe.subscriptions.create({ ...broke, payment_behavior: 'error_if_incomplete' }),
    { kind: 'CardError', status: 402, code: 'card_declined' },
  );
  check.same(
    'a refused subscription is not there',
    (await stripe.subscriptions.list({ customer: broke.customer, status: 'all' })).data,
    [],
  );
  const secret = since('basil') ? 'latest_invoice.confirmation_secret' : 'latest_invoice.payment_intent';
  const left = await stripe.subscriptions.create({ ...broke, payment_behavior: 'default_incomplete', expand: [secret] });
  check.has('a first payment can be left to the customer', left, { status: 'incomplete', latest_invoice: { status: 'open' } });
  const { client_secret: given } = since('basil') ? left.latest_invoice.confirmation_secret : left.latest_invoice.payment_intent;
  await stripe.paymentIntents.confirm(given.split('_secret_')[0], {
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/back',
  });
  check.has('who pays the first invoice is active', await stripe.subscriptions.retrieve(left.id), { status: 'active' });
  const expires = await stripe.subscriptions.create(broke);
  check.has('a refused first payment leaves it incomplete', expires, { status: 'incomplete' });
  await advance(23 * HOUR_MS + 60_000);
  check.has('what is not paid in 23 hours expires', await stripe.subscriptions.retrieve(expires.id), {
    status: 'incomplete_expired',
  });
}

async function renewal({ stripe, check, payer, advance, monthly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  await advance(31 * DAY_MS + 2 * HOUR_MS);
  const renewed = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  check.has('a subscription renews and is paid', renewed, {
    status: 'active',
    latest_invoice: { status: 'paid', billing_reason: 'subscription_cycle' },
  });
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.subscriptions.update(made.id, { default_payment_method: bad.id });
  await advance(31 * DAY_MS + 2 * HOUR_MS);
  const due = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  check.has('a renewal that fails is past due', due, { status: 'past_due', latest_invoice: { status: 'open', attempted: true } });
  await stripe.invoices.pay(due.latest_invoice.id, { payment_method: 'pm_card_visa' });
  check.has('a renewal paid by hand is active again', await stripe.subscriptions.retrieve(made.id), { status: 'active' });
}

async function endings({ stripe, check, since, payer, advance, monthly, all }) {
  const customer = await payer();
  const now = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const gone = await stripe.subscriptions.cancel(now.id, {
    cancellation_details: { feedback: 'unused', comment: 'bye' },
    prorate: true,
    invoice_now: true,
  });
  check.has('a subscription ends now', gone, {
    status: 'canceled',
    ended_at: (at) => at > 0,
    canceled_at: (at) => at > 0,
    cancellation_details: { feedback: 'unused', comment: 'bye', reason: 'cancellation_requested' },
  });
  await check.refused('it ends once', stripe.subscriptions.cancel(now.id), { status: 404, code: 'resource_missing' });
  const later = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const ending = await stripe.subscriptions.update(later.id, { cancel_at_period_end: true });
  const end = (since('basil') ? ending.items.data[0] : ending).current_period_end;
  check.has('a subscription ends with its period', ending, {
    status: 'active',
    cancel_at_period_end: true,
    cancel_at: end,
    canceled_at: (at) => at > 0,
  });
  check.has('who stays changes that', await stripe.subscriptions.update(later.id, { cancel_at_period_end: false }), {
    cancel_at_period_end: false,
    cancel_at: null,
    canceled_at: null,
  });
  await stripe.subscriptions.update(later.id, { cancel_at_period_end: true });
  check.same('ended ones are listed only when asked', ids((await stripe.subscriptions.list({ customer })).data), [later.id]);
  await advance(31 * DAY_MS + 2 * HOUR_MS);
  check.has('with its period it is gone', await stripe.subscriptions.retrieve(later.id), { status: 'canceled' });
  check.same(
    'all of them are listed by any status',
    ids(await all(stripe.subscriptions.list({ customer, status: 'all', limit: 1 }))),
    [later.id, now.id],
  );
}
