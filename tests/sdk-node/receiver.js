// A webhook receiver as an integrator would write it: node's own HTTP server that keeps
// the raw bytes, because the signature is over those.

import { createServer } from 'node:http';

const WAIT_MS = 15_000;

/** A receiver on a free port. `answer(nth)` gives the status of the nth delivery, from 0. */
export async function startReceiver(answer = () => 200) {
  const deliveries = [];
  const waiting = new Set();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const status = answer(deliveries.length);
      deliveries.push({
        method: request.method,
        path: request.url,
        headers: request.headers,
        signature: request.headers['stripe-signature'],
        body,
        event: JSON.parse(body.toString('utf8')),
        status,
        at: Date.now(),
      });
      response.statusCode = status;
      response.end();
      for (const check of waiting) check();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  /** Resolves with `count` deliveries that match, as soon as there are so many. */
  const deliveriesOf = (matches, count = 1) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(check);
        const seen = deliveries.map((d) => `${d.event.type} ${d.status}`).join(', ');
        reject(new Error(`waited ${WAIT_MS} ms for ${count} deliveries; there came: ${seen || 'none'}`));
      }, WAIT_MS);
      const check = () => {
        const found = deliveries.filter(matches);
        if (found.length < count) return;
        clearTimeout(late);
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });

  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    deliveries,
    deliveriesOf,
    ofType: (type, count) => deliveriesOf((d) => d.event.type === type, count),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
