// A sandbox of its own for every test file, and clients of the official SDK for it.
//
// It holds everything that it answers and sends against Stripe's object tables: what
// deviates is a 500 at once, and a failure when it is stopped.

import Stripe from 'stripe';

import { startBursar } from './bursar.js';

/** A running sandbox. Stop it in `after`. */
export async function startSandbox(...more) {
  const { ready, stop } = await startBursar('sandbox', '--check-objects', ...more);
  const { url, account, secretKey } = ready;
  const { hostname, port } = new URL(url);

  /** An SDK client; no retries unless asked for, so that a test sees every answer. */
  const client = (options = {}, key = secretKey, Sdk = Stripe) =>
    new Sdk(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options });

  /** The sandbox's own control surface, which Stripe does not have. */
  const control = async (path, body) => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST /_sandbox${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };

  return {
    url,
    account,
    secretKey,
    client,
    control,
    /** The next `next` matching writes meet this fault. */
    fail: (fault, next = 1, where = {}) => control('/faults', { fault, next, ...where }),
    async stop() {
      const { code, signal } = await stop();
      if (code !== 0) throw new Error(`the sandbox ended with ${signal ?? code}; what deviated stands above`);
    },
  };
}

/** What a call was refused with; fails when it was not. */
export async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to be refused, and succeeded');
}

/** Everything of an auto-paged list. */
export async function all(list) {
  const found = [];
  for await (const item of list) found.push(item);
  return found;
}
