// One case in three spellings: Stripe's for the SDK, and both of an action's.

import { camel, placeholders } from './tables.js';

/** Ids that go into paths, with what a path may hold unescaped and what it may not. */
const ID = "x_1~é!*'()-.$&+,;=:@";

/** Renames the parameters of a value, by its type: keys of maps are data and stay. */
function renamed(value, type, name) {
  if (value === null || typeof value !== 'object') return value;
  const hash = [type, ...(type.of ?? [])].find((one) => one.type === 'object');
  if (Array.isArray(value)) return value.map((one) => renamed(one, type.items, name));
  if (type.type === 'map')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, type.values, name)]));
  if (!hash || typeof value.toJSON === 'function') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [name(key), renamed(one, hash.props[key], name)]));
}

/** An action's own names, and what it asks for and adds at the top. */
export function describe(shown, operation) {
  const ours = new Map(shown.fields.map((field) => [field.stripe, field.name]));
  const top = (stripe) => ours.get(stripe) ?? camel(stripe);
  const properties = shown.inputSchema.properties;
  const ids = placeholders(operation.path);
  const defaults = shown.fields.filter((field) => 'default' in (properties[field.name] ?? {}));
  return {
    top,
    ids,
    /** Parameters that the action insists on. */
    required: shown.fields.filter((field) => field.required && !ids.includes(field.stripe)).map((field) => field.stripe),
    /** Parameters that the action adds when they are not given. */
    defaults: Object.fromEntries(defaults.map((field) => [field.stripe, properties[field.name].default])),
  };
}

/** The input in our camel case. */
export function ours(params, operation, action) {
  const top = Object.entries(params).map(([key, value]) => [action.top(key), renamed(value, operation.params[key], camel)]);
  return Object.fromEntries([...action.ids.map((id) => [action.top(id), ID]), ...top]);
}

/** The input in Stripe's snake case. */
export function stripes(params, action) {
  return { ...Object.fromEntries(action.ids.map((id) => [id, ID])), ...params };
}

/** What the SDK is called with. */
export function sdks(params, action) {
  return { ids: action.ids.map(() => ID), params: { ...action.defaults, ...params } };
}
