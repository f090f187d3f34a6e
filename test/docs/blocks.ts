/** The commands that the documentation tells people to run. */
import { globSync, readFileSync } from 'node:fs';
import { fencedIn, type Block } from '../../build/markdown.ts';

export const DOCUMENTS = globSync(
  '{README.md,README.zh-CN.md,CONTRIBUTING.md,CHANGELOG.md,deploy/*.md,docs/*.md}',
).sort();
const SHELLS = new Set(['sh', 'bash', 'shell', 'console']);

/** A block of commands, and wherever it stands. */
export interface Told {
  commands: string[];
  text: string;
  at: string[];
}

/** Blocks of the same commands are one: the languages differ in their remarks. */
export function toldBlocks(): Told[] {
  const told = new Map<string, Told>();
  for (const block of DOCUMENTS.flatMap(fencedIn).filter(({ language }) => SHELLS.has(language))) {
    const commands = commandsOf(block);
    const known = told.get(commands.join('\n'));
    const at = `${block.file}:${block.line}`;
    if (known === undefined) told.set(commands.join('\n'), { commands, text: block.text, at: [at] });
    else known.at.push(at);
  }
  return [...told.values()];
}

/** One a line, however it is wrapped, without remarks. */
function commandsOf({ text }: Block): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .replaceAll(/\|\n\s*/g, '| ')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
    .filter((line) => line !== '');
}

/** Options that running text and tables name, with the scripts that they may be of. */
export interface Inline {
  scripts: string[];
  options: string[];
  at: string;
}

/** @param names all scripts that there are: within a paragraph some are named without `npm run` */
export function inlineScripts(names: readonly string[]): Inline[] {
  return DOCUMENTS.flatMap((file) => passagesOf(file).flatMap((passage) => inlineIn(passage, names, file)));
}

/** Rows of tables, and paragraphs. */
function passagesOf(file: string): string[] {
  const text = fencedIn(file).reduce((rest, block) => rest.replace(block.text, ''), readText(file));
  return text.split(/\n\n/).flatMap((part) => (part.includes('\n| -') ? part.split('\n') : [part]));
}

function inlineIn(passage: string, names: readonly string[], at: string): Inline[] {
  const spans = [...passage.matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replaceAll(/\s+/g, ' '));
  const scriptOf = (span: string) => {
    const [, called] = /^npm run (?:-s )?([a-z:]+)/.exec(span) ?? [];
    return called ?? names.find((name) => span === name || span.startsWith(`${name} `));
  };
  const named = [...new Set(spans.flatMap((span) => scriptOf(span) ?? []))];
  return spans.flatMap((span) => {
    const script = scriptOf(span);
    const options = [...span.matchAll(/(?<=^|\s)--([a-z][a-z-]*)/g)].map(([, name]) => name!);
    // Of other programs, as those of node and npm.
    if (script === undefined && (options.length === 0 || !/^--/.test(span) || named.length === 0)) return [];
    return [{ scripts: script === undefined ? named : [script], options, at }];
  });
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
