// The scenario: one life of an account, told the same way to every release of the SDK.
//
// What releases answer differently is said where it is checked, by `since`.

import { account } from './account.js';
import { balance } from './balance.js';
import { Checks } from './checks.js';
import { customers } from './customers.js';
import { errors } from './errors.js';
import { events } from './events.js';
import { idempotency } from './idempotency.js';
import { invoices } from './invoices.js';
import { lifetimes } from './lifetimes.js';
import { lists } from './lists.js';
import { paymentIntents } from './payment-intents.js';
import { paymentMethods } from './payment-methods.js';
import { products } from './products.js';
import { refunds } from './refunds.js';
import { subscriptions } from './subscriptions.js';
import { webhooks } from './webhooks.js';

/** The names of Stripe's breaking releases, oldest first, each with the SDK's last major for it. */
export const RELEASES = [
  { release: 'acacia', sdk: 'stripe-17' },
  { release: 'basil', sdk: 'stripe-18' },
  { release: 'clover', sdk: 'stripe-20' },
  { release: 'dahlia', sdk: 'stripe-22' },
  { release: 'endive', sdk: 'stripe' },
];

const SECTIONS = {
  account,
  customers,
  lists,
  products,
  paymentMethods,
  paymentIntents,
  refunds,
  balance,
  invoices,
  subscriptions,
  lifetimes,
  events,
  webhooks,
  idempotency,
  errors,
};

/** Tells the whole scenario; resolves with what was checked and what did not hold. */
export async function tell({ release, Stripe, sandbox, all }) {
  const order = RELEASES.map((one) => one.release);
  const check = new Checks();
  const clientWith = ({ key, ...options }) => sandbox.client(options, key, Stripe);
  const world = {
    Stripe,
    sandbox,
    check,
    clientWith,
    all,
    stripe: clientWith({}),
    since: (name) => order.indexOf(release) >= order.indexOf(name),
  };
  for (const [name, section] of Object.entries(SECTIONS)) {
    try {
      await section(world);
    } catch (error) {
      check.failed.push(`${name} broke off after “${check.made.at(-1)}”\n    ${error.stack}`);
    }
  }
  return check;
}
