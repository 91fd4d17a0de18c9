// Products and prices.

import { ids } from './checks.js';

export async function products({ stripe, check }) {
  const sent = {
    name: 'Blend',
    description: 'Whole beans',
    metadata: { origin: 'Sidamo' },
    unit_label: 'bag',
    url: 'https://shop.example/blend',
  };
  const blend = await stripe.products.create(sent);
  check.has('a product comes back with its defaults', blend, {
    ...sent,
    id: /^prod_/,
    object: 'product',
    active: true,
    default_price: null,
    images: [],
    livemode: false,
  });
  const own = await stripe.products.create({ id: 'beans-1', name: 'Beans' });
  check.has('a product can bring its id', own, { id: 'beans-1' });
  await check.refused('an id is taken once', stripe.products.create({ id: 'beans-1', name: 'Beans' }), {
    status: 400,
    code: 'resource_already_exists',
  });
  await check.refused('a product needs a name', stripe.products.create({}), { code: 'parameter_missing', param: 'name' });
  const renamed = await stripe.products.update(blend.id, { name: 'House blend', description: '' });
  check.has('a product is renamed and cleared', renamed, { name: 'House blend', description: null, unit_label: 'bag' });
  await stripe.products.update(own.id, { active: false });
  check.same('products are listed by whether they are sold', ids((await stripe.products.list({ active: false })).data), [own.id]);
  check.same('products are listed by ids', ids((await stripe.products.list({ ids: [blend.id] })).data), [blend.id]);
  check.same('a product without prices is deleted', await stripe.products.del(own.id), {
    id: own.id,
    object: 'product',
    deleted: true,
  });
  const withPrice = await stripe.products.create({
    name: 'Mug',
    default_price_data: { currency: 'eur', unit_amount: 1200 },
    expand: ['default_price'],
  });
  check.has('a product brings its first price', withPrice.default_price, {
    object: 'price',
    currency: 'eur',
    unit_amount: 1200,
    type: 'one_time',
    recurring: null,
  });
  await prices({ stripe, check, product: blend.id });
}

async function prices({ stripe, check, product }) {
  const monthly = await stripe.prices.create({
    product,
    currency: 'usd',
    unit_amount: 1500,
    recurring: { interval: 'month' },
    lookup_key: 'blend_monthly',
    nickname: 'Monthly',
  });
  check.has('a recurring price says how often', monthly, {
    id: /^price_/,
    object: 'price',
    active: true,
    product,
    currency: 'usd',
    unit_amount: 1500,
    type: 'recurring',
    billing_scheme: 'per_unit',
    recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
    lookup_key: 'blend_monthly',
    nickname: 'Monthly',
  });
  const part = await stripe.prices.create({ product, currency: 'usd', unit_amount_decimal: '0.5' });
  check.has('a price can be less than a cent', part, {
    unit_amount: null,
    unit_amount_decimal: (decimal) => String(decimal) === '0.5',
  });
  await check.refused(
    'a price needs a product that exists',
    stripe.prices.create({ product: 'prod_nobody', currency: 'usd', unit_amount: 1 }),
    { status: 400, code: 'resource_missing', param: 'product' },
  );
  await check.refused(
    'a lookup key is held by one price',
    stripe.prices.create({ product, currency: 'usd', unit_amount: 1, lookup_key: 'blend_monthly' }),
    { status: 400 },
  );
  check.same('prices are listed by lookup key', ids((await stripe.prices.list({ lookup_keys: ['blend_monthly'] })).data), [
    monthly.id,
  ]);
  check.same('prices are listed by type', ids((await stripe.prices.list({ product, type: 'one_time' })).data), [part.id]);
  const retired = await stripe.prices.update(part.id, { active: false, metadata: { why: 'too cheap' } });
  check.has('a price is retired', retired, { active: false, metadata: { why: 'too cheap' } });
  check.same('retired prices are filtered', ids((await stripe.prices.list({ product, active: true })).data), [monthly.id]);
  await check.refused('a product with prices is not deleted', stripe.products.del(product), { status: 400 });
}
