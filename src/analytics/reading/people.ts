/** Who is one person: accounts that were merged are, and whoever counts nowhere is nobody (RS-1, RS-3). */
import type { EntityManager } from 'typeorm';
import { findUncounted } from '../../identity/people/counted.ts';
import { findPredecessors, survivorsOf } from '../../points/mergeAccounts.ts';

/** The accounts of one person. */
export interface Accounts {
  /** The account that stays. */
  personId: number;
  userIds: readonly number[];
}

export class People {
  /** Of those with several accounts, who has been told of: they are few. */
  private readonly told = new Set<number>();

  constructor(private readonly manager: EntityManager) {}

  /** Who these accounts are of, each person once, with the first of their accounts that is asked for. */
  async of(userIds: readonly number[]): Promise<Accounts[]> {
    if (userIds.length === 0) return [];
    const survivors = await survivorsOf(this.manager, userIds);
    const personIds = [...new Set(userIds.map((userId) => survivors.get(userId) ?? userId))];
    const merged = Map.groupBy(await findPredecessors(this.manager, personIds), (one) => one.survivorId);
    const uncounted = await findUncounted(this.manager, [...personIds, ...userIds]);
    return personIds.flatMap((personId) => {
      const earlier = merged.get(personId)?.map(({ userId }) => userId) ?? [];
      if (uncounted.has(personId) || (earlier.length > 0 && this.told.has(personId))) return [];
      if (earlier.length > 0) this.told.add(personId);
      const own = [personId, ...earlier].filter((userId) => !uncounted.has(userId));
      return { personId, userIds: own };
    });
  }
}
