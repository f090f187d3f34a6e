/** How figures of days are written, and which are shown together. */
import type { FigureName } from './wire.ts';

export const GROUPS: readonly { name: string; figures: readonly FigureName[] }[] = [
  { name: 'guests', figures: ['diners', 'members', 'bills', 'billed'] },
  { name: 'draws', figures: ['draws', 'wins', 'prize_value', 'points_on_draws'] },
  {
    name: 'points',
    figures: [
      ...(['points_issued', 'points_spent', 'points_outstanding'] as const),
      ...(['points_expired', 'points_imported', 'points_corrected'] as const),
    ],
  },
  {
    name: 'things',
    figures: [
      ...(['items_redeemed', 'items_expired', 'redemption_rate', 'exchanges', 'exchanged_points'] as const),
      ...(['trades', 'traded_points', 'trade_fees'] as const),
    ],
  },
  {
    name: 'care',
    figures: [
      ...(['claims_approved', 'claims_rejected', 'claimed_points'] as const),
      ...(['answers', 'answer_seconds', 'answers_late'] as const),
    ],
  },
];

/** –: it is not told of one restaurant, or was not counted then. */
export function written(name: FigureName, value: number | null): string {
  if (value === null) return '–';
  if (name === 'redemption_rate') return `${(value * 100).toFixed(1)}%`;
  return value.toLocaleString('en', { maximumFractionDigits: 2 }).replace('-', '−');
}

/** By how many percent a day differs from what is usual; null: there is nothing to compare with. */
export function changeOf(value: number | null, usual: number | null): number | null {
  return value === null || usual === null || usual === 0 ? null : Math.round((value / usual - 1) * 100);
}
