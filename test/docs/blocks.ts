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

/** `npm run NAME -- --OPTION`, as it stands in running text and tables. */
export interface Inline {
  script: string;
  options: string[];
  at: string;
}

export function inlineScripts(): Inline[] {
  return DOCUMENTS.flatMap((file) => {
    const text = fencedIn(file).reduce((rest, block) => rest.replace(block.text, ''), readText(file));
    return [...text.matchAll(/`npm run (?:-s )?([a-z:]+)([^`]*)`/g)].map(([, script, rest]) => ({
      script: script!,
      options: [...rest!.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!),
      at: file,
    }));
  });
}

function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
