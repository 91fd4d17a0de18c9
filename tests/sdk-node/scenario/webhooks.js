// Webhook endpoints, and deliveries that the SDK's own verifier takes or refuses.

import { startReceiver } from '../receiver.js';

export async function webhooks(world) {
  await endpoints(world);
  const receiver = await startReceiver((nth) => (nth === 0 ? 500 : 200));
  try {
    await deliveries(world, receiver);
    await versions(world, receiver);
  } finally {
    await receiver.stop();
  }
}

async function endpoints({ stripe, check }) {
  const made = await stripe.webhookEndpoints.create({
    url: 'https://example.com/hooks',
    enabled_events: ['invoice.paid'],
    description: 'billing',
    metadata: { team: 'finance' },
  });
  check.has('an endpoint shows its secret when it is made', made, {
    id: /^we_/,
    object: 'webhook_endpoint',
    secret: /^whsec_\S{20,}$/,
    status: 'enabled',
    description: 'billing',
    metadata: { team: 'finance' },
  });
  const read = await stripe.webhookEndpoints.retrieve(made.id);
  check.has('an endpoint shows its secret once', read, { id: made.id, secret: undefined, enabled_events: ['invoice.paid'] });
  const changed = await stripe.webhookEndpoints.update(made.id, {
    url: 'https://example.com/b',
    enabled_events: ['*'],
    disabled: true,
  });
  check.has('an endpoint is changed and disabled', changed, {
    url: 'https://example.com/b',
    enabled_events: ['*'],
    status: 'disabled',
  });
  check.same('endpoints are listed', (await stripe.webhookEndpoints.list()).data, [changed]);
  check.same('an endpoint is deleted', await stripe.webhookEndpoints.del(made.id), {
    id: made.id,
    object: 'webhook_endpoint',
    deleted: true,
  });
  await check.refused('an endpoint needs an address', stripe.webhookEndpoints.create({ url: 'hooks', enabled_events: ['*'] }), {
    code: 'url_invalid',
    param: 'url',
  });
  await check.refused(
    'an endpoint needs events that there are',
    stripe.webhookEndpoints.create({ url: 'https://example.com', enabled_events: ['invoice.eaten'] }),
    { kind: 'InvalidRequestError', status: 400 },
  );
}

/** An endpoint has a version of its own, whatever the account's. */
async function versions({ stripe, check, since }, receiver) {
  const version = stripe.getApiField('version');
  const made = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['invoice.paid'],
    api_version: version,
  });
  check.has('an endpoint takes a version', made, { api_version: version });
  const { id: customer } = await stripe.customers.create();
  const draft = await stripe.invoices.create({ customer });
  await stripe.invoices.finalizeInvoice(draft.id);
  const [{ body, signature }] = await receiver.ofType('invoice.paid', 1);
  check.has('an endpoint is told in its version', stripe.webhooks.constructEvent(body, signature, made.secret), {
    api_version: version,
    data: { object: { id: draft.id, status: 'paid', paid: since('basil') ? undefined : true } },
  });
  await stripe.webhookEndpoints.del(made.id);
}

async function deliveries({ stripe, check }, receiver) {
  const { id, secret } = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] });
  const customer = await stripe.customers.create({ name: 'Ada 🥊' });
  const [refused, taken] = await receiver.ofType('customer.created', 2);
  check.has('a delivery is posted as Stripe does', taken, {
    method: 'POST',
    path: '/hooks',
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': /^Stripe\/1\.0/ },
  });
  const verify = (body, signature, ...rest) => stripe.webhooks.constructEvent(body, signature, ...rest);
  const event = verify(taken.body, taken.signature, secret);
  check.has('the SDK’s verifier takes it', event, {
    type: 'customer.created',
    data: { object: { id: customer.id, name: 'Ada 🥊' } },
  });
  check.same('a delivery holds what the event holds', event.data, (await stripe.events.retrieve(event.id)).data);
  check.same(
    'a delivery that was refused comes again, signed anew',
    [refused.event.id, refused.signature === taken.signature],
    [event.id, false],
  );
  const throws = (name, call) => check.refused(name, (async () => call())(), { kind: 'SignatureVerificationError' });
  const altered = Buffer.from(taken.body);
  altered[altered.length >> 1] ^= 1;
  await throws('altered bytes do not verify', () => verify(altered, taken.signature, secret));
  await throws('another secret does not verify', () => verify(taken.body, taken.signature, 'whsec_another'));
  const old = stripe.webhooks.generateTestHeaderString({
    payload: taken.body.toString(),
    secret,
    timestamp: Math.floor(Date.now() / 1000) - 3600,
  });
  await throws('an old signature does not verify', () => verify(taken.body, old, secret));
  await stripe.webhookEndpoints.del(id);
}
