// What the SDK makes of what goes wrong at Stripe.

export async function errors({ stripe, check, sandbox }) {
  const create = (email, idempotencyKey) => stripe.customers.create({ email }, idempotencyKey && { idempotencyKey });
  await sandbox.fail('429', 1, { reason: 'endpoint-rate' });
  await check.refused('too many requests are a rate limit error with its reason', create('limited@example.com', 'limited'), {
    kind: 'RateLimitError',
    status: 429,
    headers: { 'stripe-rate-limited-reason': 'endpoint-rate' },
  });
  check.has('after a rate limit the key is free', await create('limited@example.com', 'limited'), {
    email: 'limited@example.com',
  });
  await sandbox.fail('lock_timeout');
  await check.refused('a locked object is a rate limit error with a code', create('locked@example.com'), {
    kind: 'RateLimitError',
    status: 429,
    code: 'lock_timeout',
    headers: { 'stripe-rate-limited-reason': undefined },
  });
  await sandbox.fail('409');
  await check.refused('a key in use is a conflict', create('busy@example.com', 'busy'), {
    status: 409,
    code: 'idempotency_key_in_use',
  });
  await sandbox.fail('stored_500');
  await check.refused('a failure of Stripe is an API error', create('broken@example.com', 'broken'), {
    kind: 'APIError',
    status: 500,
    type: 'api_error',
  });
  await check.refused('a failure of Stripe is kept under its key', create('broken@example.com', 'broken'), {
    kind: 'APIError',
    headers: { 'idempotent-replayed': 'true' },
  });
  await sandbox.fail('reset', 2);
  await check.refused('a broken connection is a connection error', create('unreachable@example.com'), {
    kind: 'ConnectionError',
    status: undefined,
  });
  check.same('nothing was done', (await stripe.customers.list({ email: 'unreachable@example.com' })).data, []);
  const missing = { code: 'parameter_missing', param: 'amount', message: /^Missing required param: amount/, status: 400 };
  await check.refused('a missing parameter is named', stripe.paymentIntents.create({ currency: 'usd' }), missing);
  await check.refused('an empty value where one belongs is named', stripe.paymentIntents.create({ amount: 1000, currency: '' }), {
    code: 'parameter_invalid_empty',
    param: 'currency',
  });
}
