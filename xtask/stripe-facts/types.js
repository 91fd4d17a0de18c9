// Declared types as nodes of the tables.
//
// The compiler resolves names, but types are taken from the syntax and not from the
// compiler's evaluation: evaluated, `string | Customer` and an enum of one value lose
// what they say. Anything unforeseen stops the generator.
import path from 'node:path';
import ts from 'typescript';

const KEYWORDS = new Map([
  [ts.SyntaxKind.StringKeyword, 'string'],
  [ts.SyntaxKind.NumberKeyword, 'number'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
  [ts.SyntaxKind.AnyKeyword, 'any'],
  [ts.SyntaxKind.UnknownKeyword, 'any'],
  [ts.SyntaxKind.VoidKeyword, 'none'],
]);

/** Names that stand for a form on the wire and not for their own structure. */
const WIRE = {
  Metadata: { type: 'metadata' },
  MetadataParam: { type: 'metadata' },
  RangeQueryParam: { type: 'range', plain: false },
  Decimal: { type: 'decimal-string' },
  FileData: { type: 'file' },
  StripeStreamResponse: { type: 'binary' },
};

/** Stripe's envelopes and the array; `Promise` and `Response` wrap without changing anything. */
const AROUND = {
  Array: 'array',
  ApiList: 'list',
  ApiListPromise: 'list',
  ApiSearchResult: 'search_result',
  ApiSearchResultPromise: 'search_result',
};
const TRANSPARENT = ['Promise', 'Response'];

/** Whether a name is one of `WIRE`, and not a part of some object that is called the same. */
const isWire = (symbol, name) =>
  name in WIRE &&
  !(symbol?.parent && symbol.parent.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias));

export class Types {
  constructor(declarations) {
    this.declarations = declarations;
  }

  /** A declared type as a node of the tables. `side` is `request` or `object`; `where` is for errors. */
  of(node, side, where) {
    const parts = { values: [], booleans: [], rest: [] };
    this.#parts(node, side, parts);
    if (parts.open && !parts.values.length) throw new Error(`${where}: an open enum without values`);
    const members = parts.rest.map((rest) => this.#leaf(rest, side, where));
    if (parts.values.length) {
      const open = parts.open ? { open: true } : {};
      members.push({ type: 'enum', values: [...new Set(parts.values)].sort(), ...open });
    }
    if (parts.booleans.length)
      members.push({ type: 'boolean', ...(parts.booleans.length === 1 && { value: parts.booleans[0] }) });
    const flags = {};
    // In a request `null` is only the SDK's spelling of the empty string.
    if (side === 'request' && (parts.empty || parts.null)) flags.unsettable = true;
    if (side === 'object' && parts.null) flags.nullable = true;
    return { ...combine(members, side), ...flags };
  }

  /** Takes a union apart, through aliases, into what stands in `parts`. */
  #parts(node, side, parts) {
    const each = (nodes) => nodes.forEach((one) => this.#parts(one, side, parts));
    if (ts.isUnionTypeNode(node)) return each(node.types);
    if (ts.isParenthesizedTypeNode(node)) return each([node.type]);
    if (ts.isLiteralTypeNode(node)) {
      const { kind, text } = node.literal;
      if (kind === ts.SyntaxKind.NullKeyword) return void (parts.null = true);
      if (kind === ts.SyntaxKind.TrueKeyword || kind === ts.SyntaxKind.FalseKeyword)
        return void parts.booleans.push(kind === ts.SyntaxKind.TrueKeyword);
      if (kind === ts.SyntaxKind.StringLiteral && text === '' && side === 'request')
        return void (parts.empty = true);
      if (kind === ts.SyntaxKind.StringLiteral) return void parts.values.push(text);
    }
    if (ts.isTypeReferenceNode(node)) {
      const symbol = this.declarations.symbolAt(node.typeName);
      if (symbol?.name === 'OtherString') return void (parts.open = true);
      if (symbol?.name === 'Emptyable') return ((parts.empty = true), each(node.typeArguments));
      const alias = symbol?.declarations?.find(ts.isTypeAliasDeclaration);
      // Aliases with parameters are the language's own; `Event` is one object, whatever its events.
      if (
        alias &&
        !alias.typeParameters &&
        !isWire(symbol, symbol.name) &&
        this.declarations.names.get(symbol) !== 'Event'
      )
        return each([alias.type]);
    }
    parts.rest.push(node);
  }

  #leaf(node, side, where) {
    if (KEYWORDS.has(node.kind)) return { type: KEYWORDS.get(node.kind) };
    if (ts.isArrayTypeNode(node))
      return { type: 'array', items: this.of(node.elementType, side, `${where}[]`) };
    if (ts.isTypeLiteralNode(node)) return structure(this.#members(node.members, side, where), where);
    if (ts.isTypeReferenceNode(node)) return this.#reference(node, side, where);
    throw new Error(`${where}: cannot read ${node.getText()}`);
  }

  #reference(node, side, where) {
    const symbol = this.declarations.symbolAt(node.typeName);
    const name = symbol?.name ?? node.typeName.getText();
    const [first, second] = node.typeArguments ?? [];
    if (name in AROUND) return { type: AROUND[name], items: this.of(first, side, `${where}[]`) };
    if (TRANSPARENT.includes(name)) return this.of(first, side, where);
    if (name === 'Record') return { type: 'map', values: this.of(second, side, `${where}{}`) };
    if (name === 'Omit')
      return { ...this.of(first, side, where), without: this.of(second, side, where).values };
    if (isWire(symbol, name)) return { ...WIRE[name] };
    const shared = symbol?.declarations?.every(
      (d) => path.basename(d.getSourceFile().fileName) === 'shared.d.ts',
    );
    if (side === 'object' && this.declarations.names.has(symbol) && !shared)
      return { type: 'ref', name: this.declarations.names.get(symbol) };
    if (!symbol?.declarations?.some(ts.isInterfaceDeclaration))
      throw new Error(`${where}: cannot resolve ${node.getText()}`);
    if (where.length > 1_000) throw new Error(`${where}: contains itself`);
    return structure(this.fields(symbol, side, where), where);
  }

  /** The properties of an interface, those that it inherits among them; `*` for any other key. */
  fields(symbol, side, where) {
    const declared = symbol.declarations.filter(ts.isInterfaceDeclaration);
    const bases = declared.flatMap((d) => d.heritageClauses ?? []).flatMap((clause) => clause.types);
    const props = {};
    for (const base of bases)
      Object.assign(props, this.fields(this.declarations.symbolAt(base.expression), side, where));
    for (const d of declared) Object.assign(props, this.#members(d.members, side, where));
    return props;
  }

  #members(members, side, where) {
    const props = {};
    for (const member of members) {
      const ours = ts.isPropertySignature(member) || ts.isIndexSignatureDeclaration(member);
      // `deleted?: void` only helps the compiler, methods are the SDK's convenience.
      if (!ours || member.type.kind === ts.SyntaxKind.VoidKeyword || ts.isFunctionTypeNode(member.type))
        continue;
      const name = ts.isIndexSignatureDeclaration(member) ? '*' : (member.name.text ?? member.name.getText());
      const type = this.of(member.type, side, `${where}.${name}`);
      if (side === 'request' && !member.questionToken) type.required = true;
      if (side === 'object' && member.questionToken) type.optional = true;
      props[name] = type;
    }
    return props;
  }
}

function structure(props, where) {
  if (!('*' in props)) return { type: 'object', props };
  if (Object.keys(props).length > 1) throw new Error(`${where}: both known and arbitrary keys`);
  const { required, optional, ...values } = props['*'];
  return { type: 'map', values };
}

/** One member is itself; several are an expandable, a range or a union. */
function combine(members, side) {
  if (members.length === 0) return { type: 'none' }; // it can only be cleared
  if (members.length === 1) return members[0];
  const refs = members.filter((m) => m.type === 'ref').map((m) => m.name);
  const others = members
    .filter((m) => m.type !== 'ref')
    .map((m) => m.type)
    .sort()
    .join();
  if (side === 'object' && refs.length && others === 'string')
    return { type: 'expandable', of: [...new Set(refs)].sort() };
  if (!refs.length && others === 'number,range') return { type: 'range' };
  // The order matters, since the first alternative that takes a value reads it: by type, then by content.
  const rank = ({ type, ...rest }) => JSON.stringify({ type, ...rest });
  const sorted = new Map(members.map((m) => [rank(m), m]).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted.size === 1 ? members[0] : { type: 'union', of: [...sorted.values()] };
}
