// Subscriptions: begin, try, change with proration, fail, end now and with the period.

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ids = (list) => list.map((one) => one.id);
const sum = (list) => list.reduce((total, one) => total + one.amount, 0);

export async function subscriptions({ stripe, check, sandbox, since, all }) {
  const product = (await stripe.products.create({ name: 'Plan' })).id;
  const monthly = (await stripe.prices.create({ product, currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' } })).id;
  const yearly = (await stripe.prices.create({ product, currency: 'usd', unit_amount: 10_000, recurring: { interval: 'year' } })).id;
  const world = {
    stripe, check, since, all, monthly, yearly,
    advance: (ms) => sandbox.control('/clock', { advance_ms: ms }),
    payer: async (card = 'pm_card_visa') => {
      const { id: customer } = await stripe.customers.create();
      const method = await stripe.paymentMethods.attach(card, { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
      return customer;
    },
  };
  await beginning(world);
  await changes(world);
  await trials(world);
  await failures(world);
  await endings(world);
}

async function beginning({ stripe, check, since, payer, monthly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly, quantity: 2 }], metadata: { team: 'ops' }, expand: ['latest_invoice'] });
  check.has('a subscription that is paid is active', made, {
    id: /^sub_/, object: 'subscription', status: 'active', customer, collection_method: 'charge_automatically', cancel_at_period_end: false,
    canceled_at: null, ended_at: null, trial_end: null, currency: 'usd', metadata: { team: 'ops' }, livemode: false,
  });
  const [item] = made.items.data;
  check.has('an item has its price and plan', item, { id: /^si_/, object: 'subscription_item', quantity: 2, subscription: made.id, price: { id: monthly, unit_amount: 1000 }, plan: { id: monthly, interval: 'month' } });
  const period = since('basil') ? item : made;
  check.has('the period stands where the release has it', period, { current_period_start: made.start_date, current_period_end: (end) => end > made.start_date + 27 * 86_400 });
  check.has('the period stands nowhere else', since('basil') ? made : item, { current_period_start: undefined, current_period_end: undefined });
  check.has('the billing mode is the release’s own', made, since('basil') ? { billing_mode: { type: since('clover') ? 'flexible' : 'classic' } } : { billing_mode: undefined });
  const invoice = made.latest_invoice;
  check.has('its first invoice is paid', invoice, { status: 'paid', billing_reason: 'subscription_create', amount_paid: 2000 });
  check.has('an invoice leads to its subscription', invoice, since('basil')
    ? { parent: { type: 'subscription_details', subscription_details: { subscription: made.id, metadata: { team: 'ops' } } }, subscription: undefined }
    : { subscription: made.id, subscription_details: { metadata: { team: 'ops' } }, parent: undefined });
  check.same('invoices are listed by subscription', ids((await stripe.invoices.list({ subscription: made.id })).data), [invoice.id]);
  check.same('items are listed by subscription', ids((await stripe.subscriptionItems.list({ subscription: made.id })).data), [item.id]);
  await check.refused('who has no card cannot subscribe', stripe.subscriptions.create({ customer: (await stripe.customers.create()).id, items: [{ price: monthly }] }), { status: 400, code: 'resource_missing' });
  await check.refused('an unknown price is named by its place', stripe.subscriptions.create({ customer, items: [{ price: 'price_nobody' }] }), { status: 400, code: 'resource_missing', param: 'items[0][price]' });
}

async function changes({ stripe, check, since, all, payer, advance, monthly, yearly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const { id } = made.items.data[0];
  await advance(10 * DAY_MS);
  const pending = () => all(stripe.invoiceItems.list({ customer, pending: true }));
  const more = await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 7 }], metadata: { seats: '7' } });
  check.has('a quantity changes', more, { items: { data: (data) => data[0].quantity === 7 }, metadata: { seats: '7' } });
  const prorations = await pending();
  check.has('a change in the middle credits and debits', prorations, (two) => two.length === 2 && two.every((one) => one.proration) && sum(two) > 0);
  check.has('a proration leads to its subscription', prorations[0], since('basil') ? { parent: { type: 'subscription_details', subscription_details: { subscription: made.id } } } : { subscription: made.id });
  await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 1 }] });
  check.same('a change undone sums to nothing', sum(await pending()), 0);
  await stripe.subscriptions.update(made.id, { items: [{ id, quantity: 3 }], proration_behavior: 'none' });
  check.same('without proration nothing is billed', (await pending()).length, 4);
  const upgraded = await stripe.subscriptions.update(made.id, { items: [{ id, price: yearly, quantity: 1 }], expand: ['latest_invoice'] });
  check.has('another interval begins and bills a new period', upgraded, { latest_invoice: { billing_reason: 'subscription_update', status: 'paid' }, items: { data: (data) => data[0].price.id === yearly } });
  const added = await stripe.subscriptionItems.create({ subscription: made.id, price: (await another(stripe, yearly)), quantity: 2 });
  check.has('an item is added', added, { object: 'subscription_item', subscription: made.id, quantity: 2 });
  check.has('an item is removed', await stripe.subscriptionItems.del(added.id), { id: added.id, deleted: true });
}

/** A price like this one. */
async function another(stripe, price) {
  const { product, currency, unit_amount, recurring } = await stripe.prices.retrieve(price);
  return (await stripe.prices.create({ product, currency, unit_amount, recurring: { interval: recurring.interval } })).id;
}

async function trials({ stripe, check, since, payer, advance, monthly }) {
  const made = await stripe.subscriptions.create({ customer: await payer(), items: [{ price: monthly }], trial_period_days: 14, expand: ['latest_invoice'] });
  check.has('a trial costs nothing yet', made, { status: 'trialing', trial_start: made.start_date, trial_end: made.start_date + 14 * 86_400, latest_invoice: { total: 0, status: 'paid' } });
  check.same('the first period is the trial', (since('basil') ? made.items.data[0] : made).current_period_end, made.trial_end);
  await advance(12 * DAY_MS);
  const told = (await stripe.events.list({ type: 'customer.subscription.trial_will_end' })).data;
  check.has('the end of a trial is told before', told[0], { data: { object: { id: made.id } } });
  await advance(2 * DAY_MS + HOUR_MS + 60_000);
  check.has('a trial ends with a payment', await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] }), { status: 'active', latest_invoice: { amount_paid: 1000, billing_reason: 'subscription_cycle' } });
}

async function failures({ stripe, check, since, payer, advance, monthly }) {
  const broke = { customer: await payer('pm_card_chargeCustomerFail'), items: [{ price: monthly }] };
  await check.refused('a refused card refuses the subscription when asked', stripe.subscriptions.create({ ...broke, payment_behavior: 'error_if_incomplete' }), { kind: 'CardError', status: 402, code: 'card_declined' });
  check.same('a refused subscription is not there', (await stripe.subscriptions.list({ customer: broke.customer, status: 'all' })).data, []);
  const secret = since('basil') ? 'latest_invoice.confirmation_secret' : 'latest_invoice.payment_intent';
  const left = await stripe.subscriptions.create({ ...broke, payment_behavior: 'default_incomplete', expand: [secret] });
  check.has('a first payment can be left to the customer', left, { status: 'incomplete', latest_invoice: { status: 'open' } });
  const { client_secret: given } = since('basil') ? left.latest_invoice.confirmation_secret : left.latest_invoice.payment_intent;
  await stripe.paymentIntents.confirm(given.split('_secret_')[0], { payment_method: 'pm_card_visa', return_url: 'https://shop.example/back' });
  check.has('who pays the first invoice is active', await stripe.subscriptions.retrieve(left.id), { status: 'active' });
  const expires = await stripe.subscriptions.create(broke);
  check.has('a refused first payment leaves it incomplete', expires, { status: 'incomplete' });
  await advance(23 * HOUR_MS + 60_000);
  check.has('what is not paid in 23 hours expires', await stripe.subscriptions.retrieve(expires.id), { status: 'incomplete_expired' });
  await renewal({ stripe, check, payer, advance, monthly });
}

async function renewal({ stripe, check, payer, advance, monthly }) {
  const customer = await payer();
  const made = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  await advance(31 * DAY_MS + 2 * HOUR_MS);
  const renewed = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  check.has('a subscription renews and is paid', renewed, { status: 'active', latest_invoice: { status: 'paid', billing_reason: 'subscription_cycle' } });
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
  const gone = await stripe.subscriptions.cancel(now.id, { cancellation_details: { feedback: 'unused', comment: 'bye' }, prorate: true, invoice_now: true });
  check.has('a subscription ends now', gone, { status: 'canceled', ended_at: (at) => at > 0, canceled_at: (at) => at > 0, cancellation_details: { feedback: 'unused', comment: 'bye', reason: 'cancellation_requested' } });
  await check.refused('it ends once', stripe.subscriptions.cancel(now.id), { status: 404, code: 'resource_missing' });
  const later = await stripe.subscriptions.create({ customer, items: [{ price: monthly }] });
  const ending = await stripe.subscriptions.update(later.id, { cancel_at_period_end: true });
  const end = (since('basil') ? ending.items.data[0] : ending).current_period_end;
  check.has('a subscription ends with its period', ending, { status: 'active', cancel_at_period_end: true, cancel_at: end, canceled_at: (at) => at > 0 });
  check.has('who stays changes that', await stripe.subscriptions.update(later.id, { cancel_at_period_end: false }), { cancel_at_period_end: false, cancel_at: null, canceled_at: null });
  await stripe.subscriptions.update(later.id, { cancel_at_period_end: true });
  check.same('ended ones are listed only when asked', ids((await stripe.subscriptions.list({ customer })).data), [later.id]);
  await advance(31 * DAY_MS + 2 * HOUR_MS);
  check.has('with its period it is gone', await stripe.subscriptions.retrieve(later.id), { status: 'canceled' });
  check.same('all of them are listed by any status', ids(await all(stripe.subscriptions.list({ customer, status: 'all', limit: 1 }))), [later.id, now.id]);
}
