/** Between a campaign's rows and its document. */
import type { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import type { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import type { DrawConfig } from '../../draw/odds.ts';
import { leftToWin, shownStock } from '../leftToWin.ts';
import type { CampaignBody, CampaignDocument, PrizeBody } from './documentShapes.ts';

export interface CampaignRows {
  campaign: LotteryCampaign;
  /** In the order of the document. */
  prizes: LotteryPrize[];
}

type PrizeDocument = CampaignDocument['prizes'][number];

export function documentOf(
  { campaign, prizes }: CampaignRows,
  pendingApprovalId: number | null,
): CampaignDocument {
  return {
    campaign_id: campaign.campaign_id,
    version: campaign.version,
    status: campaign.status,
    ...bodyOf({ campaign, prizes }),
    prizes: prizeDocuments(prizes),
    table_version: campaign.table_version,
    author_id: campaign.author_id,
    editor_id: campaign.editor_id,
    pending_approval_id: pendingApprovalId,
    created_at: campaign.created_at.toISOString(),
    updated_at: campaign.updated_at.toISOString(),
  };
}

/** What has become of it so far. */
export function progressOf({ campaign, prizes }: CampaignRows) {
  const limited = prizes.flatMap((prize) => {
    const { remaining, total } = shownStock(prize);
    return remaining === null || total === null ? [] : [{ prize, remaining, total }];
  });
  const sum = (hundredths: readonly number[]) => hundredths.reduce((all, one) => all + one, 0) / 100;
  const shareLeft = ({ remaining, total }: { remaining: number; total: number }) =>
    total === 0 ? 0 : remaining / total;
  const [tightest] = [...limited].sort((a, b) => shareLeft(a) - shareLeft(b));
  return {
    draws: campaign.draw_no,
    value_given: sum(prizes.map((prize) => prize.won_quantity * prize.prize_value)),
    limited_value: {
      given: sum(limited.map(({ prize }) => prize.won_quantity * prize.prize_value)),
      total: sum(limited.map(({ prize, total }) => total * prize.prize_value)),
    },
    tightest:
      tightest === undefined
        ? null
        : {
            prize_id: tightest.prize.prize_id,
            name: tightest.prize.prize_name,
            remaining: tightest.remaining,
            total: tightest.total,
          },
  };
}

/** As it would be written now. */
export function bodyOf({ campaign, prizes }: CampaignRows): CampaignBody {
  const { guarantee_threshold: threshold, guarantee_prize_id: prizeId } = campaign;
  const keys = keysOf(prizes);
  return {
    name: campaign.campaign_name,
    type: campaign.campaign_type,
    description: campaign.description,
    starts_at: campaign.start_time.toISOString(),
    ends_at: campaign.end_time.toISOString(),
    cost_per_draw: campaign.cost_per_draw / 100,
    total_draws: campaign.total_draws,
    draws_per_user_per_day: campaign.draws_per_user_per_day,
    free_draws_per_day: campaign.free_draws_per_day,
    wins_per_user: campaign.wins_per_user,
    draws_per_second: campaign.draws_per_second,
    conditions: campaign.conditions ?? {},
    guarantee: threshold === null || prizeId === null ? null : { threshold, prize: keys.get(prizeId)! },
    pity: campaign.pity_steps,
    level_bonus_bp: campaign.level_bonus_bp,
    periods: campaign.bonus_periods,
    disclosures: campaign.disclosures ?? {},
    restaurant_ids: campaign.restaurant_ids ?? [],
    claim_days: campaign.claim_days,
    return_unclaimed: Boolean(campaign.return_unclaimed),
    seed_rotation_draws: campaign.seed_rotation_draws,
    prizes: prizes.map((prize) => prizeBodyOf(prize, keys)),
  };
}

function prizeBodyOf(
  prize: LotteryPrize,
  keys: ReadonlyMap<number, string>,
): PrizeBody & { sort_order: number } {
  const { fallback_prize_id: fallback, code_source: source } = prize;
  return {
    key: keys.get(prize.prize_id)!,
    name: prize.prize_name,
    type: prize.prize_type,
    tier: prize.tier,
    value: prize.prize_value / 100,
    stock: prize.total_quantity,
    probability: prize.win_probability / 1e8,
    sort_order: prize.sort_order,
    fallback: fallback === null ? null : keys.get(fallback)!,
    image_url: prize.prize_image_url,
    ...(prize.prize_type === 'coupon' && { code_source: source ?? 'generated' }),
  };
}

function prizeDocuments(prizes: readonly LotteryPrize[]): PrizeDocument[] {
  const keys = keysOf(prizes);
  return prizes.map((prize) => ({
    ...prizeBodyOf(prize, keys),
    code_source: prize.prize_type === 'coupon' ? (prize.code_source ?? 'generated') : null,
    prize_id: prize.prize_id,
    remaining: leftToWin(prize),
    won: prize.won_quantity,
    codes: prize.codes_total,
  }));
}

/** Prizes that no document has made are named by their ids. */
function keysOf(prizes: readonly LotteryPrize[]): Map<number, string> {
  return new Map(prizes.map((prize) => [prize.prize_id, keyOf(prize)]));
}

/** By which a document names it. */
export function keyOf(prize: Pick<LotteryPrize, 'prize_id' | 'prize_key'>): string {
  return prize.prize_key ?? `p${prize.prize_id}`;
}

/** What a body says of the campaign's own row, but for its guarantee, which needs the ids of the prizes. */
export function campaignColumns(body: CampaignBody) {
  return {
    campaign_name: body.name,
    campaign_type: body.type,
    description: body.description,
    start_time: new Date(body.starts_at),
    end_time: new Date(body.ends_at),
    cost_per_draw: Math.round(body.cost_per_draw * 100),
    total_draws: body.total_draws,
    draws_per_user_per_day: body.draws_per_user_per_day,
    free_draws_per_day: body.free_draws_per_day,
    wins_per_user: body.wins_per_user,
    draws_per_second: body.draws_per_second,
    conditions: body.conditions as LotteryCampaign['conditions'],
    pity_steps: body.pity,
    level_bonus_bp: body.level_bonus_bp,
    bonus_periods: body.periods,
    disclosures: body.disclosures as Record<string, string>,
    restaurant_ids: body.restaurant_ids,
    claim_days: body.claim_days,
    return_unclaimed: body.return_unclaimed,
    seed_rotation_draws: body.seed_rotation_draws,
  } satisfies Partial<LotteryCampaign>;
}

/** What a body says of a prize's row, but for its stock and its fallback. */
export function prizeColumns(prize: PrizeBody, at: number) {
  return {
    prize_key: prize.key,
    prize_name: prize.name,
    prize_type: prize.type,
    tier: prize.tier,
    prize_value: Math.round(prize.value * 100),
    win_probability: Math.round(prize.probability * 1e8),
    sort_order: prize.sort_order ?? at,
    prize_image_url: prize.image_url,
    code_source: prize.type === 'coupon' ? (prize.code_source ?? 'pool') : null,
  } satisfies Partial<LotteryPrize>;
}

/**
 * The configuration that a body's draws are decided with.
 * @param idOf the id of a prize by its key
 */
export function drawConfigOf(body: CampaignBody, idOf: (key: string) => number): DrawConfig {
  const { guarantee } = body;
  return {
    cost_per_draw: body.cost_per_draw.toFixed(2),
    prizes: body.prizes.map((prize, at) => ({
      prize_id: idOf(prize.key),
      sort_order: prize.sort_order ?? at,
      name: prize.name,
      type: prize.type,
      value: prize.value.toFixed(2),
      p: Math.round(prize.probability * 1e8),
      stock: prize.stock,
      fallback_prize_id: prize.fallback === null ? null : idOf(prize.fallback),
    })),
    guarantee: guarantee && { threshold: guarantee.threshold, prize_id: idOf(guarantee.prize) },
    pity: body.pity,
    level_bonus_bp: body.level_bonus_bp,
    periods: body.periods,
  };
}

/** As `drawConfigOf`, of a campaign that is not there yet: its prizes are numbered from 1 in their order. */
export function unstoredConfigOf(body: CampaignBody): DrawConfig {
  const ids = new Map(body.prizes.map(({ key }, at) => [key, at + 1]));
  return drawConfigOf(body, (key) => ids.get(key) ?? 0);
}
