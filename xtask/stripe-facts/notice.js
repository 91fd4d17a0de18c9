// The notice beside the tables: where they come from and how to read them.

export function notice(releases) {
  const newest = releases.at(-1);
  const older = releases.slice(0, -1).map((one) => `${one.sdk} (${one.name})`);
  return `# Where these facts come from

Made by \`cargo xtask generate stripe\`; do not edit. \`docs/stripe-facts.md\` says how to move to another
API version.

Names, types, enums and flags of Stripe's API, taken from the type declarations of the npm package
\`stripe\` ${newest.sdk} (API version ${newest.version}); no documentation prose. What older versions have
otherwise comes from ${older.slice(0, -1).join(', ')} and ${older.at(-1)}. The package is under the
MIT license; its text is in \`LICENSE.stripe-node\`.

One line is one entry, fields are parted by tabs, lines are sorted by their first field:

- \`operations.tsv\`: id, verb, path, releases, JSON \`{in, host?, params, response}\`
- \`objects.tsv\`: SDK type name, literal on the wire (empty when it has none), releases, JSON fields
- \`events.tsv\`: snapshot event type, the types that \`data.object\` can have
- \`older.tsv\`: operation id, release name, JSON \`{only?, is?, values?, flags?}\`: what that release takes
  besides: more parameters, other types, more enum values, other flags
- \`older_objects.tsv\`: SDK type name, release name, JSON \`{absent?, only?, is?, values?, of?, flags?}\`: how
  that release declares the object: missing and further fields, other types, enum values and expandables
  (\`{absent?, only?}\`), other flags
- \`error_codes.txt\`: values of \`error.code\`

Releases are \`first-last\`; without a last one the newest release has the entry too. Paths into a type are
\`a.b\` for a property, \`a[]\` for the elements of a list, \`a{}\` for the values of a map.

A type is \`{"type": …}\` with \`props\`, \`items\`, \`values\`, \`of\` or \`name\`. \`required\` and \`unsettable\` (the
empty string clears) are said of parameters, \`nullable\` and \`optional\` (may be absent) of fields.
`;
}
