/** Words that nobody is to read, as the administration edits them: each change is a version, and versions stay (C-4, RC-5). */
import { isDeepStrictEqual } from 'node:util';
import { setImmediate as turn } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { WordList } from '../../entities/words/WordList.ts';
import { WordListPart } from '../../entities/words/WordListPart.ts';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import { insertAll, insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import { WORD_KINDS } from './matcher.ts';
import type { StoredPart } from './parts.ts';
import type { WordList as Words } from './buildWords.ts';
import { isWord } from './wordFilter.ts';

/** Characters of the JSON of one part: a TEXT has 64 KiB, and one of these up to three bytes. */
const PART_CHARACTERS = 20_000;
/** Words between two turns of the event loop: nobody waits for a long list. */
const AT_ONCE = 1000;

/** Of the newest; undefined: nobody has made one. */
export async function readNewest(manager: EntityManager): Promise<WordList | undefined> {
  const [newest] = await manager.find(WordList, { order: { version: 'DESC' }, take: 1 });
  return newest;
}

export function readParts(manager: EntityManager, version: number): Promise<StoredPart[]> {
  return manager.find(WordListPart, {
    select: { version: true, part: true, kind: true, words: true },
    where: { version },
    order: { part: 'ASC' },
  });
}

/**
 * Of a list that is to be stored, before a transaction holds anybody up.
 * @throws AppError VALIDATION_FAILED for words that would be found in no text
 */
export async function partsOf(words: Words): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (const kind of WORD_KINDS) {
    let part: string[] = [];
    let characters = 0;
    const end = () => {
      if (part.length > 0) parts.push({ kind, words: `[${part.join(',')}]` });
      [part, characters] = [[], 0];
    };
    for (const [at, word] of words[kind].entries()) {
      if (at % AT_ONCE === AT_ONCE - 1) await turn();
      if (!word.isWellFormed() || !isWord(word)) throw notWord(kind, at);
      const json = JSON.stringify(word);
      if (characters + json.length > PART_CHARACTERS) end();
      part.push(json);
      characters += json.length + 1;
    }
    end();
  }
  return parts;
}

function notWord(kind: string, at: number): AppError {
  const message = 'has neither a letter, a number nor a sign to be found by';
  return new AppError('VALIDATION_FAILED', { details: [{ path: `${kind}.${at}`, message }] });
}

export interface WordsChange {
  actor: Actor;
  /** That was seen. */
  version: number;
  words: Words;
  /** Of these words. */
  parts: readonly StoredPart[];
}

/** @returns the new version @throws AppError CONFLICT when another one has come meanwhile */
export async function changeWords(
  tx: Tx,
  { actor, version, words, parts }: WordsChange,
  nowMs: number,
): Promise<number> {
  const [newest] = await tx.lock(WordList, { order: { version: 'DESC' }, take: 1 });
  const before = newest === undefined ? { version: 0 } : summaryOf(newest);
  if (before.version !== version) throw staleEdit(before, { version });
  if (version > 0 && isDeepStrictEqual(contentsOf(await readParts(tx.manager, version)), contentsOf(parts)))
    return version;
  const row = {
    version: version + 1,
    masked: words.mask.length,
    refused: words.refuse.length,
    allowed: words.allow.length,
    created_by: actor.userId,
    created_at: new Date(nowMs),
  };
  // Two who make the first one race for its number: who loses comes again, and finds it.
  await insertOne(tx, WordList, row);
  await insertAll(
    tx,
    WordListPart,
    parts.map((part, at) => ({ version: row.version, part: at + 1, ...part })),
  );
  const target = { type: 'words', id: row.version };
  await recordAction(tx, { actor, action: 'words.change', target, before, after: summaryOf(row) }, nowMs);
  return row.version;
}

/** Without the version that they are of. */
function contentsOf(parts: readonly StoredPart[]): StoredPart[] {
  return parts.map(({ kind, words }) => ({ kind, words }));
}

function summaryOf({ version, masked, refused, allowed }: WordList) {
  return { version, masked, refused, allowed };
}
