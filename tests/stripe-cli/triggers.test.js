// `stripe trigger` of the official CLI against the sandbox: each leaves the event that it
// names, delivered to an endpoint and signed.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startBursar } from './bursar.js';
import { listed, stripe } from './cli.js';
import { startReceiver, verifies } from './receiver.js';
import { events, resources, without } from './triggers.js';

let home;
let sandbox;
let receiver;
let secret;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'bursar-stripe-cli-'));
  sandbox = await startBursar('sandbox', '--check-objects');
  receiver = await startReceiver();
  const { url, secretKey } = sandbox.ready;
  const response = await fetch(`${url}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}` },
    body: new URLSearchParams({ url: receiver.url, 'enabled_events[]': '*' }),
  });
  const endpoint = await response.json();
  assert.equal(response.status, 200, JSON.stringify(endpoint));
  ({ secret } = endpoint);
});

after(async () => {
  const ended = await sandbox?.stop();
  await receiver?.stop();
  if (home) await rm(home, { recursive: true });
  assert.equal(ended?.code, 0, 'what deviates from the object tables stands above');
});

test('every trigger that the CLI lists is asked for, or it is said why not', async () => {
  const asked = Object.values(resources).flat();
  assert.equal(new Set(asked).size, asked.length, 'a trigger stands here twice');
  const known = await listed(home);
  const excused = (name) => Object.keys(without).some((head) => name.startsWith(head));
  assert.deepEqual(known.filter((name) => !asked.includes(name) && !excused(name)), []);
  assert.deepEqual(asked.filter((name) => !known.includes(name) || excused(name)), []);
});

for (const [resource, names] of Object.entries(resources)) {
  for (const name of names) {
    test(`${resource}: stripe trigger ${name}`, async () => {
      const { url, secretKey } = sandbox.ready;
      const from = receiver.count();
      const { code, said } = await stripe(home, 'trigger', name, '--api-base', url, '--api-key', secretKey);
      assert.equal(code, 0, said);
      assert.match(said, /Trigger succeeded/);
      const delivery = await receiver.ofType(events[name] ?? name, from);
      assert.ok(verifies(delivery, secret), 'the signature does not verify');
      assert.ok(!verifies({ ...delivery, body: `${delivery.body} ` }, secret), 'altered bytes verify');
    });
  }
}
