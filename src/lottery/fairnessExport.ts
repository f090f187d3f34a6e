/*
 * All that is published of one campaign's fairness as one file: its epochs, head and length of one moment, and the log up to there.
 *
 * It is made page by page while it is sent, since ten million draws are some gigabytes. On a node so many are made at once and no
 * more; they take turns, and after each page as much time as it took goes to others, so that whoever asks for files never takes
 * more than half of the thread that decides draws.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from 'async-mutex';
import { AppError } from '../platform/errors.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { MadePiece } from '../platform/jsonPieces.ts';
import { LIMITS } from '../platform/limits.ts';
import { networkOf } from '../platform/network.ts';
import { fairnessHead, linesOf, type PublishedFairness } from './fairnessLog.ts';
import {
  readEntries,
  readEpochs,
  readNumbered,
  readPosition,
  type LogPage,
  type PositionRow,
} from './publishedRows.ts';
import type { FairnessView, LogEntry } from './views.ts';

export interface ExportServices {
  database: Database;
  seedKey: Buffer;
  /** Has pages of logs that were asked for lately. */
  kept: Pick<PublishedFairness, 'keptEntries'>;
}

type Epochs = FairnessView['epochs'];

export class FairnessExports {
  private readonly turns = new Mutex();
  /** Of each network, how many are being made; none is not in it. */
  private readonly making = new Map<string, number>();

  constructor(
    private readonly services: ExportServices,
    private readonly epochsAtOnce: number = LIMITS.fairnessEpochs,
  ) {}

  /** The pieces of `{fairness, log}`. @throws AppError BUSY, NOT_FOUND before the first of them */
  async *make(campaignId: number, ip: string): AsyncGenerator<MadePiece> {
    const network = networkOf(ip);
    this.begin(network);
    try {
      const newest = await this.newestEpochs(campaignId);
      yield pieceOf(`{"fairness":${fairnessHead(campaignId, newest.position)}[\n`);
      yield* this.epochs(campaignId, newest);
      yield pieceOf(']},\n"log":[\n');
      yield* this.entries(campaignId, Number(newest.position.log_no));
      yield pieceOf('\n]}');
    } finally {
      this.end(network);
    }
  }

  /**
   * The last page of epochs with head and length, in one statement. All epochs before it have been revealed and stay as they are, so
   * they may be read later.
   */
  private async newestEpochs(
    campaignId: number,
  ): Promise<{ position: PositionRow; epochs: Epochs; after: number }> {
    const { database, seedKey } = this.services;
    const limit = this.epochsAtOnce;
    const { fairness_epoch: newest } = await readPosition(database, campaignId);
    for (let after = newest - 1 - ((newest - 1) % limit); ;) {
      const page = await readEpochs(database, campaignId, { afterEpoch: after, limit }, seedKey);
      if (page.next === undefined) return { ...page, after };
      after = page.next;
    }
  }

  private async *epochs(
    campaignId: number,
    newest: { epochs: Epochs; after: number },
  ): AsyncGenerator<MadePiece> {
    const { database, seedKey } = this.services;
    const limit = this.epochsAtOnce;
    for (let afterEpoch = 0; afterEpoch < newest.after; afterEpoch += limit) {
      const { epochs } = await readEpochs(database, campaignId, { afterEpoch, limit }, seedKey);
      yield pieceOf(`${epochLines(epochs)},\n`);
    }
    yield pieceOf(epochLines(newest.epochs));
  }

  private async *entries(campaignId: number, length: number): AsyncGenerator<MadePiece> {
    let isFirst = true;
    for (let after = 0; after < length; after += LIMITS.fairnessLogPage) {
      const page = { after, limit: Math.min(LIMITS.fairnessLogPage, length - after) };
      const piece = this.services.kept.keptEntries(campaignId, page) ?? (await this.inTurn(campaignId, page));
      if (piece.text.length === 0) continue;
      if (!isFirst) yield pieceOf(',\n');
      isFirst = false;
      yield piece;
    }
  }

  private inTurn(campaignId: number, page: LogPage): Promise<MadePiece> {
    return this.turns.runExclusive(async () => {
      const beganMs = performance.now();
      const piece = pieceOf(linesOf(await this.readPage(campaignId, page)));
      await sleep(performance.now() - beganMs);
      return piece;
    });
  }

  /** A replica may be behind the head that another one told. What the primary has not either, whoever checks the file will miss. */
  private async readPage(campaignId: number, page: LogPage): Promise<LogEntry[]> {
    const { database } = this.services;
    const entries = await readEntries(database.reader, { campaignId, ...page });
    if (entries.length === page.limit) return entries;
    return readNumbered(database.currentReader, { campaignId, ...page });
  }

  /** @throws AppError BUSY */
  private begin(network: string): void {
    const ofNetwork = this.making.get(network) ?? 0;
    const all = [...this.making.values()].reduce((sum, count) => sum + count, 0);
    if (all >= LIMITS.fairnessExports || ofNetwork >= LIMITS.fairnessExportsPerNetwork)
      throw new AppError('BUSY', { retryAfterSeconds: 5 });
    this.making.set(network, ofNetwork + 1);
  }

  private end(network: string): void {
    const left = this.making.get(network)! - 1;
    if (left > 0) this.making.set(network, left);
    else this.making.delete(network);
  }
}

function pieceOf(json: string): MadePiece {
  return { text: Buffer.from(json) };
}

function epochLines(epochs: Epochs): string {
  return epochs.map((epoch) => JSON.stringify(epoch)).join(',\n');
}
