// Lists: order, pages, cursors, filters; expansion.

import { ids } from './checks.js';

const PAGED = 'paged@example.com';

export async function lists({ stripe, check, all }) {
  const made = [];
  for (let n = 0; n < 25; n += 1) made.push((await stripe.customers.create({ email: PAGED, name: `${n}` })).id);
  const newest = made.toReversed();
  const first = await stripe.customers.list({ email: PAGED });
  check.has('a list is an envelope with ten of it', first, {
    object: 'list',
    url: '/v1/customers',
    has_more: true,
    data: (data) => data.length === 10,
  });
  check.same('the newest comes first', ids(first.data), newest.slice(0, 10));
  check.same('auto-pagination visits each once', ids(await all(stripe.customers.list({ email: PAGED, limit: 10 }))), newest);
  const after = await stripe.customers.list({ email: PAGED, limit: 2, starting_after: newest[1] });
  check.same('starting_after gives the page behind', ids(after.data), newest.slice(2, 4));
  const before = await stripe.customers.list({ email: PAGED, limit: 2, ending_before: made[1] });
  check.has('ending_before gives the page just newer', before, {
    has_more: true,
    data: (data) => data[0].id === made[3] && data[1].id === made[2],
  });
  const back = await all(stripe.customers.list({ email: PAGED, limit: 10, ending_before: made[0] }));
  check.same('auto-pagination goes backwards too', ids(back), made.slice(1));
  const last = await stripe.customers.list({ email: PAGED, limit: 5, starting_after: made[5] });
  check.has('the last page has no more', last, { has_more: false, data: (data) => data.length === 5 });
  await refusals({ stripe, check });
  await filters({ stripe, check });
  await expansions({ stripe, check });
}

async function refusals({ stripe, check }) {
  for (const limit of [0, 101]) {
    await check.refused(`a limit of ${limit} is refused`, stripe.customers.list({ limit }), {
      kind: 'InvalidRequestError',
      param: 'limit',
    });
  }
  await check.refused('an unknown cursor is a missing resource', stripe.customers.list({ starting_after: 'cus_nobody' }), {
    code: 'resource_missing',
    param: 'starting_after',
  });
}

async function filters({ stripe, check }) {
  const { id, created } = await stripe.customers.create({ email: 'timed@example.com' });
  const listed = async (filter) => ids((await stripe.customers.list({ email: 'timed@example.com', created: filter })).data);
  check.same('created takes a time', await listed(created), [id]);
  check.same('created takes a range', await listed({ gte: created, lt: created + 1 }), [id]);
  check.same('a range excludes what is outside', await listed({ gt: created }), []);
}

async function expansions({ stripe, check }) {
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa', name: 'Ada' });
  const intent = await stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    customer: customer.id,
    confirm: true,
    payment_method: customer.invoice_settings.default_payment_method ?? 'pm_card_visa',
    return_url: 'https://example.com/back',
    expand: ['customer', 'latest_charge.balance_transaction'],
  });
  check.has('a create expands what it answers', intent, { customer: { id: customer.id, name: 'Ada' } });
  check.has('expansion goes through expanded objects', intent.latest_charge, {
    object: 'charge',
    balance_transaction: { object: 'balance_transaction', fee: 59 },
  });
  const { data } = await stripe.paymentIntents.list({ customer: customer.id, expand: ['data.customer', 'data.latest_charge'] });
  check.has('a list expands under data', data[0], { customer: { name: 'Ada' }, latest_charge: { object: 'charge' } });
  await check.refused('what is no reference cannot be expanded', stripe.customers.retrieve(customer.id, { expand: ['email'] }), {
    status: 400,
    message: /cannot be expanded/,
  });
}
