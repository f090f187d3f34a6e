/** How far the prizes of a campaign have come that are won as items: everything but points. */
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { Database } from '../platform/database/transaction.ts';

export interface Counted {
  people: number;
  items: number;
}

export interface ItemFigures {
  /** But for those that were taken back. */
  won: Counted;
  /** Those that are redeemed as well, since a coupon needs no claim. */
  claimed: Counted;
  redeemed: Counted;
  expiredItems: number;
  /** Of redeemed items; null without any rating. */
  meanRating: number | null;
  ratings: number;
}

/** @param draws whose items: those of the draw ids between these two, as their index has them */
export async function readItemFigures(
  database: Database,
  draws: { afterId: number; beforeId: number },
): Promise<ItemFigures> {
  const isClaimed = `item.status IN ('claimed', 'redeemed')`;
  const isRedeemed = `item.status = 'redeemed'`;
  const isWon = `item.status <> 'void'`;
  const items = (condition: string) => `SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
  const people = (condition: string) => `COUNT(DISTINCT CASE WHEN ${condition} THEN item.user_id END)`;
  const row = await database.currentReader
    .createQueryBuilder()
    .select(items(isWon), 'won_items')
    .addSelect(people(isWon), 'won_people')
    .addSelect(items(isClaimed), 'claimed_items')
    .addSelect(people(isClaimed), 'claimed_people')
    .addSelect(items(isRedeemed), 'redeemed_items')
    .addSelect(people(isRedeemed), 'redeemed_people')
    .addSelect(items(`item.status = 'expired'`), 'expired')
    .addSelect('COUNT(item.rating)', 'ratings')
    .addSelect('SUM(item.rating)', 'rated')
    .from(UserInventory, 'item')
    .where('item.draw_id > :afterId AND item.draw_id < :beforeId', draws)
    .getRawOne<Record<string, number | string | null>>();
  const number = (name: string) => Number(row?.[name] ?? 0);
  const counted = (name: string) => ({ people: number(`${name}_people`), items: number(`${name}_items`) });
  const ratings = number('ratings');
  return {
    won: counted('won'),
    claimed: counted('claimed'),
    redeemed: counted('redeemed'),
    expiredItems: number('expired'),
    meanRating: ratings === 0 ? null : number('rated') / ratings,
    ratings,
  };
}
