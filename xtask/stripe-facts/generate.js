// node generate.js FOLDER: writes the fact tables of `crates/stripe/data` into FOLDER.
//
// The newest release is written in full, older ones as what they have otherwise. The same
// releases give the same bytes on every machine. Anything that was not understood stops it.
import fs from 'node:fs';
import path from 'node:path';
import { canonical, diff, plain } from './delta.js';
import { notice } from './notice.js';
import { release } from './release.js';
import { bare } from './runtime.js';
import { verify } from './verify.js';

const here = import.meta.dirname;
const out = process.argv[2];
if (!out) throw new Error('usage: node generate.js FOLDER');

const { dependencies } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
const releases = [];
for (const alias of Object.keys(dependencies).filter((name) => name.startsWith('stripe-'))) {
  const folder = path.join(here, 'node_modules', alias);
  const facts = await release(folder);
  if (facts.version.split('.')[1] !== alias.replace('stripe-', ''))
    throw new Error(`${alias} is ${facts.version}`);
  const compared = verify(folder, facts);
  const [operations, objects] = [facts.operations, facts.objects].map((all) => Object.keys(all).length);
  const counts = `${operations} operations, ${objects} objects`;
  console.log(`${facts.version}, stripe ${facts.sdk}: ${counts}; ${compared} types are the declared ones`);
  releases.push({ name: facts.version.split('.')[1], ...facts });
}
releases.sort((a, b) => (a.version < b.version ? -1 : 1));
const newest = releases.at(-1);

const operations = history((one) => routes(one.operations));
const names = pathNames();
const files = {
  'operations.tsv': operations.map(({ since, entry, current }) => {
    const { id, method, path, named, ...rest } = entry;
    return [id, method, names.get(bare(path)) ?? path, since, canonical(current ? rest : plain(rest))];
  }),
  'older.tsv': operations.flatMap(({ entry, older }) =>
    older.flatMap((one) => {
      const more = additions(diff(one.entry.params, entry.params), entry.params);
      return more ? [[entry.id, one.release, canonical(more)]] : [];
    }),
  ),
};

const objects = history((one) => one.objects);
files['objects.tsv'] = objects.map(({ key, since, entry, current }) => [
  key,
  entry.object,
  since,
  canonical(current ? entry.fields : plain(entry.fields)),
]);
files['older_objects.tsv'] = objects.flatMap(({ key, entry, older }) =>
  older.flatMap((one) => {
    const delta = diff(one.entry.fields, entry.fields);
    return delta ? [[key, one.release, canonical(delta)]] : [];
  }),
);
files['events.tsv'] = Object.entries(newest.events).map(([type, names]) => [type, names.join()]);
files['error_codes.txt'] = newest.codes.map((code) => [code]);

fs.mkdirSync(out, { recursive: true });
for (const [name, rows] of Object.entries(files)) {
  const lines = rows.map((row) => row.join('\t')).sort();
  fs.writeFileSync(path.join(out, name), lines.map((line) => `${line}\n`).join(''));
}
fs.writeFileSync(path.join(out, 'LICENSE.stripe-node'), newest.license);
fs.writeFileSync(path.join(out, 'NOTICE.md'), notice(releases));

/** Operations by verb and path, since the SDK's names for them have changed. */
function routes(all) {
  return Object.fromEntries(
    Object.entries(all).map(([id, op]) => [`${op.method} ${bare(op.path)}`, { id, ...op }]),
  );
}

/**
 * Every entry that any release has: as the newest of them has it, with the older forms
 * and `since`: `clover-` from clover on, `acacia-basil` from acacia to basil.
 */
function history(entries) {
  const all = releases.map((one) => ({ release: one.name, entries: entries(one) }));
  const keys = new Set(all.flatMap((one) => Object.keys(one.entries)));
  return [...keys].map((key) => {
    const having = all.filter((one) => key in one.entries);
    const [first, last] = [all.indexOf(having[0]), all.indexOf(having.at(-1))];
    if (last - first + 1 !== having.length)
      throw new Error(`${key} went and came back; rows cannot say that`);
    const current = having.at(-1).release === newest.name;
    const older = having.slice(0, -1).map((one) => ({ release: one.release, entry: one.entries[key] }));
    return {
      key,
      since: `${having[0].release}-${current ? '' : having.at(-1).release}`,
      entry: having.at(-1).entries[key],
      current,
      older,
    };
  });
}

/** Stripe's own names of path parameters, from the releases that have them. */
function pathNames() {
  const named = releases.flatMap((one) => Object.values(one.operations)).filter((op) => op.named);
  return new Map(named.map((op) => [bare(op.path), op.path]));
}

/**
 * What an older release takes besides; what it does not know yet Stripe takes under it too,
 * but cannot insist on.
 */
function additions(delta, base) {
  const { absent = [], only, is, values = {} } = delta ?? {};
  const unknown = absent.filter((at) => param(base, at)?.required).map((at) => [at, { required: false }]);
  const told = { ...delta?.flags, ...Object.fromEntries(unknown) };
  const flags = Object.keys(told).length ? told : undefined;
  const more = Object.entries(values)
    .filter(([, set]) => set.only)
    .map(([at, set]) => [at, set.only]);
  const result = { only, is, flags, values: more.length ? Object.fromEntries(more) : undefined };
  if (delta?.of) throw new Error('an expandable in a request');
  return Object.values(result).some(Boolean) ? result : undefined;
}

/** The parameter at a path of a delta. */
function param(props, at) {
  return at.split('.').reduce(
    (inner, step) => {
      const [, name, within] = /^(.*?)((?:\[\]|\{\})*)$/.exec(step);
      let found = inner?.props?.[name];
      for (const part of within.match(/\[\]|\{\}/g) ?? [])
        found = part === '[]' ? found?.items : found?.values;
      return found;
    },
    { props },
  );
}
