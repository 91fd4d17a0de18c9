// The pages of the stand-in that a customer sees: 3D Secure and the hosted invoice.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { isSound, startBrowser } from './browser.js';
import { startBursar } from './bursar.js';

let bursar;
let browser;
let shop;
before(async () => {
  bursar = await startBursar();
  browser = await startBrowser();
  shop = createServer((_, response) => response.end('thank you'));
  await new Promise((resolve) => shop.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  await browser?.stop();
  shop?.close();
  await bursar?.stop();
});

const ASKS = 'pm_card_authenticationRequired';

/** A payment that waits for its customer. */
async function waiting(more = {}) {
  const form = { amount: '1999', currency: 'usd', confirm: 'true', payment_method: ASKS, 'allowed_payment_method_types[0]': 'card', ...more };
  const intent = await bursar.stripe('POST', '/payment_intents', form);
  assert.equal(intent.status, 'requires_action');
  return intent;
}

/** An invoice whose customer may pay it. */
async function invoice() {
  const { id: customer } = await bursar.stripe('POST', '/customers', { name: 'Ada', email: 'ada@example.com' });
  const { id } = await bursar.stripe('POST', '/invoices', { customer, collection_method: 'send_invoice', days_until_due: '7' });
  await bursar.stripe('POST', '/invoiceitems', { customer, invoice: id, amount: '4200', currency: 'usd' });
  return bursar.stripe('POST', `/invoices/${id}/finalize`);
}

for (const [button, result, status] of [['Complete', 'succeeded', 'succeeded'], ['Fail', 'failed', 'requires_payment_method']]) {
  test(`3D Secure goes back to the shop: ${button}`, async () => {
    const back = `http://127.0.0.1:${shop.address().port}/back?order=7`;
    const intent = await waiting({ return_url: back });
    const page = await browser.visitor();
    await page.goto(intent.next_action.redirect_to_url.url);
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Is it you who pays 19.99 USD?');
    await isSound(page, bursar, '3ds');
    await page.getByRole('button', { name: button }).click();
    await page.waitForURL(/\/back\?/);
    assert.deepEqual(Object.fromEntries(new URL(page.url()).searchParams), {
      order: '7',
      payment_intent: intent.id,
      payment_intent_client_secret: intent.client_secret,
      redirect_status: result,
    });
    assert.equal((await bursar.stripe('GET', `/payment_intents/${intent.id}`)).status, status);
  });

  test(`3D Secure without a shop says how it ended: ${button}`, async () => {
    const intent = await waiting();
    const address = `${bursar.sandbox}/_sandbox/payment_intents/${intent.id}/authenticate`;
    const [page, late] = [await browser.visitor(), await browser.visitor()];
    for (const each of [page, late]) await each.goto(address);
    await page.getByRole('button', { name: button }).click();
    const heading = button === 'Complete' ? 'The payment succeeded' : 'The payment failed';
    await page.getByRole('heading', { name: heading }).waitFor();
    await isSound(page, bursar, `3ds-${result}`);
    await late.getByRole('button', { name: 'Complete' }).click();
    await late.getByRole('heading', { name: heading }).waitFor();
    assert.equal((await bursar.stripe('GET', `/payment_intents/${intent.id}`)).status, status, 'it is decided once');
  });
}

test('a customer pays an invoice with a card, after one that is declined', async () => {
  const sent = await invoice();
  const page = await browser.visitor();
  await page.goto(sent.hosted_invoice_url);
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Pay 42.00 USD');
  await isSound(page, bursar, 'invoice');
  await page.getByLabel('Test card').selectOption('pm_card_chargeDeclined');
  await page.getByRole('button', { name: 'Pay' }).click();
  assert.match(await page.getByRole('alert').textContent(), /declined/);
  await isSound(page, bursar, 'invoice-declined');
  await page.getByLabel('Test card').selectOption('pm_card_visa');
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('heading', { name: 'This invoice is paid' }).waitFor();
  await isSound(page, bursar, 'invoice-paid');
  await page.reload();
  const paid = await bursar.stripe('GET', `/invoices/${sent.id}`);
  assert.deepEqual([paid.status, paid.amount_paid], ['paid', 4200]);
});

test('a customer pays an invoice through 3D Secure and comes back to it', async () => {
  const sent = await invoice();
  const page = await browser.visitor();
  await page.goto(sent.hosted_invoice_url);
  await page.getByLabel('Test card').selectOption(ASKS);
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('button', { name: 'Complete' }).click();
  await page.getByRole('link', { name: 'Back to the invoice' }).click();
  await page.getByRole('heading', { name: 'This invoice is paid' }).waitFor();
  assert.equal((await bursar.stripe('GET', `/invoices/${sent.id}`)).status, 'paid');
});

test('an address of nothing says so', async () => {
  const page = await browser.visitor();
  for (const path of ['/invoices/in_nope', '/payment_intents/pi_nope/authenticate', '/invoices/%3Cscript%3E']) {
    await page.goto(`${bursar.sandbox}/_sandbox${path}`);
    await page.getByRole('heading', { name: /^There is no such/ }).waitFor();
    await isSound(page, bursar, 'nothing');
  }
});
