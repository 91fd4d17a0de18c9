// From the link to `active`, through the consent page, as a person does it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isSound, startBrowser, tellsNothing } from './browser.js';
import { startBursar } from './bursar.js';

const WAYS = ['connect', 'app'];

let bursar;
let browser;
before(async () => {
  bursar = await startBursar();
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await bursar?.stop();
});

for (const via of WAYS) {
  test(`an account is connected through the consent page: ${via}`, async () => {
    const asked = await bursar.link({ via, name: `shop-${via}` });
    const page = await browser.visitor();
    await page.goto(asked.authUrl);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Connect an account to Bursar Sandbox');
    await isSound(page, bursar, `consent-${via}`);
    await page.getByLabel('Name of the new account').fill('Ada & Söhne <b>');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'The account is connected' }).waitFor();
    assert.equal(new URL(page.url()).origin, bursar.url);
    await isSound(page, bursar, `connected-${via}`);
    await tellsNothing(page);

    const connection = await bursar.connection(asked.connectionId);
    assert.deepEqual([connection.status, connection.kind, connection.mode], ['active', via, 'local']);
    const shown = await page.getByRole('main').textContent();
    assert(shown.includes(connection.account) && shown.includes(`shop-${via}`), shown);

    const customer = await bursar.api('POST', '/actions/stripe.createCustomer', {
      connectionId: asked.connectionId,
      config: { email: 'ada@example.com' },
    });
    assert.match(customer.id, /^cus_/, 'the connection works');
  });

  test(`nothing but the keyboard is needed: ${via}`, async () => {
    const asked = await bursar.link({ via, name: `keys-${via}` });
    const page = await browser.visitor();
    await page.goto(asked.authUrl);
    await focus(page, 'name');
    await page.keyboard.type('By keys');
    const button = await focus(page, 'decision');
    assert.equal(button, 'connect', 'what is asked for comes before what refuses it');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The account is connected' }).waitFor();
    assert.equal((await bursar.connection(asked.connectionId)).status, 'active');
  });

  test(`whoever denies reads that nothing was connected, and can be asked again: ${via}`, async () => {
    const first = await bursar.link({ via, name: `denied-${via}` });
    const page = await browser.visitor();
    await page.goto(first.authUrl);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'The account was not connected' }).waitFor();
    await isSound(page, bursar, `denied-${via}`);
    await tellsNothing(page);
    const said = await page.getByRole('alert').textContent();
    assert(said.includes('access_denied') && said.includes('Ask for a new link'), said);
    assert.notEqual((await bursar.connection(first.connectionId)).status, 'active');

    const again = await bursar.link({ via, name: `denied-${via}` });
    assert.equal(again.connectionId, first.connectionId, 'the connection keeps its id');
    await page.goto(again.authUrl);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'The account is connected' }).waitFor();
    const connection = await bursar.connection(first.connectionId);
    assert.deepEqual([connection.status, connection.error], ['active', null]);
  });
}

test('an account that was connected before can be chosen', async () => {
  const { id: account } = await bursar.control('/oauth/accounts', { name: 'Grace' });
  const asked = await bursar.link({ via: 'connect', name: 'known' });
  const page = await browser.visitor();
  await page.goto(asked.authUrl);
  await page.getByLabel(account).check();
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('heading', { name: 'The account is connected' }).waitFor();
  assert.equal((await bursar.connection(asked.connectionId)).account, account);
});

test('people are sent on to where the link said, with how it ended', async () => {
  for (const [button, status] of [['Connect', 'active'], ['Deny', 'failed']]) {
    const redirectUrl = `${bursar.url}/docs/errors/not_found`;
    const asked = await bursar.link({ via: 'connect', name: `onward-${status}`, redirectUrl });
    const page = await browser.visitor();
    await page.goto(asked.authUrl);
    await page.getByRole('button', { name: button }).click();
    await page.waitForURL(`${redirectUrl}?**`);
    const query = new URL(page.url()).searchParams;
    assert.deepEqual([...query.keys()].sort(), ['connectionId', 'status'], 'no code and no state go along');
    assert.deepEqual([query.get('connectionId'), query.get('status')], [asked.connectionId, status]);
    await isSound(page, bursar, 'error-page');
  }
});

/** Tabs to the field of this name, each stop visibly marked; says its value. */
async function focus(page, name) {
  for (let n = 0; n < 20; n += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const { name, value } = document.activeElement;
      return { name, value, outline: getComputedStyle(document.activeElement).outlineStyle };
    });
    assert.notEqual(at.outline, 'none', `${at.name} does not show that it has the focus`);
    if (at.name === name) return at.value;
  }
  throw new Error(`the keyboard does not get to ${name}`);
}
