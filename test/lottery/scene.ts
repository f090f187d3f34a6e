/** A campaign with its owner, as the suites of draws start from it. */
import assert from 'node:assert/strict';
import { audit } from '../../src/books/audit.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { TestClock } from '../support/clock.ts';
import { urlOf } from '../support/databases.ts';
import { createCampaign, type CampaignOverrides } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';

export interface Scene {
  database: Database;
  services: CampaignServices;
  clock: TestClock;
  campaignId: number;
  prizeIds: number[];
  campaign: Campaign;
}

export const RICH = { points: 10_000_00 };
const SEED_KEY = Buffer.alloc(32, 7);

export async function openScene(database: Database, overrides: CampaignOverrides = {}): Promise<Scene> {
  const clock = new TestClock(Date.now());
  const services: CampaignServices = {
    database,
    clock,
    logger: createLogger('debug', logSearch.destination),
    seedKey: SEED_KEY,
    businessTimezone: 'Asia/Shanghai',
    drawRatePerSecond: 100_000,
  };
  const { campaignId, prizeIds } = await createCampaign(database, overrides);
  return {
    database,
    services,
    clock,
    campaignId,
    prizeIds,
    campaign: await Campaign.open(services, campaignId),
  };
}

export function draw(
  campaign: Campaign,
  userId: number,
  requestId: string,
  drawCount = 1,
  clientSeed?: string,
): Promise<DrawReply> {
  const message = { request_id: requestId, draw_count: drawCount };
  return campaign.draw(
    { userId },
    clientSeed === undefined ? message : { ...message, client_seed: clientSeed },
  );
}

export function refused(code: string) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

export async function assertBooksBalance(database: Database): Promise<void> {
  const lines: string[] = [];
  await audit({ databaseUrl: urlOf(database), seedKey: SEED_KEY }, (line) => lines.push(line));
  assert.equal(lines[0], 'books balance', lines.join('\n'));
}

/** A campaign in which every draw wins the one prize. */
export const sureWin = (stock: number | null): CampaignOverrides => ({
  campaign: { guarantee_threshold: null },
  prizes: [
    { prize_type: 'coupon', prize_name: 'Last one', win_probability: 100_000_000, total_quantity: stock },
  ],
});

/** What became of requests: `drawn`, or the code of the refusal → how many. */
export async function settledCodes(asked: readonly Promise<DrawReply>[]): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (const result of await Promise.allSettled(asked)) {
    const code = result.status === 'fulfilled' ? 'drawn' : codeOf(result.reason);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return codes;
}

function codeOf(reason: unknown): string {
  return reason instanceof AppError ? reason.code : String(reason);
}

/** Counts the transactions that are begun from now on. */
export function countTransactions(database: Database): { taken(): number } {
  let taken = 0;
  const begin = database.transaction.bind(database);
  database.transaction = (work, options) => {
    taken += 1;
    return begin(work, options);
  };
  return { taken: () => taken };
}
