// The balance, its transactions and their fees.

/** Amounts in cents and what Stripe took of them, as recorded: 2.9 % and 30 cents, half up. */
const FEES = [
  [950, 58],
  [1000, 59],
  [2250, 95],
  [25000, 755],
];

export async function balance({ stripe, check, all }) {
  const pay = async (amount, card = 'pm_card_visa') => {
    const params = { amount, currency: 'usd', confirm: true, payment_method: card, return_url: 'https://shop.example/back' };
    return (await stripe.paymentIntents.create(params)).latest_charge;
  };
  for (const [amount, fee] of FEES) {
    const source = await pay(amount);
    const {
      data: [landed],
    } = await stripe.balanceTransactions.list({ source });
    check.has(`a payment of ${amount} costs ${fee}`, landed, {
      id: /^txn_/,
      type: 'charge',
      reporting_category: 'charge',
      amount,
      fee,
      net: amount - fee,
      status: 'pending',
      source,
      fee_details: (details) => details.length === 1 && details[0].type === 'stripe_fee' && details[0].amount === fee,
    });
  }
  const [landed] = (await stripe.balanceTransactions.list({ source: await pay(1000, 'pm_card_bypassPending') })).data;
  check.has('a card that lands at once is available', landed, { status: 'available' });
  const now = await stripe.balance.retrieve();
  check.has('a balance has lists of currencies', now, {
    object: 'balance',
    livemode: false,
    available: Array.isArray,
    pending: Array.isArray,
  });
  const usd = (list) => list.filter((entry) => entry.currency === 'usd').reduce((sum, entry) => sum + entry.amount, 0);
  const nets = (await all(stripe.balanceTransactions.list({ currency: 'usd', limit: 7 }))).map((one) => one.net);
  check.same(
    'the balance is the sum of its transactions',
    usd(now.available) + usd(now.pending),
    nets.reduce((sum, net) => sum + net, 0),
  );
  const charges = await stripe.balanceTransactions.list({ type: 'charge', limit: 100 });
  check.has('transactions are listed by type', charges, {
    data: (data) => data.length > 4 && data.every((one) => one.type === 'charge'),
  });
  await check.refused('an unknown transaction is missing', stripe.balanceTransactions.retrieve('txn_nobody'), {
    status: 404,
    code: 'resource_missing',
  });
}
