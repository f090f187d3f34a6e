/** What a new campaign begins with. */
import type { FoodName } from '../../shared/drawings.ts';
import { serverNow } from '../about.ts';
import type { CampaignBody, Prize } from './wire.ts';

export const TEMPLATES = [
  { name: 'wheel', food: 'pot' },
  { name: 'grid', food: 'noodle' },
  { name: 'slot', food: 'persimmon' },
] as const satisfies readonly { name: string; food: FoodName }[];

type Words = (key: string) => string;

/** @param t the texts, since a campaign's own words are its readers' */
export function draftOf(template: string, t: Words): CampaignBody {
  const hourMs = 3_600_000;
  const startsAtMs = Math.ceil(serverNow() / hourMs) * hourMs;
  const kind = TEMPLATES.find(({ name }) => name === template)?.name ?? 'wheel';
  return {
    name: t(`campaigns.template.${kind}`),
    type: kind,
    description: null,
    starts_at: new Date(startsAtMs).toISOString(),
    ends_at: new Date(startsAtMs + 72 * hourMs).toISOString(),
    cost_per_draw: 100,
    total_draws: null,
    draws_per_user_per_day: 30,
    free_draws_per_day: 1,
    wins_per_user: null,
    draws_per_second: null,
    conditions: {},
    guarantee: { threshold: 10, prize: 'points' },
    pity: [],
    level_bonus_bp: {},
    periods: [],
    disclosures: {},
    restaurant_ids: [],
    claim_days: 30,
    return_unclaimed: false,
    seed_rotation_draws: 1000,
    prizes: [
      prize('dish', t('campaigns.template.dish'), {
        type: 'product',
        value: 68,
        stock: 20,
        probability: 0.01,
      }),
      prize('coupon', t('campaigns.template.coupon'), {
        type: 'coupon',
        value: 20,
        stock: 200,
        probability: 0.1,
        code_source: 'generated',
      }),
      prize('points', t('campaigns.template.points'), { type: 'points', value: 18, probability: 0.2 }),
    ].map((one) => (one.key === 'points' ? one : { ...one, fallback: 'points' })),
  } as CampaignBody;
}

function prize(key: string, name: string, rest: Partial<Prize>): Prize {
  return {
    key,
    name,
    type: 'physical',
    tier: 'normal',
    value: 0,
    stock: null,
    probability: 0,
    fallback: null,
    image_url: null,
    ...rest,
  };
}

/** One more, after those that there are. */
export function newPrize(prizes: readonly Prize[], name: string): Prize {
  const keys = new Set(prizes.map(({ key }) => key));
  let at = prizes.length + 1;
  while (keys.has(`prize-${at}`)) at++;
  return prize(`prize-${at}`, name, { value: 10, stock: 10 });
}
