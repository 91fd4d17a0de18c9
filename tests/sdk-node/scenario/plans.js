// Plans to subscribe to, customers who can pay for them, and time that passes.

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** The world with a plan by the month and one by the year in it. */
export async function withPlans(world) {
  const { stripe, sandbox } = world;
  const product = (await stripe.products.create({ name: 'Plan' })).id;
  const price = async (unit_amount, interval) =>
    (await stripe.prices.create({ product, currency: 'usd', unit_amount, recurring: { interval } })).id;
  return {
    ...world,
    product,
    price,
    monthly: await price(1000, 'month'),
    yearly: await price(10_000, 'year'),
    advance: (ms) => sandbox.control('/clock', { advance_ms: ms }),
    /** A customer with a card. */
    payer: async (card = 'pm_card_visa') => {
      const { id: customer } = await stripe.customers.create();
      const method = await stripe.paymentMethods.attach(card, { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
      return customer;
    },
  };
}
