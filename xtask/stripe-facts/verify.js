// A second opinion on the facts of one release.
//
// Every request, answer and object is written back as a TypeScript type, and the compiler is
// asked whether it is identical to the one that the SDK declares. It evaluates types, which
// the reading of them never does, so that a mistake in one is not repeated by the other.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Returns how many types were compared; throws with those that differ. */
export function verify(folder, { operations, objects }) {
  const ambient = fs.existsSync(path.join(folder, 'types'));
  const claims = [...methodClaims(operations, ambient), ...objectClaims(objects)];
  const file = path.join(path.dirname(folder), '..', `verify.${path.basename(folder)}.ts`);
  const head = [
    ambient
      ? `/// <reference path="${path.join(folder, 'types/index.d.ts')}" />\nimport Stripe from 'stripe';`
      : `import Stripe from '${path.basename(folder)}';`,
    PRELUDE,
  ];
  const lines = head.join('\n').split('\n');
  fs.writeFileSync(file, [...lines, ...claims.map(([, claim]) => `holds<${claim}>();`)].join('\n'));
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  });
  const source = program.getSourceFile(file);
  const wrong = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    (d) => {
      const at = source.getLineAndCharacterOfPosition(d.start).line - lines.length;
      return `${claims[at]?.[0] ?? 'prelude'}: ${ts.flattenDiagnosticMessageText(d.messageText, ' ').slice(0, 200)}`;
    },
  );
  if (wrong.length) throw new Error(`the SDK declares otherwise:\n${wrong.join('\n')}`);
  return claims.length;
}

const PRELUDE = `type Open = string & Record<never, never>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Known<T> = T extends { deleted?: infer D } ? (void extends D ? Omit<T, 'deleted'> : T) : T;
declare function holds<T extends true>(): void;`;

function* methodClaims(operations, ambient) {
  for (const [id, op] of Object.entries(operations)) {
    const method = id.split('.').reduce((type, part) => `${type}['${part}']`, 'Stripe');
    // Of overloads the compiler infers from the last; the first is the fullest in the ambient layout.
    const args = ambient
      ? `(${method} extends { (...a: infer A): any; (...b: any): any } ? A : Parameters<${method}>)`
      : `Parameters<${method}>`;
    const at = (op.path.match(/\{/g) ?? []).length;
    yield [id, `Same<NonNullable<${args}[${at}]>, ${write({ type: 'object', props: op.params }, true)}>`];
    if (op.response.type === 'binary' || op.response.type === 'none' || op.response.without) continue;
    const answer = write(op.response, false);
    const whole = op.path.startsWith('/oauth/') ? answer : `Stripe.Response<${answer}>`;
    yield [`${id} ->`, `Same<Awaited<ReturnType<${method}>>, ${whole}>`];
  }
}

function* objectClaims(objects) {
  for (const [name, { fields }] of Object.entries(objects)) {
    if (name === 'Event') continue; // a union of interfaces in the SDK
    yield [name, `Same<Known<Stripe.${name}>, Known<${write({ type: 'object', props: fields }, false)}>>`];
  }
}

/** A node as a TypeScript type with its flags. */
function write(node, request) {
  let type = written(node, request);
  if (node.unsettable) type = node.type === 'none' ? `''` : `Stripe.Emptyable<${type}>`;
  return node.nullable ? `(${type}) | null` : type;
}

function written(node, request) {
  const inner = (one) => write(one, request);
  const property = ([name, one]) =>
    `${JSON.stringify(name)}${(request ? one.required : !one.optional) ? '' : '?'}: ${inner(one)}`;
  const forms = {
    boolean: () => ('value' in node ? `${node.value}` : 'boolean'),
    enum: () => [...node.values.map((v) => JSON.stringify(v)), ...(node.open ? ['Open'] : [])].join(' | '),
    any: () => 'unknown',
    'decimal-string': () => 'Stripe.Decimal',
    metadata: () => (request ? 'Stripe.MetadataParam' : 'Stripe.Metadata'),
    range: () => (node.plain === false ? 'Stripe.RangeQueryParam' : 'Stripe.RangeQueryParam | number'),
    file: () => 'Stripe.FileData',
    array: () => `Array<${inner(node.items)}>`,
    list: () => `Stripe.ApiList<${inner(node.items)}>`,
    search_result: () => `Stripe.ApiSearchResult<${inner(node.items)}>`,
    map: () => `{ [key: string]: ${inner(node.values)} }`,
    ref: () => `Stripe.${node.name}`,
    expandable: () => ['string', ...node.of.map((name) => `Stripe.${name}`)].join(' | '),
    union: () => node.of.map((one) => `(${inner(one)})`).join(' | '),
    object: () => `{ ${Object.entries(node.props).map(property).join('; ')} }`,
  };
  return forms[node.type]?.() ?? node.type;
}
