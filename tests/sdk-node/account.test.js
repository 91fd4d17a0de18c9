// Who is asked, with which key, in which version.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import Stripe from 'stripe';

import { refused, startSandbox } from './sandbox.js';

let sandbox;
let stripe;
before(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.client();
});
after(() => sandbox?.stop());

test('the account is the one that the sandbox announced', async () => {
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.id, sandbox.account);
  assert.equal(account.object, 'account');
  assert.equal(account.charges_enabled, true);
  assert.equal(typeof account.country, 'string');
});

test('the same account answers without an id', async () => {
  const account = await stripe.accounts.retrieve(null);
  assert.equal(account.id, sandbox.account);
});

test('two sandboxes are two accounts, and equal seeds the same one', async () => {
  const others = await Promise.all([startSandbox('--seed', '7'), startSandbox('--seed', '7')]);
  try {
    assert.equal(others[0].account, others[1].account);
    assert.notEqual(others[0].account, sandbox.account);
  } finally {
    await Promise.all(others.map((other) => other.stop()));
  }
});

test('the answer names the version that the SDK pins', async () => {
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.lastResponse.apiVersion, Stripe.API_VERSION);
  assert.equal(account.lastResponse.statusCode, 200);
  assert.match(account.lastResponse.requestId, /^req_/);
});

test('an older supported version is echoed', async () => {
  const customer = await stripe.customers.create({ name: 'Ada' }, { apiVersion: '2025-09-30.clover' });
  assert.equal(customer.lastResponse.apiVersion, '2025-09-30.clover');
});

test('an unknown version is refused', async () => {
  const error = await refused(stripe.customers.list({}, { apiVersion: '1999-01-01' }));
  assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
  assert.equal(error.statusCode, 400);
  assert.equal(error.code, undefined);
  assert.match(error.message, /1999-01-01/);
});

test('a wrong key is an authentication error without a request id', async () => {
  const error = await refused(sandbox.client({}, 'not_a_key_at_all').customers.list());
  assert.ok(error instanceof Stripe.errors.StripeAuthenticationError);
  assert.equal(error.statusCode, 401);
  assert.equal(error.rawType, 'invalid_request_error');
  assert.equal(error.code, undefined);
  assert.equal(error.requestId, undefined);
});

test('a live key is refused and not shown again', async () => {
  const key = 'sk_live_0123456789abcdefghijklmnop';
  const error = await refused(sandbox.client({}, key).customers.list());
  assert.ok(error instanceof Stripe.errors.StripeAuthenticationError);
  assert.ok(!JSON.stringify(error).includes(key));
});

test('a foreign account is a permission error', async () => {
  const error = await refused(stripe.customers.list({}, { stripeAccount: 'acct_somebodyelse' }));
  assert.ok(error instanceof Stripe.errors.StripePermissionError);
  assert.equal(error.statusCode, 403);
  assert.equal(error.code, 'account_invalid');
});

test('an unknown path is a 404', async () => {
  const error = await refused(stripe.rawRequest('GET', '/v1/customerz'));
  assert.equal(error.statusCode, 404);
  assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
  assert.match(error.message, /Unrecognized request URL/);
});
