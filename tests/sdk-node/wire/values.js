// Values worth sending, for every type of the tables.
//
// A case is a whole value with the place it is about. Around it stands only what has to
// be there, so that a refusal is about that place. `known` answers what the action says
// of a place: whether it can be cleared, whether its number may have a fraction or has
// bounds.

import Stripe from 'stripe';

const TEXTS = ['plain', 'a b&c=d+e%20%[f]~*()!\'"é🥊\u00a0\\/?#;:@,$|^`{}<>\t\n-_.'];
const DECIMALS = ['12.5', '-0.000000000001', '7'];
const NUMBERS = [0, 1, -250, 1999, 2_000_000_000, Number.MAX_SAFE_INTEGER];
const FRACTIONS = [12.5, 0.001];
const BOUNDS = ['gt', 'gte', 'lt', 'lte'];
const METADATA = [
  { 'a b&c': TEXTS[1], größe: '38' },
  { count: 4, ratio: 1.5, on: true, off: false },
  { dropped: '', nulled: null },
];

/** Where card numbers go, of which only Stripe's published test cards pass. */
const OF_CARDS = /(^|[._])(card|present)\.number$/;

/** Texts that are more than text. */
const texts = (name, at) => {
  if (/(^|_)currency$/.test(name)) return ['usd', 'jpy'];
  return name === 'number' && (at === '' || OF_CARDS.test(at)) ? ['4242424242424242'] : TEXTS;
};

const numbers = ({ bounds, fraction }) => bounds ?? (fraction ? [...NUMBERS, ...FRACTIONS] : NUMBERS);

/** Inside a map the SDK does not know its own decimals, and takes them apart. */
const decimals = (at) => (at.includes('{}') ? DECIMALS : [...DECIMALS, ...DECIMALS.map((text) => Stripe.Decimal.from(text))]);

/** The smallest value of a type. */
function smallest(type, name) {
  if (type.type === 'object') return required(type.props);
  if (type.type === 'array') return [smallest(type.items, name)];
  if (type.type === 'union') return smallest(type.of[0], name);
  return cases(type, name, '', () => ({}))[0].value;
}

/** A value with everything that its type can hold. */
export function fullest(type, name, at, known) {
  if (type.type === 'array') return [fullest(type.items, name, `${at}[]`, known)];
  if (type.type === 'map') return { usd: fullest(type.values, name, `${at}{}`, known) };
  if (type.type !== 'object') return cases(type, name, at, known)[0].value;
  const parts = Object.entries(type.props).map(([key, prop]) => [key, fullest(prop, key, at ? `${at}.${key}` : key, known)]);
  return Object.fromEntries(parts);
}

/** What has to be in a hash. */
function required(props) {
  const wanted = Object.entries(props).filter(([, type]) => type.required);
  return Object.fromEntries(wanted.map(([name, type]) => [name, smallest(type, name)]));
}

/** Every case of a hash: each of its parameters in turn, beside the required ones. */
export function hashCases(props, at, known) {
  const around = required(props);
  return Object.entries(props).flatMap(([name, type]) => {
    const place = at ? `${at}.${name}` : name;
    const own = cases(type, name, place, known);
    const clearing = type.unsettable || known(place).clearable ? ['', null].map((value) => ({ place, value })) : [];
    return [...own, ...clearing].map((one) => ({ ...one, value: { ...around, [name]: one.value } }));
  });
}

/** Every case of a type. */
export function cases(type, name, at, known) {
  const each = (values) => values.map((value) => ({ place: at, value }));
  switch (type.type) {
    case 'string':
      return each(texts(name, at));
    case 'boolean':
      return each([true, false]);
    case 'number':
      return each(numbers(known(at)));
    case 'decimal-string':
      return each(decimals(at));
    case 'enum':
      return each(type.values);
    case 'metadata':
      return each(METADATA);
    case 'range':
      return each([1_700_000_000, ...BOUNDS.map((bound) => ({ [bound]: 5 })), { gte: 1, lt: 1_900_000_000 }]);
    case 'union':
      return type.of.flatMap((one) => cases(one, name, at, known));
    case 'object':
      return objectCases(type, at, known);
    case 'array':
      return arrayCases(type, name, at, known);
    case 'map':
      return mapCases(type, name, at, known);
    case 'none':
      return each(['']);
    default:
      throw new Error(`there are no values yet for the type ${type.type} at ${at}`);
  }
}

function objectCases(type, at, known) {
  // An empty hash is nothing on the wire, which is what the smallest one may be.
  return [{ place: at, value: required(type.props) }, ...hashCases(type.props, at, known)];
}

function arrayCases(type, name, at, known) {
  const inner = cases(type.items, name, `${at}[]`, known);
  const several = inner.slice(0, 12).map((one) => one.value);
  const about = inner.map((one) => ({ place: one.place === `${at}[]` ? at : one.place, value: [one.value] }));
  return [...about, { place: at, value: several }];
}

function mapCases(type, name, at, known) {
  const inner = cases(type.values, name, `${at}{}`, known);
  const about = inner.map((one) => ({ place: one.place === `${at}{}` ? at : one.place, value: { usd: one.value } }));
  return [...about, { place: at, value: { usd: inner[0].value, 'a b&é': inner.at(-1).value } }];
}
