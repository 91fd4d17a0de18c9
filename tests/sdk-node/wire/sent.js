// What the official SDK sends, caught before it leaves.

import Stripe from 'stripe';

class Caught extends Stripe.HttpClient {
  last = null;

  getClientName() {
    return 'caught';
  }

  async makeRequest(_host, _port, path, method, headers, body) {
    this.last = { path, method, headers, body };
    return new Answer();
  }
}

class Answer extends Stripe.HttpClientResponse {
  constructor() {
    super(200, {});
  }

  getRawResponse() {
    return {};
  }

  toStream(done) {
    done();
    return {};
  }

  async toJSON() {
    return {};
  }
}

/** A client whose requests go nowhere; `send` resolves with what would have been sent. */
export function catchingClient() {
  const caught = new Caught();
  const stripe = new Stripe('sk_test_wire', { httpClient: caught, telemetry: false, maxNetworkRetries: 0 });
  return {
    /** Calls the method of an operation's id, `invoices.finalizeInvoice`. */
    async send(id, ids, params) {
      const names = id.split('.');
      const resource = names.slice(0, -1).reduce((at, name) => at[name], stripe);
      // Ephemeral keys insist on the version that the client has anyway.
      await resource[names.at(-1)](...ids, params, { apiVersion: Stripe.API_VERSION });
      const { path, method, headers, body } = caught.last;
      const [pathname, query = ''] = path.split('?');
      return { method, path: pathname, version: headers['Stripe-Version'], form: method === 'POST' ? body : query };
    },
  };
}
