// Whose key it is, and what a key may do.

export async function account({ stripe, check, sandbox, clientWith }) {
  const mine = await stripe.accounts.retrieveCurrent();
  check.has('the account is the one that the sandbox announced', mine, {
    id: sandbox.account,
    object: 'account',
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
  });
  check.has('an answer names the version that the SDK pins', mine.lastResponse.headers, {
    'stripe-version': stripe.getApiField('version'),
    'request-id': /^req_/,
  });
  await check.refused(
    'a wrong key is an authentication error without a request id',
    clientWith({ key: 'not_a_key_at_all' }).customers.list(),
    { kind: 'AuthenticationError', status: 401, type: 'invalid_request_error', code: undefined, requestId: undefined },
  );
  const live = 'sk_live_0123456789abcdefghijklmnop';
  await check.refused('a live key is refused and not shown again', clientWith({ key: live }).customers.list(), {
    kind: 'AuthenticationError',
    status: 401,
    message: (text) => !text.includes(live),
  });
  await check.refused(
    'a foreign account is a permission error',
    stripe.customers.list({}, { stripeAccount: 'acct_somebodyelse' }),
    { kind: 'PermissionError', status: 403, code: 'account_invalid' },
  );
  await check.refused('an unknown version is refused by name', stripe.customers.list({}, { apiVersion: '1999-01-01' }), {
    kind: 'InvalidRequestError',
    status: 400,
    code: undefined,
    message: /1999-01-01/,
  });
  await check.refused('an unknown path is a 404', stripe.rawRequest('GET', '/v1/customerz'), {
    kind: 'InvalidRequestError',
    status: 404,
    message: /Unrecognized request URL/,
  });
}
