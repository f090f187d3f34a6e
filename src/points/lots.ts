/** Lots as they are stored. Whoever reads or writes them holds the accounts. */
import { In, LessThan, MoreThan } from 'typeorm';
import { PointsLot } from '../../entities/points/PointsLot.ts';
import { PointsLotUse } from '../../entities/points/PointsLotUse.ts';
import { PointsReminder } from '../../entities/points/PointsReminder.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { LotBook, type Lot, type LotUse } from './lotBook.ts';

export interface LotOwner {
  userId: number;
  settledTotal: number;
}

/** A piece of somebody's line of spending. */
export interface Spending {
  userId: number;
  from: number;
  to: number;
}

/**
 * The lots of some users that something is left of.
 * @param pieces of their lines, to be given back: with what has been settled of them, and the lots that it was taken of
 */
export async function readBooks(
  tx: Tx,
  owners: readonly LotOwner[],
  pieces: readonly Spending[] = [],
): Promise<Map<number, LotBook>> {
  const useRows = pieces.length === 0 ? [] : await readUses(tx, pieces);
  const used = [...new Set(useRows.map((use) => use.lot_id))];
  const rows = await tx.manager.find(PointsLot, {
    where: [
      { user_id: In(owners.map(({ userId }) => userId)), remaining: MoreThan(0) },
      ...(used.length === 0 ? [] : [{ lot_id: In(used) }]),
    ],
  });
  const lots = new Map(rows.map((row) => [row.lot_id, toLot(row)]));
  const uses: LotUse[] = useRows.map((use) => ({
    useId: use.use_id,
    lot: lots.get(use.lot_id)!,
    from: use.spent_from,
    to: use.spent_to,
  }));
  const lotsOf = Map.groupBy(lots.values(), ({ userId }) => userId);
  const usesOf = Map.groupBy(uses, ({ lot }) => lot.userId);
  return new Map(
    owners.map(({ userId, settledTotal }) => [
      userId,
      new LotBook(lotsOf.get(userId) ?? [], settledTotal, usesOf.get(userId)),
    ]),
  );
}

/** As they are at this moment, and settled in memory alone. Account and lots by one statement, so that they belong together. */
export async function readSettled(
  database: Database,
  userIds: readonly number[],
): Promise<Map<number, LotBook>> {
  const accounts: (UserPointsAccount & { lots?: PointsLot[] })[] = await database.currentReader
    .createQueryBuilder(UserPointsAccount, 'account')
    .select(['account.account_id', 'account.user_id', 'account.spent_total', 'account.settled_total'])
    .leftJoinAndMapMany(
      'account.lots',
      PointsLot,
      'lot',
      'lot.user_id = account.user_id AND lot.remaining > 0',
    )
    .where('account.user_id IN (:...userIds)', { userIds })
    .getMany();
  return new Map(
    accounts.map(({ user_id: userId, spent_total: spent, settled_total: settled, lots = [] }) => {
      const book = new LotBook(lots.map(toLot), settled);
      book.settle(spent);
      return [userId, book];
    }),
  );
}

async function readUses(tx: Tx, pieces: readonly Spending[]): Promise<PointsLotUse[]> {
  return tx.manager.find(PointsLotUse, {
    where: pieces.map(({ userId, from, to }) => ({
      user_id: userId,
      spent_to: MoreThan(from),
      spent_from: LessThan(to),
    })),
  });
}

export async function storeBooks(tx: Tx, books: Iterable<LotBook>): Promise<void> {
  const all = [...books];
  const changed = all.flatMap((book) => [...book.changed]);
  const removed = all.flatMap(({ removedUses }) => removedUses.flatMap(({ useId }) => useId ?? []));
  await Promise.all([
    upsertAll(
      tx,
      PointsLot,
      changed.map((lot) => ({ lot_id: lot.lotId!, ...toRow(lot) })),
    ),
    rememberEnds(tx, changed),
    removed.length === 0 ? undefined : tx.manager.delete(PointsLotUse, { use_id: In(removed) }),
    insertAll(
      tx,
      PointsLotUse,
      all.flatMap(({ addedUses }) =>
        addedUses.map(({ lot, from, to }) => ({
          user_id: lot.userId,
          lot_id: lot.lotId!,
          spent_from: from,
          spent_to: to,
        })),
      ),
    ),
  ]);
}

export async function insertLots(tx: Tx, lots: readonly Lot[]): Promise<void> {
  await Promise.all([insertAll(tx, PointsLot, lots.map(toRow)), rememberEnds(tx, lots)]);
}

/** The user is to be told of each end that something is left for; where nothing was when somebody looked, once more. */
async function rememberEnds(tx: Tx, lots: readonly Lot[]): Promise<void> {
  const ends = new Map<string, PointsReminder>();
  for (const { userId, expiresAtMs, remaining } of lots) {
    if (expiresAtMs === null || remaining === 0) continue;
    const end = { user_id: userId, expires_at: new Date(expiresAtMs), state: 'due' as const };
    ends.set(`${userId} ${expiresAtMs}`, end);
  }
  await upsertAll(tx, PointsReminder, [...ends.values()], {
    state: ({ stored }) => `CASE WHEN ${stored('state')} = 'none' THEN 'due' ELSE ${stored('state')} END`,
  });
}

export function toLot(row: PointsLot): Lot {
  return {
    lotId: row.lot_id,
    userId: row.user_id,
    originType: row.origin_type,
    transactionId: row.transaction_id,
    relatedId: row.related_id,
    amount: row.amount,
    remaining: row.remaining,
    spentBefore: row.spent_before,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    createdAtMs: row.created_at.getTime(),
  };
}

function toRow(lot: Lot): Omit<PointsLot, 'lot_id'> {
  return {
    user_id: lot.userId,
    origin_type: lot.originType,
    transaction_id: lot.transactionId,
    related_id: lot.relatedId,
    amount: lot.amount,
    remaining: lot.remaining,
    spent_before: lot.spentBefore,
    expires_at: lot.expiresAtMs === null ? null : new Date(lot.expiresAtMs),
    created_at: new Date(lot.createdAtMs),
  };
}
