/** A campaign's rows against the configuration that it has published last: what diners are shown, and what decides. */
import type { DrawConfig } from '../draw/odds.ts';
import type { Invariant } from './check.ts';
import type { Findings } from './checks.ts';
import type { Snapshot } from './snapshot.ts';

const PRIZES: Invariant = { rule: 'L-12', holds: 'prizes are as they were published last' };
const CAMPAIGN: Invariant = { rule: 'L-12', holds: 'what a campaign draws with is as it was published last' };

interface PrizeRow {
  prize_id: number;
  sort_order: number;
  prize_name: string;
  prize_type: string;
  prize_value: number | string;
  win_probability: number | string;
  fallback_prize_id: number | null;
}

interface CampaignRow {
  cost_per_draw: number | string;
  guarantee_threshold: number | null;
  guarantee_prize_id: number | null;
  pity_steps: unknown;
  level_bonus_bp: unknown;
  bonus_periods: unknown;
}

/** @param config undefined: none was published, or none that can be read */
export async function comparePublished(
  snapshot: Snapshot,
  { campaignId, config }: { campaignId: number; config: DrawConfig | undefined },
  findings: Findings,
): Promise<void> {
  if (config === undefined) return;
  const prizes = await snapshot.query<PrizeRow>(
    `SELECT prize_id, sort_order, prize_name, prize_type, prize_value, win_probability, fallback_prize_id
     FROM lottery_prizes WHERE campaign_id = ? ORDER BY prize_id`,
    [campaignId],
  );
  const published = new Map(config.prizes.map(({ stock: _, ...prize }) => [prize.prize_id, prize]));
  for (const row of prizes) {
    const was = published.get(row.prize_id);
    published.delete(row.prize_id);
    for (const fault of differing(prizeOf(row), was))
      findings.add(PRIZES, `prize_id ${row.prize_id}: ${fault}`);
  }
  for (const prizeId of published.keys()) findings.add(PRIZES, `prize_id ${prizeId}: it is not there`);
  const [campaign] = await snapshot.query<CampaignRow>(
    `SELECT cost_per_draw, guarantee_threshold, guarantee_prize_id, pity_steps, level_bonus_bp, bonus_periods
     FROM lottery_campaigns WHERE campaign_id = ?`,
    [campaignId],
  );
  const { prizes: _, ...drawnWith } = config;
  for (const fault of differing(campaignOf(campaign!), drawnWith))
    findings.add(CAMPAIGN, `campaign_id ${campaignId}: ${fault}`);
}

function prizeOf(row: PrizeRow) {
  return {
    prize_id: row.prize_id,
    sort_order: row.sort_order,
    name: row.prize_name,
    type: row.prize_type,
    value: Number(row.prize_value).toFixed(2),
    p: Math.round(Number(row.win_probability) * 1e8),
    fallback_prize_id: row.fallback_prize_id,
  };
}

function campaignOf(row: CampaignRow) {
  const { guarantee_threshold: threshold, guarantee_prize_id: prizeId } = row;
  return {
    cost_per_draw: Number(row.cost_per_draw).toFixed(2),
    guarantee: threshold === null || prizeId === null ? null : { threshold, prize_id: prizeId },
    pity: jsonOf(row.pity_steps),
    level_bonus_bp: jsonOf(row.level_bonus_bp),
    periods: jsonOf(row.bonus_periods),
  };
}

function jsonOf(column: unknown): unknown {
  return typeof column === 'string' ? (JSON.parse(column) as unknown) : column;
}

/** Each field that is stored otherwise than published; what the published one has besides is an addition. */
function differing(stored: object, published: object | undefined): string[] {
  if (published === undefined) return ['it was never published'];
  return Object.entries(stored).flatMap(([field, value]) => {
    const [ours, theirs] = [value, (published as Record<string, unknown>)[field]].map(ordered);
    return ours === theirs ? [] : [`${field} ${ours}, published ${theirs}`];
  });
}

/** As JSON, names in one order: databases keep objects in an order of their own. */
function ordered(value: unknown): string {
  return String(
    JSON.stringify(value, (_name, one: unknown) =>
      one !== null && typeof one === 'object' && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    ),
  );
}
