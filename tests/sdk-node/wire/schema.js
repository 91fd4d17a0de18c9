// What an action says of its input: its JSON Schema, read by place.

/** The call options, which are no parameters. */
const OPTIONS = ['stripeAccount', 'apiVersion', 'extra', 'all'];

/** The schema at every place of an input: `a.b`, `a[].b` in a list, `a{}.b` in a map. */
export function schemaPlaces(schema) {
  const found = new Map();
  walk(schema, '', found);
  for (const option of OPTIONS) found.delete(option);
  return found;
}

function walk(schema, at, found) {
  for (const one of schema.anyOf ?? []) walk(one, at, found);
  if (schema.items) walk(schema.items, `${at}[]`, found);
  if (schema.additionalProperties?.type === 'object') walk(schema.additionalProperties, `${at}{}`, found);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // The bounds of a range are its values, not parameters.
    if (['gt', 'gte', 'lt', 'lte'].includes(name)) continue;
    const place = at ? `${at}.${name}` : name;
    found.set(place, property);
    walk(property, place, found);
  }
}

const types = (schema) => [schema.type ?? []].flat();

/** Whether `null` clears what stands there. */
export const isClearable = (schema) => types(schema).includes('null') || (schema.anyOf ?? []).some(isClearable);

/** Whether a number there may have a fraction. */
export const isFraction = (schema) => types(schema).includes('number') || (schema.anyOf ?? []).some(isFraction);

/** The bounds of a number there, when it has some. */
export const bounds = ({ minimum, maximum }) => (minimum === undefined ? null : [minimum, maximum]);
