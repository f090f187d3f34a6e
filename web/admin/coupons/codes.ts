/** Codes of a text that somebody pasted or a file has: one a line, or the first column, or that with the heading `code`. */
import type { RowResult } from '../parts/BulkResult.vue';

/** Whatever a phone shows and somebody types in. */
const CODE = /^[\x20-\x7E]{1,64}$/;

export interface Codes {
  good: string[];
  /** Why some are left out. */
  bad: RowResult[];
}

export function codesOf(text: string, words: { odd: string; twice: string }): Codes {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.split(/[,\t;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')))
    .filter((cells) => cells.some((cell) => cell !== ''));
  const column = rows[0]?.findIndex((heading) => heading.toLowerCase() === 'code') ?? -1;
  const cells = (column < 0 ? rows : rows.slice(1)).map((row) => row[Math.max(column, 0)] ?? '');
  const good = new Set<string>();
  const bad: RowResult[] = [];
  cells.forEach((code, at) => {
    if (!CODE.test(code)) bad.push({ key: at, label: code || '–', isDone: false, text: words.odd });
    else if (good.has(code)) bad.push({ key: at, label: code, isDone: false, text: words.twice });
    else good.add(code);
  });
  return { good: [...good], bad };
}
