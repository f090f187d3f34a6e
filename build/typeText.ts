/** Types as text that needs nothing of where they were worked out: what a shape of zod comes to, a room's state as data. */
import ts from 'typescript';

/** Deeper than anything on the wire; a type that contains itself ends there. */
const MAX_DEPTH = 12;

export class TypeText {
  private readonly names = new Map<ts.Type, string>();

  constructor(private readonly program: ts.Program) {}

  /** From now on the type is called by its name where it is a part of others. */
  name(type: ts.Type, name: string): void {
    this.names.set(type, name);
  }

  /** @param what names the type in the error. @throws {Error} for what is no data, as functions and type parameters */
  of(type: ts.Type, what: string): string {
    return this.write(type, what, 0);
  }

  private get checker(): ts.TypeChecker {
    return this.program.getTypeChecker();
  }

  private write(type: ts.Type, what: string, depth: number): string {
    if (depth > MAX_DEPTH) throw new Error(`${what} is too deep`);
    const name = depth === 0 ? undefined : this.names.get(type);
    if (name !== undefined) return name;
    if (type.isUnion()) return this.writeUnion(type, what, depth);
    if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0)
      return this.writeSimple(type, what);
    const element = this.elementOf(type);
    if (element !== undefined) return `readonly (${this.write(element, `${what}[]`, depth + 1)})[]`;
    return this.writeObject(type, what, depth);
  }

  private writeSimple(type: ts.Type, what: string): string {
    if ((type.flags & ts.TypeFlags.Instantiable) !== 0) throw new Error(`${what} is a type parameter`);
    return this.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  private writeUnion(type: ts.UnionType, what: string, depth: number): string {
    const { BooleanLiteral } = ts.TypeFlags;
    const parts = type.types
      .filter(({ flags }) => (flags & BooleanLiteral) === 0)
      .map((part) => this.write(part, what, depth + 1));
    const booleans = type.types.filter(({ flags }) => (flags & BooleanLiteral) !== 0);
    // True and false are two types of a union.
    if (booleans.length === 2) parts.push('boolean');
    else parts.push(...booleans.map((part) => this.writeSimple(part, what)));
    return parts.join(' | ');
  }

  /** Of arrays and of a state's lists, which are read as arrays are. */
  private elementOf(type: ts.Type): ts.Type | undefined {
    const isList = this.checker.isArrayType(type) || type.getSymbol()?.name === 'ArraySchema';
    return isList ? this.checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
  }

  private writeObject(type: ts.Type, what: string, depth: number): string {
    if (type.getCallSignatures().length + type.getConstructSignatures().length > 0)
      throw new Error(`${what} is a function`);
    const fields = this.checker.getPropertiesOfType(type).filter((field) => !this.isOfLibrary(field));
    const lines = fields.map((field) => this.writeField(field, what, depth));
    for (const { keyType, type: value } of this.checker.getIndexInfosOfType(type))
      lines.push(
        `[key: ${this.writeSimple(keyType, what)}]: ${this.write(value, `${what}[key]`, depth + 1)};`,
      );
    if (lines.length === 0 && !this.isEmpty(type)) throw new Error(`${what} is of a library`);
    return `{\n${lines.join('\n')}\n}`;
  }

  private writeField(field: ts.Symbol, what: string, depth: number): string {
    const { name } = field;
    const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
    const type = this.checker.getTypeOfSymbol(field);
    const text = this.write(type, `${what}.${name}`, depth + 1);
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    return `${this.comment(field)}readonly ${key}${isOptional ? '?' : ''}: ${text};`;
  }

  comment(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    return text === '' ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`;
  }

  /** What the classes of a state bring along besides its fields. */
  private isOfLibrary({ name, declarations = [] }: ts.Symbol): boolean {
    if (name.startsWith('__@') || name.startsWith('~') || name.startsWith('$')) return true;
    return (
      declarations.length > 0 &&
      declarations.every((at) => at.getSourceFile().fileName.includes('/node_modules/'))
    );
  }

  private isEmpty(type: ts.Type): boolean {
    return this.checker.getPropertiesOfType(type).length === 0;
  }
}
