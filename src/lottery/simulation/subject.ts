/** What is simulated: the configuration of a campaign as its rows or its document say it, and what draws depend on besides. */
import type { DrawConfig } from '../../draw/odds.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { canonicalJson } from '../../verifier/canonicalJson.ts';
import { readRows } from '../manage/campaignRows.ts';
import { keyOf, unstoredConfigOf } from '../manage/document.ts';
import { refuseProblems } from '../manage/documentProblems.ts';
import type { CampaignBody } from '../manage/documentShapes.ts';
import { toDrawConfig } from '../pool.ts';
import { nodeSha256 } from '../sha256.ts';

export interface Subject {
  config: DrawConfig;
  /** By which prizes are called in their campaign's document, by prize id. */
  keys: ReadonlyMap<number, string>;
  startsAtMs: number;
  endsAtMs: number;
  freeDrawsPerDay: number;
}

/** A campaign with the stock that it has now; a draft with what it is meant to have. @throws AppError NOT_FOUND */
export async function subjectOf(database: Database, campaignId: number): Promise<Subject> {
  const { campaign, prizes } = await readRows(database.currentReader, campaignId);
  const config = toDrawConfig(campaign, prizes);
  const isDraft = campaign.status === 'draft';
  const meant = new Map(prizes.map((prize) => [prize.prize_id, prize.remaining_quantity]));
  return {
    config: isDraft ? withStock(config, meant) : config,
    keys: new Map(prizes.map((prize) => [prize.prize_id, keyOf(prize)])),
    startsAtMs: campaign.start_time.getTime(),
    endsAtMs: campaign.end_time.getTime(),
    freeDrawsPerDay: campaign.free_draws_per_day,
  };
}

/** The codes of a pool may still have to be uploaded. */
function withStock(config: DrawConfig, stock: ReadonlyMap<number, number | null>): DrawConfig {
  const prizes = config.prizes.map((prize) => ({ ...prize, stock: stock.get(prize.prize_id) ?? null }));
  return { ...config, prizes };
}

/** A campaign that is not there yet, as its document says it. @throws AppError VALIDATION_FAILED */
export function subjectOfBody(body: CampaignBody): Subject {
  refuseProblems(body, 'config');
  return {
    config: unstoredConfigOf(body),
    keys: new Map(body.prizes.map(({ key }, at) => [at + 1, key])),
    startsAtMs: Date.parse(body.starts_at),
    endsAtMs: Date.parse(body.ends_at),
    freeDrawsPerDay: body.free_draws_per_day,
  };
}

/** As the fairness log has it of a configuration. */
export function configHashOf(config: DrawConfig): string {
  return nodeSha256.hex(canonicalJson(config));
}
