/** Whether everything the server acknowledged is there: each draw exactly once, with the prize that was announced. */
import { persist } from '../src/client/patience.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import type { Account } from './accounts.ts';
import { eachOf } from './eachOf.ts';
import type { HttpClient } from './http.ts';
import type { Acknowledged } from './record.ts';

const ROWS_PER_READ = 20_000;
const DRAWS_PER_PAGE = 100;
const PATIENCE_MS = 60_000;

export interface StoredDraw {
  drawId: number;
  userId: number;
  /** Unknown where the history does not tell it. */
  requestId: string | undefined;
  prizeId: number | null;
}

/** Compares what was told with what is stored, draw by draw. */
export class AcknowledgementCheck {
  private readonly prizeOf = new Map<number, number | null>();
  private readonly ownerOf = new Map<number, Acknowledged>();
  private readonly drawsOf = new Map<string, number>();
  private readonly seen = new Set<number>();
  private readonly differences: string[] = [];

  constructor(acknowledged: readonly Acknowledged[]) {
    for (const answer of acknowledged) {
      this.drawsOf.set(keyOf(answer.user_id, answer.request_id), answer.draw_ids.length);
      answer.draw_ids.forEach((drawId, at) => {
        if (this.ownerOf.has(drawId)) this.differences.push(`draw ${drawId} was acknowledged twice`);
        this.prizeOf.set(drawId, answer.prize_ids[at] ?? null);
        this.ownerOf.set(drawId, answer);
      });
    }
  }

  found({ drawId, userId, requestId, prizeId }: StoredDraw): void {
    const answer = this.ownerOf.get(drawId);
    if (answer === undefined) {
      if (requestId !== undefined && this.drawsOf.has(keyOf(userId, requestId))) {
        this.differences.push(`draw ${drawId} is stored for request ${requestId} but was not in its answer`);
      }
      return;
    }
    if (this.seen.has(drawId)) this.differences.push(`draw ${drawId} is stored twice`);
    this.seen.add(drawId);
    const told = this.prizeOf.get(drawId) ?? null;
    if (told !== prizeId)
      this.differences.push(`draw ${drawId}: told prize ${told ?? 'none'}, stored ${prizeId ?? 'none'}`);
    if (userId !== answer.user_id || (requestId !== undefined && requestId !== answer.request_id)) {
      this.differences.push(
        `draw ${drawId}: told to user ${answer.user_id} (${answer.request_id}), stored for ${userId}`,
      );
    }
  }

  /** Everything that is wrong; call it when all stored draws were shown. */
  result(): string[] {
    for (const [drawId, answer] of this.ownerOf) {
      if (!this.seen.has(drawId))
        this.differences.push(`draw ${drawId} of request ${answer.request_id} is missing`);
    }
    return this.differences;
  }
}

/** Reads all draws of the campaign straight from its table, in key order. */
export async function checkInDatabase(
  databaseUrl: string,
  campaignId: number,
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const check = new AcknowledgementCheck(acknowledged);
  const database = new Database(await openDataSources({ url: databaseUrl, replicaUrls: [], poolSize: 2 }));
  try {
    for (let after = 0; ;) {
      const rows = await database.read<{
        draw_id: number | string;
        user_id: number;
        request_id: string;
        prize_id: number | null;
      }>(
        `SELECT draw_id, user_id, request_id, prize_id FROM lottery_draws
         WHERE draw_id > ? AND campaign_id = ? ORDER BY draw_id LIMIT ${ROWS_PER_READ}`,
        [after, campaignId],
      );
      for (const row of rows) {
        const drawId = Number(row.draw_id);
        check.found({ drawId, userId: row.user_id, requestId: row.request_id, prizeId: row.prize_id });
        after = drawId;
      }
      if (rows.length < ROWS_PER_READ) return check.result();
    }
  } finally {
    await database.close();
  }
}

interface HistoryPage {
  items: { draw_id: number; request_id?: string; prize: { prize_id: number } | null }[];
  total: number;
}

/** Asks for the history of every diner who drew. Slower, but needs nothing but the server. */
export async function checkInHistory(
  http: HttpClient,
  options: { campaignId: number; accounts: readonly Account[] },
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const check = new AcknowledgementCheck(acknowledged);
  const drew = new Set(acknowledged.map((answer) => answer.user_id));
  const diners = options.accounts.filter((account) => drew.has(account.userId));
  await eachOf(diners, 8, async ({ userId, token }) => {
    for (let page = 1, seen = 0, total = 1; seen < total; page++) {
      const path = `/lottery/history?campaign_id=${options.campaignId}&page=${page}&limit=${DRAWS_PER_PAGE}`;
      const call = () => http.call<HistoryPage>({ method: 'GET', path, token });
      const { items, total: all } = await persist(call, Date.now() + PATIENCE_MS);
      for (const item of items) {
        const prizeId = item.prize?.prize_id ?? null;
        check.found({ drawId: item.draw_id, userId, requestId: item.request_id, prizeId });
      }
      if (items.length === 0) break;
      seen += items.length;
      total = all;
    }
  });
  return check.result();
}

function keyOf(userId: number, requestId: string): string {
  return `${userId}:${requestId}`;
}
