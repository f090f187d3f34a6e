/** What of Markdown the site and the tests of the documentation look at: headings, and blocks of code. */
import { readFileSync } from 'node:fs';

export interface Line {
  text: string;
  /** Inside a block of code, its fences among them. */
  isCode: boolean;
}

export interface Block {
  file: string;
  /** Of its first line, from 1. */
  line: number;
  language: string;
  text: string;
}

export interface Section {
  /** Undefined: what stands before the first heading of the level. */
  heading: string | undefined;
  lines: Line[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*(\S*)/;

export function linesOf(text: string): Line[] {
  let open: string | undefined;
  return text.split('\n').map((line) => {
    const fence = FENCE.exec(line)?.[1];
    const isCode = open !== undefined || fence !== undefined;
    if (open === undefined) open = fence;
    else if (fence?.startsWith(open) === true) open = undefined;
    return { text: line, isCode };
  });
}

/** The blocks of code of a file. */
export function fencedIn(file: string): Block[] {
  const blocks: Block[] = [];
  let open: (Block & { fence: string }) | undefined;
  for (const [at, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const [, fence, language = ''] = FENCE.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== undefined) open = { file, line: at + 2, language, text: '', fence };
    } else if (fence?.startsWith(open.fence) === true) {
      const { fence: _fence, ...block } = open;
      blocks.push(block);
      open = undefined;
    } else open.text += `${line}\n`;
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: the block has no end`);
  return blocks;
}

/** Cuts at the headings of the second level. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [{ heading: undefined, lines: [] }];
  for (const line of linesOf(text)) {
    const heading = line.isCode ? undefined : headingOf(line.text, 2);
    if (heading !== undefined) sections.push({ heading, lines: [] });
    sections.at(-1)!.lines.push(line);
  }
  return sections;
}

export function headingOf(line: string, level: number): string | undefined {
  return line.startsWith(`${'#'.repeat(level)} `) ? line.slice(level + 1).trim() : undefined;
}

/** A heading as links name it, the way of where the repository is read: lower case, no signs, hyphens for spaces. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
