// What an older release has otherwise than the newest.
//
// A delta is `{ absent, only, is, values, of, flags }`, each by path: `a.b` is a property,
// `a[]` the elements of a list, `a{}` the values of a map. `values` (of enums) and `of` (of
// expandables) are `{ absent, only }`; `is` is another type; `flags` tells the older ones.
import assert from 'node:assert/strict';

const FLAGS = ['required', 'unsettable', 'nullable', 'optional'];
const SETS = { enum: 'values', expandable: 'of' };

/** A type without what 22.x began to say of the SDK and not of the API: open enums, decimals in strings. */
export function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (!node || typeof node !== 'object') return node;
  const out = {};
  for (const [key, value] of Object.entries(node))
    if (key !== 'open' || value !== true) out[key] = plain(value);
  if (out.type === 'decimal-string') out.type = 'string';
  return out;
}

const equal = (a, b) => canonical(a) === canonical(b);
const bareType = (node) => Object.fromEntries(Object.entries(node).filter(([key]) => !FLAGS.includes(key)));

/** JSON with sorted keys. */
export function canonical(value) {
  const sort = (_, v) =>
    v && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v;
  return JSON.stringify(value, sort);
}

/** The delta from `base` to `older`, both hashes of types, or `undefined` when they are alike. */
export function diff(older, base) {
  const [from, to] = [plain(base), plain(older)];
  const delta = { absent: [], only: {}, is: {}, values: {}, of: {}, flags: {} };
  hash(to, from, '', delta);
  for (const key of Object.keys(delta)) if (Object.keys(delta[key]).length === 0) delete delta[key];
  assert.equal(canonical(apply(from, delta)), canonical(to), 'a delta does not lead to the older release');
  return Object.keys(delta).length ? delta : undefined;
}

function hash(older, base, at, delta) {
  const below = (name) => (at ? `${at}.${name}` : name);
  for (const name of Object.keys(base)) {
    if (name in older) compare(older[name], base[name], below(name), delta);
    else delta.absent.push(below(name));
  }
  for (const name of Object.keys(older)) if (!(name in base)) delta.only[below(name)] = older[name];
  delta.absent.sort();
}

function compare(older, base, at, delta) {
  const flags = FLAGS.filter((flag) => !!older[flag] !== !!base[flag]).map((flag) => [flag, !!older[flag]]);
  if (flags.length) delta.flags[at] = Object.fromEntries(flags);
  const [o, b] = [bareType(older), bareType(base)];
  if (equal(o, b)) return;
  if (o.type !== b.type) delta.is[at] = o;
  else if (o.type === 'object') hash(o.props, b.props, at, delta);
  else if (o.items) compare(o.items, b.items, `${at}[]`, delta);
  else if (o.type === 'map') compare(o.values, b.values, `${at}{}`, delta);
  else if (SETS[o.type]) {
    const key = SETS[o.type];
    const [absent, only] = [
      b[key].filter((v) => !o[key].includes(v)),
      o[key].filter((v) => !b[key].includes(v)),
    ];
    delta[key][at] = { ...(absent.length && { absent }), ...(only.length && { only }) };
  } else delta.is[at] = o;
}

/** The older release again; every delta is proven with it. */
function apply(base, delta) {
  const root = { type: 'object', props: structuredClone(base) };
  const find = (at) =>
    (at.match(/[^.[\]{}]+|\[\]|\{\}/g) ?? []).reduce(
      (node, step) => (step === '[]' ? node.items : step === '{}' ? node.values : node.props[step]),
      root,
    );
  const split = (at) => [
    find(at.slice(0, Math.max(at.lastIndexOf('.'), 0))).props,
    at.slice(at.lastIndexOf('.') + 1),
  ];
  for (const at of delta.absent ?? []) delete split(at)[0][split(at)[1]];
  for (const [at, type] of Object.entries(delta.only ?? {})) split(at)[0][split(at)[1]] = type;
  for (const [at, type] of Object.entries(delta.is ?? {})) {
    const node = find(at);
    for (const key of Object.keys(node)) if (!FLAGS.includes(key)) delete node[key];
    Object.assign(node, type);
  }
  for (const key of Object.values(SETS)) {
    for (const [at, { absent = [], only = [] }] of Object.entries(delta[key] ?? {})) {
      find(at)[key] = [...find(at)[key].filter((v) => !absent.includes(v)), ...only].sort();
    }
  }
  for (const [at, flags] of Object.entries(delta.flags ?? {})) {
    for (const [flag, on] of Object.entries(flags)) on ? (find(at)[flag] = true) : delete find(at)[flag];
  }
  return root.props;
}
