// One release's type declarations: the names in them and the methods of the client.
//
// The SDK has had two layouts (one ambient module until 20.x, a module for each resource
// since 22.x); both are reached through the members of the class and the namespace
// `Stripe`, which are alike in both. A third layout stops the generator.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { Types } from './types.js';

/** Members of the client that make no requests to v1. */
const NOT_RESOURCES = ['StripeResource', 'webhooks', 'errors', 'v2'];

export class Declarations {
  constructor(folder) {
    const ambient = path.join(folder, 'types');
    const root = fs.existsSync(ambient) ? ambient : path.join(folder, 'esm');
    const files = fs
      .readdirSync(root, { recursive: true })
      .filter((f) => f.endsWith('.d.ts') && !f.startsWith('test'));
    const program = ts.createProgram(
      files.sort().map((f) => path.join(root, f)),
      {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        types: [],
      },
    );
    this.checker = program.getTypeChecker();
    this.stripe = this.#client(program.getSourceFiles().filter((f) => f.fileName.startsWith(root)));
    /** What the namespace `Stripe` exports: symbol to dotted name. These are Stripe's objects and events. */
    this.names = new Map();
    this.#name(this.stripe, '');
    this.types = new Types(this);
  }

  /** The symbol that is both the client's class and the namespace of all types. */
  #client(files) {
    for (const file of files) {
      let found;
      const visit = (node) => {
        if (ts.isClassDeclaration(node) && node.name?.text === 'Stripe')
          found ??= this.checker.getSymbolAtLocation(node.name);
        else if (!ts.isClassDeclaration(node)) ts.forEachChild(node, visit);
      };
      visit(file);
      if (found?.exports?.has('Refund')) return found;
    }
    throw new Error('no class `Stripe` with a namespace: a new layout of the package');
  }

  #name(namespace, prefix) {
    for (let symbol of this.checker.getExportsOfModule(namespace)) {
      const name = prefix + symbol.name;
      symbol = this.#target(symbol);
      const types = ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias;
      if (symbol.flags & types) this.names.set(symbol, name);
      else if (symbol.flags & ts.SymbolFlags.Module) this.#name(symbol, `${name}.`);
    }
  }

  #target(symbol) {
    return symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  symbolAt(name) {
    return this.#target(this.checker.getSymbolAtLocation(name));
  }

  named(wanted) {
    for (const [symbol, name] of this.names) if (name === wanted) return symbol;
    throw new Error(`no type Stripe.${wanted}`);
  }

  /** Every method of every resource under the client: `{ id, args, params, returns }`. */
  *methods() {
    const seen = new Set(); // `stripe.account` is `stripe.accounts`
    const cls = this.stripe.declarations.find(ts.isClassDeclaration);
    for (const member of cls.members.filter(ts.isPropertyDeclaration)) {
      const symbol = this.checker.getSymbolAtLocation(member.name);
      if (this.#isResource(member, symbol)) yield* this.#methodsOf(symbol, member.name.getText(), seen);
    }
  }

  #isResource(member, symbol) {
    const name = member.name.getText();
    const isStatic = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static;
    if (isStatic || name.startsWith('_') || NOT_RESOURCES.includes(name)) return false;
    const declared = this.checker.getTypeOfSymbol(symbol).symbol?.declarations?.[0];
    return declared && /\/(types|resources)\//.test(declared.getSourceFile().fileName);
  }

  /** The methods of a resource, and of the resources below it. */
  *#methodsOf(resource, id, seen) {
    const { symbol } = this.checker.getTypeOfSymbol(resource);
    const isHolder = symbol && symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.TypeLiteral);
    if (!isHolder || seen.has(symbol)) return;
    seen.add(symbol);
    for (const member of symbol.members.values()) {
      const below = `${id}.${member.name}`;
      const method = fullest((member.declarations ?? []).filter(ts.isMethodDeclaration));
      if (method) yield { id: below, ...method };
      else if (member.flags & ts.SymbolFlags.Property) yield* this.#methodsOf(member, below, seen);
    }
  }
}

/** Of several overloads the fullest; the others only leave out `params` or an id. */
function fullest(overloads) {
  const all = overloads.map(({ parameters, type }) => {
    const names = parameters.map((p) => p.name.getText());
    const params = parameters.find((p) => p.name.getText() === 'params')?.type;
    return { args: names.filter((name) => !['params', 'options'].includes(name)), params, returns: type };
  });
  const size = ({ args, params }) => 2 * args.length + (params ? 1 : 0);
  return all.sort((a, b) => size(b) - size(a))[0];
}
