// What `stripe trigger` is asked for: every event that the CLI 1.52.0 lists for the
// resources that the sandbox has. A trigger of the list that fails is a failure; one that
// the CLI lists for these resources and this list does not have is one too, unless
// `without` says why.

/** The resources, by what the names of their events begin with. */
export const resources = {
  customers: ['customer.created', 'customer.deleted', 'customer.updated'],
  sources: ['customer.source.created', 'customer.source.updated'],
  discounts: ['customer.discount.created', 'customer.discount.deleted', 'customer.discount.updated'],
  'cash balances': ['cash_balance.funds_available', 'customer_cash_balance_transaction.created'],
  'payment methods': ['payment_method.attached', 'payment_method.detached', 'payment_method.updated'],
  'setup intents': [
    'setup_intent.canceled',
    'setup_intent.created',
    'setup_intent.requires_action',
    'setup_intent.setup_failed',
    'setup_intent.succeeded',
  ],
  'payment intents': [
    'payment_intent.amount_capturable_updated',
    'payment_intent.canceled',
    'payment_intent.created',
    'payment_intent.partially_funded',
    'payment_intent.payment_failed',
    'payment_intent.processing',
    'payment_intent.requires_action',
    'payment_intent.succeeded',
  ],
  charges: ['charge.captured', 'charge.failed', 'charge.succeeded'],
  refunds: ['charge.refund.updated', 'charge.refunded'],
  disputes: ['charge.dispute.closed', 'charge.dispute.created', 'charge.dispute.updated'],
  payouts: ['payout.created', 'payout.updated'],
  'credit notes': ['credit_note.created', 'credit_note.updated', 'credit_note.voided'],
  invoices: [
    'invoice.created',
    'invoice.deleted',
    'invoice.finalized',
    'invoice.marked_uncollectible',
    'invoice.paid',
    'invoice.payment_action_required',
    'invoice.payment_failed',
    'invoice.payment_succeeded',
    'invoice.sent',
    'invoice.updated',
    'invoice.voided',
  ],
  'invoice items': ['invoiceitem.created', 'invoiceitem.deleted'],
  products: ['product.created', 'product.deleted', 'product.updated'],
  prices: ['price.created', 'price.updated'],
  plans: ['plan.created', 'plan.deleted', 'plan.updated'],
  'promotion codes': ['promotion_code.created', 'promotion_code.updated'],
  checkout: [
    'checkout.session.async_payment_failed',
    'checkout.session.async_payment_succeeded',
    'checkout.session.completed',
    'checkout.session.expired',
  ],
  coupons: ['coupon.created', 'coupon.deleted', 'coupon.updated'],
  'tax rates': ['tax_rate.created', 'tax_rate.updated'],
  subscriptions: [
    'customer.subscription.created',
    'customer.subscription.deleted',
    'customer.subscription.paused',
    'customer.subscription.trial_will_end',
    'customer.subscription.updated',
    'subscription.payment_failed',
    'subscription.payment_succeeded',
  ],
  schedules: [
    'subscription_schedule.aborted',
    'subscription_schedule.canceled',
    'subscription_schedule.completed',
    'subscription_schedule.created',
    'subscription_schedule.expiring',
    'subscription_schedule.released',
    'subscription_schedule.updated',
  ],
  'test clocks': [
    'test_helpers.test_clock.advancing',
    'test_helpers.test_clock.created',
    'test_helpers.test_clock.deleted',
    'test_helpers.test_clock.ready',
  ],
};

/** Triggers whose name is no event's: the event that each leaves. */
export const events = {
  'subscription.payment_failed': 'invoice.payment_failed',
  'subscription.payment_succeeded': 'invoice.payment_succeeded',
};

/** What the names of other triggers begin with, and why they are not here. */
export const without = {
  'account.': 'accounts are connected by OAuth here and not made by the API',
  'balance.': 'the CLI makes a top-up for it',
  'billing_portal.': 'the customer portal',
  'identity.': 'another product of Stripe',
  'issuing_': 'another product of Stripe',
  'payment_link.': 'payment links',
  'quote.': 'quotes',
  'reporting.': 'another product of Stripe',
  'topup.': 'top-ups',
  'transfer.': 'the CLI makes a connected account for it',
  'v1.billing.': 'meters',
};
