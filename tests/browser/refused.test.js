// Links that were used, have run out, or are somebody else's: a person reads what
// happened and what to do, and nothing of anybody's changes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isSound, startBrowser, tellsNothing } from './browser.js';
import { startBursar } from './bursar.js';

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

const CONNECTED = 'The account is connected';
const NOT_CONNECTED = 'The account was not connected';
const DEAD_LINK = 'This link cannot be used';

/** Consents, and waits for the page with this heading. */
async function consent(page, link, heading) {
  await page.goto(link);
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('heading', { name: heading }).waitFor();
}

/** The page says this, soundly. */
async function reads(page, heading, picture, ...words) {
  await page.getByRole('heading', { name: heading }).waitFor();
  await isSound(page, bursar, picture);
  await tellsNothing(page);
  const said = await page.getByRole('alert').textContent();
  for (const word of words) assert(said.includes(word), `${word}: ${said}`);
  const request = await page.getByRole('main').textContent();
  assert.match(request, /req_[0-9a-f]{24}/, 'it says what to ask for help with');
}

for (const via of ['connect', 'app']) {
  test(`a code that comes back twice is refused and changes nothing: ${via}`, async () => {
    const asked = await bursar.link({ via, name: `twice-${via}` });
    const page = await browser.visitor();
    await consent(page, asked.authUrl, CONNECTED);
    const [back, before] = [page.url(), await bursar.connection(asked.connectionId)];
    const other = await browser.visitor();
    for (const again of [() => page.reload(), () => other.goto(back)]) {
      await again();
    }
    await reads(page, DEAD_LINK, `code-twice-${via}`, 'was used already', 'Ask for a new link');
    await reads(other, DEAD_LINK, `code-twice-${via}`, 'was used already');
    const now = await bursar.connection(asked.connectionId);
    assert.deepEqual([now.status, now.account], ['active', before.account]);
  });

  test(`a link that two people open connects one account: ${via}`, async () => {
    const asked = await bursar.link({ via, name: `opened-${via}` });
    const [first, second] = [await browser.visitor(), await browser.visitor()];
    for (const page of [first, second]) await page.goto(asked.authUrl);
    await consent(first, asked.authUrl, CONNECTED);
    const before = await bursar.connection(asked.connectionId);
    await second.getByRole('button', { name: 'Connect' }).click();
    await reads(second, DEAD_LINK, `opened-twice-${via}`, 'was used already');
    const now = await bursar.connection(asked.connectionId);
    assert.deepEqual([now.status, now.account], ['active', before.account]);
  });

  test(`a consent that is taken back too late is refused: ${via}`, async () => {
    const asked = await bursar.link({ via, name: `late-${via}` });
    const page = await browser.visitor();
    await page.goto(asked.authUrl);
    const hidden = await page.$$eval('input[type=hidden]', (all) => all.map((one) => [one.name, one.value]));
    const form = { ...Object.fromEntries(hidden), account: 'new', decision: 'connect' };
    const action = asked.authUrl.split('?')[0];
    const sent = await page.request.post(action, { form, maxRedirects: 0 });
    // Stripe's codes last five minutes; the way back takes six.
    await bursar.control('/clock', { advance_ms: 6 * 60_000 });
    await page.goto(sent.headers().location);
    await reads(page, NOT_CONNECTED, `late-${via}`, 'invalid_grant', 'Ask for a new link');
    assert.notEqual((await bursar.connection(asked.connectionId)).status, 'active');
  });
}

test('the link of a connection that is gone is refused', async () => {
  const asked = await bursar.link({ via: 'connect', name: 'gone' });
  const page = await browser.visitor();
  await page.goto(asked.authUrl);
  await bursar.api('DELETE', `/connections/${asked.connectionId}?remove=true`);
  await page.getByRole('button', { name: 'Connect' }).click();
  await reads(page, DEAD_LINK, 'gone', 'was not handed out here');
});

test('a state that nobody handed out is refused, and so is none', async () => {
  const page = await browser.visitor();
  for (const query of ['?state=made-up&code=ac_123', '?code=ac_123', '', '?state=%00%ff&state=a&code=%3Cscript%3E', `?state=${'x'.repeat(4000)}`]) {
    await page.goto(`${bursar.url}/api/v1/connections/callback${query}`);
    await reads(page, DEAD_LINK, 'made-up');
  }
});

test('the state of another company authorizes that company and nobody else', async () => {
  await bursar.api('POST', '/companies', { name: 'Other' });
  const ours = await bursar.link({ via: 'connect', name: 'ours' });
  const theirs = await bursar.link({ via: 'connect', name: 'theirs' }, 'Other');
  const swapped = new URL(ours.authUrl);
  swapped.searchParams.set('state', new URL(theirs.authUrl).searchParams.get('state'));
  const page = await browser.visitor();
  await consent(page, swapped.href, CONNECTED);
  assert(!(await page.content()).includes('ours'), 'the page tells of the state’s own connection only');
  assert.equal((await bursar.connection(theirs.connectionId, 'Other')).status, 'active');
  const untouched = await bursar.connection(ours.connectionId);
  assert.deepEqual([untouched.status, untouched.account], ['pending', null]);
  await assert.rejects(bursar.connection(theirs.connectionId), /not_found/);
});

test('the state of another way is refused', async () => {
  const app = await bursar.link({ via: 'app', name: 'by-app' });
  const connect = await bursar.link({ via: 'connect', name: 'by-connect' });
  const mixed = new URL(connect.authUrl);
  mixed.searchParams.set('state', new URL(app.authUrl).searchParams.get('state'));
  const page = await browser.visitor();
  await consent(page, mixed.href, NOT_CONNECTED);
  await reads(page, NOT_CONNECTED, 'other-way', 'invalid_grant');
  for (const { connectionId } of [app, connect]) {
    assert.equal((await bursar.connection(connectionId)).account, null);
  }
});

test('the stand-in sends nobody to an address that is not its client’s', async () => {
  const asked = await bursar.link({ via: 'connect', name: 'strange' });
  const page = await browser.visitor();
  for (const [name, value] of [['client_id', 'ca_nobody'], ['redirect_uri', 'http://evil.example/'], ['redirect_uri', 'javascript:alert(1)']]) {
    const link = new URL(asked.authUrl);
    link.searchParams.set(name, value);
    await page.goto(link.href);
    await page.getByRole('heading', { name: DEAD_LINK }).waitFor();
    await isSound(page, bursar, 'strange-link');
    assert.equal(await page.getByRole('link').count(), 0, 'it leads nowhere');
  }
});
