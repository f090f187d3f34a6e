/** Whether the audit sees each fault of products and trades in the books of a test, which are as they were afterwards. */
import assert from 'node:assert/strict';
import { QueryFailedError } from 'typeorm';
import { CHECKS } from '../../src/books/checks.ts';
import type { Check } from '../../src/books/check.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { PRODUCT_BREAKS } from '../books/productBreaks.ts';
import { TRADE_BREAKS } from '../books/tradeBreaks.ts';

/** Takes everything back. */
class Undone extends Error {}

/** @returns how many were seen */
export async function assertBreaksAreSeen(database: Database): Promise<number> {
  let seen = 0;
  // Nothing is won here.
  for (const { violates, sql } of [...PRODUCT_BREAKS, ...TRADE_BREAKS])
    if (!sql.includes(`'lottery'`)) {
      const check = CHECKS.find(({ rule, holds }) => `${rule}: ${holds}`.startsWith(violates));
      assert.ok(check !== undefined, violates);
      const found = await violations(database, { sql, check });
      assert.notEqual(found, 0, `${violates}: ${sql}`);
      if (found !== undefined) seen += 1;
    }
  return seen;
}

/** undefined: the table itself refuses it. */
async function violations(
  database: Database,
  { sql, check }: { sql: string; check: Check },
): Promise<number | undefined> {
  let found = 0;
  try {
    await database.transaction(async (tx) => {
      assert.ok((await tx.execute(sql)) > 0, `nothing to break: ${sql}`);
      found = (await tx.manager.query<unknown[]>(check.sql(database.dialect))).length;
      throw new Undone();
    });
  } catch (error) {
    if (error instanceof Undone) return found;
    if (error instanceof QueryFailedError && /UNIQUE|Duplicate/.test(error.message)) return undefined;
    throw error;
  }
  throw new Error('It was not taken back');
}
