import type { Database } from '../platform/database/transaction.ts';
import { coalesce } from '../platform/coalesce.ts';
import { Followed } from '../platform/cluster/followed.ts';
import type { Wake } from '../platform/cluster/wake.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { buildParts } from './buildThread.ts';
import { WORD_KINDS } from './matcher.ts';
import type { StoredPart } from './parts.ts';
import { readNewest, readParts } from './wordBook.ts';
import { WordFilter, type Judged } from './wordFilter.ts';

/** Whoever was not woken knows by then. */
const POLL_MS = 500;
const PROBLEM = 'words could not be read; those of before hold';

export interface WordsServices {
  database: Database;
  logger: Logger;
  /** Tells all nodes that there is another version. */
  wake: Wake;
  /** Of the settings, which are covered besides. */
  settled: readonly string[];
}

/** By which version of the list. */
export type JudgedBy = Judged & { version: number };

/*
 * The words that nobody is to read, as this node knows them. A change is known here once it is answered, and on the other nodes once
 * they are woken, within a second in any case. What cannot be read or made ready changes nothing: the version of before judges on.
 */
export class Words {
  private filter: WordFilter;
  private version = 0;
  private readonly settled: StoredPart;
  private readonly followed: Followed;

  /** Once this resolves, the current version judges. */
  static async open(services: WordsServices): Promise<Words> {
    const words = new Words(services);
    await words.refresh();
    return words;
  }

  /** Until it is refreshed, those of the settings judge alone. */
  constructor(private readonly services: WordsServices) {
    this.settled = { kind: 'mask', words: JSON.stringify(services.settled) };
    this.filter = WordFilter.of({ mask: services.settled, refuse: [], allow: [] });
    this.followed = new Followed({
      ...services,
      refresh: () => this.refresh(),
      pollMs: POLL_MS,
      problem: PROBLEM,
    });
  }

  judge(text: string): JudgedBy {
    return { ...this.filter.judge(text), version: this.version };
  }

  /** @param path of the text, for whoever has sent it @throws AppError VALIDATION_FAILED where a word is refused */
  mask(text: string, path: string): string {
    const { text: masked, isRefused } = this.filter.judge(text);
    if (isRefused) throw refusedWord(path);
    return masked;
  }

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  changed(): Promise<void> {
    return this.followed.changed();
  }

  /** @returns how to stop it */
  keep(): () => void {
    return this.followed.keep();
  }

  readonly refresh = coalesce(async () => {
    const manager = this.services.database.currentReader;
    const { version } = (await readNewest(manager)) ?? { version: 0 };
    if (version === this.version) return;
    const parts = await readParts(manager, version);
    const kinds = new Set(parts.map(({ kind }) => kind));
    const foreign = [...kinds].filter((kind) => !WORD_KINDS.includes(kind));
    if (foreign.length > 0)
      this.services.logger.warn({ version, kinds: foreign }, 'the word list has kinds of a newer build');
    this.filter = new WordFilter(await buildParts([this.settled, ...parts]));
    this.version = version;
  });
}

/** Which word it is, nobody is told who tries them out. */
export function refusedWord(path: string): AppError {
  return new AppError('VALIDATION_FAILED', {
    details: [{ path, message: 'has a word that is not allowed' }],
  });
}
