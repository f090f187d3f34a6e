/**
 * Declarations (.d.ts) of a part of src that stand by themselves: what that part imports of the rest, as types, is written out in a
 * file beside them, wire.d.ts.
 */
import { basename, dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { TypeText } from './typeText.ts';

export interface Part {
  /** Where reading begins, from the repository's root. */
  entry: string;
  /** Which files are declared as they are. */
  isInside: (file: string) => boolean;
  /** Which packages they may go on importing. */
  packages: readonly string[];
}

const ROOT = resolve(import.meta.dirname, '..');
const WIRE = 'wire';

/** Knows all of the server; to be made once, it takes seconds. @throws {Error} naming the first fault of the types */
export function typeProgram(entries: readonly string[]): ts.Program {
  const { options } = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: ROOT,
      // Never written there: each file is taken as it is emitted.
      outDir: join(ROOT, 'dist'),
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  )!;
  return ts.createProgram(
    entries.map((entry) => join(ROOT, entry)),
    options,
  );
}

/** @returns name of a file → its text */
export function declarationsOf(program: ts.Program, part: Part): Map<string, string> {
  return new Declarations(program, part).write();
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

class Declarations {
  private readonly files = new Map<string, string>();
  private readonly waiting: string[];
  /** What is imported from elsewhere: its name → what it is. */
  private readonly wire = new Map<string, ts.Symbol>();
  private readonly texts: TypeText;

  constructor(
    private readonly program: ts.Program,
    private readonly part: Part,
  ) {
    this.waiting = [join(ROOT, part.entry)];
    this.texts = new TypeText(program);
  }

  write(): Map<string, string> {
    for (let file = this.waiting.pop(); file !== undefined; file = this.waiting.pop()) {
      const name = `${stemOf(file)}.d.ts`;
      if (!this.files.has(name)) this.files.set(name, this.declare(file));
    }
    if (this.wire.size > 0) this.files.set(`${WIRE}.d.ts`, this.writeWire());
    return this.files;
  }

  private declare(file: string): string {
    const source = this.program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not part of the program`);
    const text = this.emit(source);
    if (/\bimport\(/.test(text)) throw new Error(`${file} declares what it does not import by name`);
    const declared = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const edits = declared.statements.flatMap((statement) => this.editsOf(statement, source));
    return edited(text, edits);
  }

  private emit(source: ts.SourceFile): string {
    let text: string | undefined;
    const { diagnostics } = this.program.emit(source, (_name, written) => (text = written), undefined, true);
    diagnostics.forEach(fail);
    return text!;
  }

  private editsOf(statement: ts.Statement, source: ts.SourceFile): Edit[] {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
      return this.editsOfImport(statement, source);
    if (!ts.isTypeAliasDeclaration(statement) || !/\bz\./.test(statement.type.getText())) return [];
    // What a shape of zod comes to.
    const original = source.statements
      .filter(ts.isTypeAliasDeclaration)
      .find(({ name }) => name.text === statement.name.text)!;
    const type = this.program.getTypeChecker().getTypeFromTypeNode(original.type);
    return [
      {
        from: statement.type.getStart(),
        to: statement.type.end,
        text: this.texts.of(type, statement.name.text),
      },
    ];
  }

  private editsOfImport(
    statement: ts.ImportDeclaration | ts.ExportDeclaration,
    source: ts.SourceFile,
  ): Edit[] {
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined) return [];
    const specifier = (moduleSpecifier as ts.StringLiteral).text;
    const nothing = { from: statement.getStart(), to: statement.end, text: '' };
    // Only done for what it does when it is loaded.
    if (ts.isImportDeclaration(statement) && statement.importClause === undefined) return [nothing];
    if (!specifier.startsWith('.')) {
      if (specifier === 'zod') return [nothing];
      if (!this.part.packages.includes(specifier))
        throw new Error(`${source.fileName} declares by ${specifier}`);
      return [];
    }
    const file = resolve(dirname(source.fileName), specifier);
    const isInside = this.part.isInside(file.slice(ROOT.length + 1));
    if (isInside) {
      this.waiting.push(file);
      return [{ from: moduleSpecifier.getStart(), to: moduleSpecifier.end, text: `'./${stemOf(file)}.js'` }];
    }
    const names = namesOf(statement).filter((name) => this.note(name, file));
    const verb = ts.isImportDeclaration(statement) ? 'import' : 'export';
    return [
      {
        ...nothing,
        text: names.length === 0 ? '' : `${verb} type { ${names.join(', ')} } from './${WIRE}.js';`,
      },
    ];
  }

  /** @returns whether it is a type: values are only named by what is written out instead of them */
  private note(name: string, file: string): boolean {
    const checker = this.program.getTypeChecker();
    const module = checker.getSymbolAtLocation(this.program.getSourceFile(file)!)!;
    const found = checker.getExportsOfModule(module).find((exported) => exported.name === name)!;
    const symbol = (found.flags & ts.SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found);
    if ((symbol.flags & ts.SymbolFlags.Type) === 0) return false;
    if ((this.wire.get(name) ?? symbol) !== symbol) throw new Error(`There are two things called ${name}`);
    this.wire.set(name, symbol);
    this.texts.name(checker.getDeclaredTypeOfSymbol(symbol), name);
    return true;
  }

  private writeWire(): string {
    const checker = this.program.getTypeChecker();
    const types = [...this.wire].map(([name, symbol]) => {
      const text = this.texts.of(checker.getDeclaredTypeOfSymbol(symbol), name);
      return `${this.texts.comment(symbol)}export type ${name} = ${text};\n`;
    });
    return types.join('\n');
  }
}

function namesOf(statement: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  const bindings = ts.isImportDeclaration(statement)
    ? statement.importClause!.namedBindings
    : statement.exportClause;
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings)))
    throw new Error(`${statement.getText()} does not say by name what it takes`);
  if (bindings.elements.some(({ propertyName }) => propertyName !== undefined))
    throw new Error(`${statement.getText()} names anew what it takes`);
  return bindings.elements.map(({ name }) => name.text);
}

function edited(text: string, edits: Edit[]): string {
  return edits
    .toReversed()
    .reduce((done, { from, to, text: by }) => done.slice(0, from) + by + done.slice(to), text);
}

function stemOf(file: string): string {
  return basename(file, '.ts');
}

function fail({ messageText, file }: ts.Diagnostic): never {
  throw new Error(`${file?.fileName ?? ''} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
