// A webhook receiver that keeps the raw bytes, and Stripe's signature checked by hand: the
// CLI brings no verifier.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const WAIT_MS = 30_000;

/** A receiver on a free port. */
export async function startReceiver() {
  const deliveries = [];
  const waiting = new Set();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      deliveries.push({ body, event: JSON.parse(body), signature: request.headers['stripe-signature'] });
      response.end();
      for (const check of waiting) check();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  /** Resolves with the first delivery of a type from the `from`th on. */
  const ofType = (type, from) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(check);
        const seen = deliveries.slice(from).map((delivery) => delivery.event.type);
        reject(new Error(`waited ${WAIT_MS} ms for ${type}; there came: ${seen.join(', ') || 'nothing'}`));
      }, WAIT_MS);
      const check = () => {
        const found = deliveries.slice(from).find((delivery) => delivery.event.type === type);
        if (!found) return;
        clearTimeout(late);
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });

  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    count: () => deliveries.length,
    ofType,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** Whether one `v1` of the signature is over these bytes with this secret. */
export function verifies({ body, signature }, secret) {
  const parts = signature.split(',').map((part) => part.split('='));
  const [, at] = parts.find(([name]) => name === 't') ?? [];
  const expected = createHmac('sha256', secret).update(`${at}.${body}`).digest();
  return parts
    .filter(([name]) => name === 'v1')
    .map(([, hex]) => Buffer.from(hex, 'hex'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}
