// The named checks of the scenario: counted, and held against `checks.txt`.
//
// A check that fails does not end the scenario: what follows still says whether it holds,
// and the report names everything at once.

import { isDeepStrictEqual } from 'node:util';

/** A value as JSON has it: without the SDK's own classes and without what is not there. */
const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** The ids of a list, in its envelope or not. */
export const ids = (listed) => (Array.isArray(listed) ? listed : listed.data).map((one) => one.id);

/** What an error says, whichever class of which release it is. */
export function told(error) {
  const { raw = {} } = error;
  return {
    ...plain(raw),
    kind: error.type?.replace(/^Stripe/, ''),
    status: error.statusCode,
    requestId: error.requestId,
    headers: error.headers,
  };
}

/** Where `actual` is not as expected. A pattern or function stands for what it accepts. */
function differences(actual, expected, at = '') {
  if (expected instanceof RegExp) {
    return expected.test(actual) ? [] : [`${at}: ${JSON.stringify(actual)} is not like ${expected}`];
  }
  if (typeof expected === 'function') {
    return expected(actual) ? [] : [`${at}: ${JSON.stringify(actual)} is not accepted`];
  }
  if (expected !== null && typeof expected === 'object' && !Array.isArray(expected)) {
    if (actual === null || typeof actual !== 'object') return [`${at}: ${JSON.stringify(actual)} is no object`];
    return Object.entries(expected).flatMap(([key, part]) => differences(actual[key], part, `${at}.${key}`));
  }
  if (isDeepStrictEqual(plain(actual), plain(expected))) return [];
  return [`${at}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
}

export class Checks {
  made = [];
  failed = [];

  #record(name, problems) {
    this.made.push(name);
    if (problems.length > 0) this.failed.push(`${name}\n${problems.map((problem) => `    ${problem}`).join('\n')}`);
  }

  /** How the checks made differ from the ones that belong to the scenario, in their order. */
  against(named) {
    const missing = named.filter((name) => !this.made.includes(name)).map((name) => `not made: ${name}`);
    const unknown = this.made.filter((name) => !named.includes(name)).map((name) => `not in checks.txt: ${name}`);
    const twice = this.made.filter((name, at) => this.made.indexOf(name) !== at).map((name) => `made twice: ${name}`);
    if (missing.length + unknown.length + twice.length > 0) return [...missing, ...unknown, ...twice];
    return isDeepStrictEqual(this.made, named) ? [] : ['in another order than in checks.txt'];
  }

  /** It is exactly this. */
  same(name, actual, expected) {
    const equal = isDeepStrictEqual(plain(actual), plain(expected));
    this.#record(name, equal ? [] : [`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`]);
  }

  /** It has these parts, and may have others. `undefined` is what must not be there. */
  has(name, actual, parts) {
    this.#record(name, differences(actual, parts));
  }

  /** The call is refused with an error of these parts. Resolves with what the error tells. */
  async refused(name, call, parts) {
    try {
      const answer = await call;
      this.#record(name, [`was not refused: ${JSON.stringify(answer).slice(0, 200)}`]);
      return {};
    } catch (error) {
      // What the SDK did not make is a mistake in the scenario.
      if (error.type === undefined) throw error;
      this.#record(name, differences(told(error), parts));
      return told(error);
    }
  }
}
