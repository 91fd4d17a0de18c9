// Idempotency keys, and the SDK's own retries over broken connections.

export async function idempotency({ stripe, check, sandbox, clientWith }) {
  const named = async (email) => (await stripe.customers.list({ email })).data.map((customer) => customer.id);
  const same = { email: 'same@example.com', metadata: { a: '1' } };
  const first = await stripe.customers.create(same, { idempotencyKey: 'same-body' });
  const second = await stripe.customers.create(same, { idempotencyKey: 'same-body' });
  check.same('the same key and body answer with the same object', second, first);
  check.same('it was made once', await named(same.email), [first.id]);
  check.has('a replay says so', second.lastResponse.headers, {
    'idempotent-replayed': 'true',
    'idempotency-key': 'same-body',
    'original-request': first.lastResponse.requestId,
  });
  check.has('a first answer does not', first.lastResponse.headers, {
    'idempotent-replayed': undefined,
    'original-request': first.lastResponse.requestId,
  });
  await check.refused(
    'other parameters under a key are an idempotency error',
    stripe.customers.create({ email: 'other@example.com' }, { idempotencyKey: 'same-body' }),
    {
      kind: 'IdempotencyError',
      status: 400,
      type: 'idempotency_error',
      code: undefined,
      message: /same parameters they were first used with/,
    },
  );
  await check.refused('so is another path', stripe.customers.update(first.id, same, { idempotencyKey: 'same-body' }), {
    kind: 'IdempotencyError',
  });
  await stripe.customers.del(first.id);
  check.same(
    'a replay answers after the object is gone',
    await stripe.customers.create(same, { idempotencyKey: 'same-body' }),
    first,
  );
  await stripe.customers.create({ tax_exempt: 'sometimes' }, { idempotencyKey: 'first-wrong' }).catch(() => {});
  check.has(
    'a refused request does not use its key up',
    await stripe.customers.create({ tax_exempt: 'exempt' }, { idempotencyKey: 'first-wrong' }),
    { tax_exempt: 'exempt' },
  );
  const pay = () =>
    stripe.paymentIntents.create(
      {
        amount: 1000,
        currency: 'usd',
        confirm: true,
        payment_method: 'pm_card_chargeCustomerFail',
        return_url: 'https://shop.example/back',
      },
      { idempotencyKey: 'declined' },
    );
  const declined = await check.refused('a decline is stored', pay(), { code: 'card_declined' });
  await check.refused('a decline is replayed', pay(), {
    code: 'card_declined',
    charge: declined.charge,
    headers: { 'idempotent-replayed': 'true' },
  });
  await check.refused('a key that is too long is refused', stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) }), {
    status: 400,
  });
  await sandbox.fail('lost_answer', 1);
  const retrying = clientWith({ maxNetworkRetries: 3 });
  const lost = await retrying.customers.create({ email: 'lost@example.com' });
  check.same('a lost answer is repeated under its key, and made once', await named('lost@example.com'), [lost.id]);
}
