// Stripe's operations as the project's own tables have them: what the wire is compared for.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { root } from '../bursar.js';

/** `us_bank_account` as `usBankAccount`. */
export const camel = (name) => name.replace(/_+(.)/g, (_, next) => next.toUpperCase());

/** The operations by verb and path: `{ id, method, path, params, in, host }`. */
export async function readTables() {
  const text = await readFile(join(root, 'crates', 'stripe', 'data', 'operations.tsv'), 'utf8');
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
  // What only older releases have stands in the tables too, but is not what actions do.
  const current = rows.filter(([, , , releases]) => releases.endsWith('-'));
  return new Map(current.map(([id, method, path, , json]) => [`${method} ${path}`, { ...JSON.parse(json), id, method, path }]));
}

/** The names in the braces of a path. */
export const placeholders = (path) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

/** The place of every parameter below a hash: `a.b`, `a[].b` in a list, `a{}.b` in a map. */
export function places(props, at = '') {
  return Object.entries(props).flatMap(([name, type]) => {
    const place = at ? `${at}.${name}` : name;
    return [place, ...inside(type, place)];
  });
}

function inside(type, at) {
  if (type.type === 'object') return places(type.props, at);
  if (type.type === 'array') return inside(type.items, `${at}[]`);
  if (type.type === 'map') return inside(type.values, `${at}{}`);
  if (type.type === 'union') return type.of.flatMap((one) => inside(one, at));
  return [];
}
