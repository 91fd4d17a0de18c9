// Customers: defaults, what comes back, clearing, metadata, deletion.

const ADDRESS = {
  line1: '12 St James’s Square',
  line2: null,
  city: 'London',
  country: 'GB',
  postal_code: 'SW1Y 4JH',
  state: null,
};

export async function customers({ stripe, check }) {
  check.has('a customer needs nothing and has Stripe’s defaults', await stripe.customers.create(), {
    id: /^cus_/,
    object: 'customer',
    livemode: false,
    balance: 0,
    email: null,
    tax_exempt: 'none',
    delinquent: false,
    invoice_prefix: /^[A-Z0-9]{8}$/,
    next_invoice_sequence: 1,
    preferred_locales: [],
    metadata: {},
    shipping: null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
  });
  const sent = {
    name: 'Ada Lovelace & Co. = 100% +',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    description: 'zwölf Boxkämpfer 🥊',
    address: ADDRESS,
    preferred_locales: ['en-GB', 'de'],
    shipping: { name: 'Ada', address: ADDRESS },
    metadata: { order: '6735', 'with space': 'a=b&c' },
  };
  const ada = await stripe.customers.create(sent);
  check.has('everything sent comes back', ada, sent);
  check.same('a customer reads the same later', await stripe.customers.retrieve(ada.id), ada);
  const merged = await stripe.customers.update(ada.id, { metadata: { order: 7, add: 'x', 'with space': '' } });
  check.same('metadata merges key by key, and an empty value removes one', merged.metadata, { add: 'x', order: '7' });
  const emptied = await stripe.customers.update(ada.id, { metadata: '' });
  check.same('an empty string removes all metadata', emptied.metadata, {});
  check.has('an update leaves what it does not name', emptied, { name: sent.name, address: ADDRESS });
  check.has('an empty string clears a field', await stripe.customers.update(ada.id, { description: '' }), { description: null });
  const moved = await stripe.customers.update(ada.id, { address: { line1: 'c' } });
  check.has('an address is replaced as a whole', moved, { address: { line1: 'c', city: null, country: null } });
  check.has('an address is cleared as a whole', await stripe.customers.update(ada.id, { address: '' }), { address: null });
  await refusals({ stripe, check });
  await deletion({ stripe, check });
}

async function refusals({ stripe, check }) {
  await check.refused('an unknown customer is a 404 in Stripe’s words', stripe.customers.retrieve('cus_nobody'), {
    kind: 'InvalidRequestError',
    status: 404,
    type: 'invalid_request_error',
    code: 'resource_missing',
    param: 'id',
    message: "No such customer: 'cus_nobody'",
    doc_url: /resource-missing/,
    requestId: /^req_/,
  });
  await check.refused('an unknown parameter is named', stripe.customers.create({ nmae: 'Ada' }), {
    kind: 'InvalidRequestError',
    status: 400,
    code: 'parameter_unknown',
    param: 'nmae',
    message: /^Received unknown parameter: nmae/,
  });
  await check.refused('a nested unknown parameter is named by its place', stripe.customers.create({ address: { line9: 'x' } }), {
    code: 'parameter_unknown',
    param: 'address[line9]',
  });
  await check.refused('a word for a number is an invalid integer', stripe.customers.create({ balance: 'much' }), {
    code: 'parameter_invalid_integer',
    param: 'balance',
  });
  await check.refused(
    'an enum refuses other values and lists its own',
    stripe.customers.create({ email: 'no@example.com', tax_exempt: 'sometimes' }),
    { param: 'tax_exempt', code: undefined, message: /exempt, none, or reverse/ },
  );
  check.same('a refused create leaves nothing behind', (await stripe.customers.list({ email: 'no@example.com' })).data, []);
}

async function deletion({ stripe, check }) {
  const { id } = await stripe.customers.create({ email: 'gone@example.com' });
  const stub = { id, object: 'customer', deleted: true };
  check.same('a deletion answers a stub', await stripe.customers.del(id), stub);
  check.same('a deleted customer reads as a stub', await stripe.customers.retrieve(id), stub);
  check.same('a deleted customer is in no list', (await stripe.customers.list({ email: 'gone@example.com' })).data, []);
  await check.refused('a customer is deleted once', stripe.customers.del(id), { status: 404, code: 'resource_missing' });
}
