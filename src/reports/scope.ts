/** Of which restaurants somebody is told. */
import type { AccessControl } from '../identity/access/accessControl.ts';
import { findRestaurants } from '../inventory/restaurantStaff.ts';
import type { Caller } from '../platform/caller.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { requireRestaurant } from '../restaurants/openingHours.ts';
import type { Scope } from './readDays.ts';

export interface ScopeServices {
  database: Database;
  access: Pick<AccessControl, 'roleOf'>;
}

/** Of the staff, that of their restaurants. @throws AppError FORBIDDEN, NOT_FOUND */
export async function scopeOf(
  { database, access }: ScopeServices,
  caller: Caller,
  asked: number | undefined,
): Promise<Scope> {
  const manager = database.currentReader;
  const isStaff = access.roleOf(caller.userId) === 'staff';
  const own = isStaff ? await findRestaurants(manager, caller.userId) : undefined;
  if (asked === undefined) return own;
  if (own === undefined) await requireRestaurant(manager, asked);
  else if (!own.includes(asked))
    throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant', restaurant_ids: own } });
  return [asked];
}
