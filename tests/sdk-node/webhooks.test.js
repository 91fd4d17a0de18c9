// Webhook endpoints, and deliveries to a real receiver that the SDK's verifier accepts.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import Stripe from 'stripe';

import { startReceiver } from './receiver.js';
import { refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});
after(() => sandbox?.stop());
beforeEach(async () => {
  for (const endpoint of (await stripe.webhookEndpoints.list()).data) await stripe.webhookEndpoints.del(endpoint.id);
});

/** Runs a test with a receiver that an endpoint points at. */
const withReceiver = async (events, answer, body) => {
  const receiver = await startReceiver(answer);
  try {
    const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: events });
    await body(receiver, endpoint);
  } finally {
    await receiver.stop();
  }
};

test('the secret shows once, at creation', async () => {
  const made = await stripe.webhookEndpoints.create({
    url: 'https://example.com/hooks',
    enabled_events: ['invoice.paid', 'customer.created'],
    description: 'billing',
    metadata: { team: 'finance' },
  });
  assert.match(made.id, /^we_/);
  assert.match(made.secret, /^whsec_\S{20,}$/);
  assert.equal(made.status, 'enabled');
  const read = await stripe.webhookEndpoints.retrieve(made.id);
  assert.ok(!('secret' in read));
  assert.deepEqual(read.enabled_events, ['invoice.paid', 'customer.created']);
  assert.equal(read.description, 'billing');
  assert.deepEqual(read.metadata, { team: 'finance' });
  const listed = await stripe.webhookEndpoints.list();
  assert.deepEqual(listed.data, [read]);
});

test('an endpoint is updated, disabled and deleted', async () => {
  const made = await stripe.webhookEndpoints.create({ url: 'https://example.com/a', enabled_events: ['*'] });
  const changed = await stripe.webhookEndpoints.update(made.id, {
    url: 'https://example.com/b',
    enabled_events: ['invoice.paid'],
    disabled: true,
  });
  assert.equal(changed.url, 'https://example.com/b');
  assert.equal(changed.status, 'disabled');
  assert.deepEqual(changed.enabled_events, ['invoice.paid']);
  assert.equal((await stripe.webhookEndpoints.update(made.id, { disabled: false })).status, 'enabled');
  assert.deepEqual(await stripe.webhookEndpoints.del(made.id), { id: made.id, object: 'webhook_endpoint', deleted: true });
  assert.equal((await refused(stripe.webhookEndpoints.retrieve(made.id))).statusCode, 404);
});

test('an endpoint needs an address and known event types', async () => {
  assert.equal((await refused(stripe.webhookEndpoints.create({ enabled_events: ['*'] }))).param, 'url');
  const relative = await refused(stripe.webhookEndpoints.create({ url: 'hooks', enabled_events: ['*'] }));
  assert.equal(relative.code, 'url_invalid');
  const unknown = stripe.webhookEndpoints.create({ url: 'https://example.com', enabled_events: ['invoice.eaten'] });
  assert.ok((await refused(unknown)) instanceof Stripe.errors.StripeInvalidRequestError);
});

test('a delivery is the event, signed, as Stripe sends it', async () => {
  await withReceiver(['customer.created'], undefined, async (receiver, endpoint) => {
    const customer = await stripe.customers.create({ name: 'Ada 🥊' });
    const [delivery] = await receiver.ofType('customer.created');
    assert.equal(delivery.method, 'POST');
    assert.equal(delivery.path, '/hooks');
    assert.equal(delivery.headers['content-type'], 'application/json; charset=utf-8');
    assert.match(delivery.headers['user-agent'], /^Stripe\/1\.0/);
    const event = stripe.webhooks.constructEvent(delivery.body, delivery.signature, endpoint.secret);
    assert.equal(event.type, 'customer.created');
    assert.equal(event.data.object.id, customer.id);
    assert.equal(event.data.object.name, 'Ada 🥊');
    const stored = await stripe.events.retrieve(event.id);
    assert.deepEqual(event.data, stored.data);
    assert.equal(event.api_version, stored.api_version);
  });
});

test('altered bytes, another secret and an old signature do not verify', async () => {
  await withReceiver(['customer.created'], undefined, async (receiver, endpoint) => {
    await stripe.customers.create();
    const [{ body, signature }] = await receiver.ofType('customer.created');
    const verify = (bytes, secret, ...rest) => stripe.webhooks.constructEvent(bytes, signature, secret, ...rest);
    assert.ok(verify(body, endpoint.secret));
    for (let at = 0; at < body.length; at += Math.ceil(body.length / 64)) {
      const altered = Buffer.from(body);
      altered[at] ^= 1;
      assert.throws(() => verify(altered, endpoint.secret), Stripe.errors.StripeSignatureVerificationError, `byte ${at}`);
    }
    assert.throws(() => verify(body, 'whsec_another'), Stripe.errors.StripeSignatureVerificationError);
    const later = Math.floor(Date.now() / 1000) + 3600;
    assert.throws(() => verify(body, endpoint.secret, 300, undefined, later * 1000), Stripe.errors.StripeSignatureVerificationError);
  });
});

test('an endpoint receives what it enabled and nothing else', async () => {
  await withReceiver(['customer.deleted'], undefined, async (receiver) => {
    const { id } = await stripe.customers.create();
    await stripe.customers.update(id, { name: 'x' });
    await stripe.customers.del(id);
    await receiver.ofType('customer.deleted');
    assert.deepEqual(receiver.deliveries.map((d) => d.event.type), ['customer.deleted']);
  });
});

test('every endpoint receives the event under its own secret', async () => {
  await withReceiver(['customer.created'], undefined, async (one, first) => {
    await withReceiver(['*'], undefined, async (two, second) => {
      const { id } = await stripe.customers.create();
      const [a] = await one.deliveriesOf((d) => d.event.data.object.id === id);
      const [b] = await two.deliveriesOf((d) => d.event.data.object.id === id);
      assert.equal(a.event.id, b.event.id);
      assert.ok(stripe.webhooks.constructEvent(a.body, a.signature, first.secret));
      assert.ok(stripe.webhooks.constructEvent(b.body, b.signature, second.secret));
      assert.throws(() => stripe.webhooks.constructEvent(a.body, a.signature, second.secret));
    });
  });
});

test('a delivery is repeated after a 500, with the same bytes and a signature of its own', async () => {
  await withReceiver(['customer.created'], (nth) => (nth === 0 ? 500 : 200), async (receiver, endpoint) => {
    await stripe.customers.create();
    const [first, second] = await receiver.ofType('customer.created', 2);
    assert.equal(first.status, 500);
    assert.equal(first.event.id, second.event.id);
    assert.ok(first.body.equals(second.body));
    assert.notEqual(first.signature, second.signature);
    assert.ok(second.at - first.at >= 900, `came after ${second.at - first.at} ms`);
    assert.ok(stripe.webhooks.constructEvent(second.body, second.signature, endpoint.secret));
  });
});

test('a redirect is a failed delivery, and a 204 is a good one', async () => {
  await withReceiver(['customer.created'], (nth) => (nth === 0 ? 302 : 204), async (receiver) => {
    await stripe.customers.create();
    const both = await receiver.ofType('customer.created', 2);
    assert.deepEqual(both.map((d) => d.status), [302, 204]);
    const open = async () => (await sandbox.control('')).open_deliveries;
    for (let i = 0; i < 50 && (await open()) > 0; i += 1) await new Promise((r) => setTimeout(r, 20));
    assert.equal(await open(), 0);
  });
});

test('a disabled endpoint receives nothing', async () => {
  await withReceiver(['customer.created'], undefined, async (silent, endpoint) => {
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await withReceiver(['customer.created'], undefined, async (heard) => {
      await stripe.customers.create();
      await heard.ofType('customer.created');
      assert.deepEqual(silent.deliveries, []);
    });
  });
});

test('an event counts the endpoints that still wait for it', async () => {
  await withReceiver(['customer.created'], () => 500, async (receiver) => {
    const { id } = await stripe.customers.create();
    const [delivery] = await receiver.deliveriesOf((d) => d.event.data.object.id === id);
    assert.equal((await stripe.events.retrieve(delivery.event.id)).pending_webhooks, 1);
    const undelivered = await stripe.events.list({ delivery_success: false });
    assert.ok(undelivered.data.some((e) => e.id === delivery.event.id));
  });
});

test('a payment by the customer reaches the receiver as invoice.paid', async () => {
  await withReceiver(['invoice.paid'], undefined, async (receiver, endpoint) => {
    const customer = await stripe.customers.create();
    const draft = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', days_until_due: 7 });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 4200, currency: 'usd' });
    await stripe.invoices.sendInvoice(draft.id);
    await sandbox.control(`/invoices/${draft.id}/pay`, {});
    const [delivery] = await receiver.ofType('invoice.paid');
    const event = stripe.webhooks.constructEvent(delivery.body, delivery.signature, endpoint.secret);
    assert.equal(event.data.object.id, draft.id);
    assert.equal(event.data.object.status, 'paid');
    assert.deepEqual(event.request, { id: null, idempotency_key: null });
  });
});
