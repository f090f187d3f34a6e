import { STEPS, type Edit, type Plant } from './plant.ts';

const NO_STOCK_GUARD: Edit = {
  file: 'src/lottery/stock.ts',
  find: 'AND (remaining_quantity IS NULL OR remaining_quantity >= ${cases})',
  put: 'AND (1 OR remaining_quantity >= ${cases})',
};
const NO_LOOKUP: Edit = {
  file: 'src/lottery/commitDraws.ts',
  find: 'const answers = await answersTo(tx, pool, requests);',
  put: 'const answers = new Map();',
};
/** Answered requests are not looked up, and written over. */
const FORGETFUL: readonly Edit[] = [
  NO_LOOKUP,
  {
    file: 'src/lottery/commitDraws.ts',
    find: "import { insertAll } from '../platform/database/bulk.ts';",
    put: "import { insertAll, upsertAll } from '../platform/database/bulk.ts';",
  },
  {
    file: 'src/lottery/commitDraws.ts',
    find: 'insertAll(tx, LotteryDrawRequest, batch.requests)',
    put: 'upsertAll(tx, LotteryDrawRequest, batch.requests)',
  },
];
/** A door that trusts TypeORM's depth, as TypeORM's own transactions do. */
const TRUSTFUL_DOOR: readonly Edit[] = [
  ["await runner.query('BEGIN IMMEDIATE');", 'await runner.startTransaction();'],
  ["await runner.query('COMMIT');", 'await runner.commitTransaction();'],
  ["if (this.isInTransaction) await runner.query('ROLLBACK');", 'await runner.rollbackTransaction();'],
  ["if (!this.isInTransaction) throw new Error('A transaction was over before its COMMIT');", ''],
  [
    "if (!this.isClean(runner)) throw new Error('COMMIT was answered, and the transaction is still open');",
    '',
  ],
  ['if (!this.isClean(runner)) await this.reopen(reason);', ''],
  ['if (this.isClean(runner)) return runner;', 'return runner;'],
].map(([find, put]) => ({ file: 'src/platform/database/sqliteDoor.ts', find: find!, put: put! }));

/** Faults of the draw and of its commits. */
export const DRAW_PLANTS: readonly Plant[] = [
  {
    name: 'DRAW-1 an owner whose campaign was claimed meanwhile commits nothing',
    fault: 'neither check of the epoch in a batch',
    edits: [
      {
        file: 'src/lottery/commitDraws.ts',
        find: 'if (position?.owner_epoch !== input.ownerEpoch)',
        put: 'if (position === undefined)',
      },
      {
        file: 'src/lottery/ownership.ts',
        find: 'WHERE campaign_id = ? AND owner_epoch = ?`',
        put: 'WHERE campaign_id = ? AND ? > 0`',
      },
    ],
    of: 'campaign',
    run: { seed: 6, steps: STEPS },
    violation: /^DRAW-1 node \d+ of epoch \d+ committed in epoch/,
  },
  {
    name: 'DRAW-3 no prize is given that is not there',
    fault: 'the engine does not ask whether stock is left, and no guard in the SQL',
    edits: [
      {
        file: 'src/draw/engine.ts',
        find: 'if (remaining === null || (remaining !== undefined && remaining > 0)) return at;',
        put: 'if (remaining !== undefined) return at;',
      },
      NO_STOCK_GUARD,
    ],
    of: 'campaign',
    run: { seed: 7, steps: STEPS },
    violation: /^DRAW-3 prize \d+: total \d+, remaining -/,
  },
  {
    name: 'DRAW-3 a batch that is not committed leaves the owner with the stock that is stored',
    fault: 'deciding on the owner’s own stock, and no guard in the SQL',
    edits: [
      {
        file: 'src/lottery/drawBatch.ts',
        find: 'stock: new Map(pool.stock)',
        put: 'stock: pool.stock',
      },
      NO_STOCK_GUARD,
    ],
    of: 'campaign',
    run: { seed: 7, steps: STEPS },
    violation: /^DRAW-3 node \d+ holds/,
  },
  {
    name: 'DRAW-4 a request sent again after a lost answer is drawn once',
    fault: 'answered requests are not looked up, and written over',
    edits: FORGETFUL,
    of: 'campaign',
    run: { seed: 4, steps: STEPS },
    violation: /^DRAW-4 \d+ draws asked, \d+ stored/,
  },
  {
    name: 'DRAW-4 a repeat of an answered request is not refused',
    fault: 'answered requests are not looked up, and written over',
    edits: FORGETFUL,
    of: 'campaign',
    run: { seed: 16, steps: STEPS },
    violation: /^DRAW-4 request-\d+ was answered, a repeat is refused/,
  },
  {
    name: 'DRAW-4 a request is known in a later batch as well',
    fault: 'answered requests are known within their batch alone',
    edits: [NO_LOOKUP],
    of: 'campaign',
    run: { seed: 5, steps: STEPS },
    violation: /request-\d+ failed|^DRAW-4 request-\d+ was answered, a repeat is refused|a batch failed/,
  },
  {
    name: 'DRAW-6 after a commit of unknown outcome the owner goes on from what is stored',
    fault: 'the pool is not read anew after a commit of unknown outcome',
    edits: [
      {
        file: 'src/lottery/commitDraws.ts',
        find: '!input.isPoolInDoubt && position.log_no === input.pool.logNo && position.status === input.pool.status;',
        put: 'true;',
      },
    ],
    of: 'campaign',
    run: { seed: 21, steps: STEPS },
    violation: /UNIQUE constraint failed: lottery_draws\.|^DRAW-5 node \d+ decides again/,
  },
  {
    name: 'DB-7 nothing is shown or told that a COMMIT which failed has not committed',
    fault: 'a door that trusts TypeORM’s depth',
    edits: TRUSTFUL_DOOR,
    of: 'campaign',
    run: { seed: 1, steps: STEPS },
    violation: /^DRAW-2 node \d+ shows draw|^DRAW-4 request-\d+ was told .* stored is nothing/,
  },
  {
    name: 'DB-6 a ROLLBACK waits for the statement that is on its way',
    fault: 'a statement of failed work may run behind the ROLLBACK, and is kept',
    edits: [
      {
        file: 'src/platform/database/openTransaction.ts',
        find: 'this.isOver = true;\n    await this.sending;',
        put: 'this.isOver = true;',
      },
    ],
    of: 'campaign',
    run: { seed: 280, steps: STEPS },
    violation: /^E-1 violated: no two lottery:draw_completed events|^DRAW-3 violated: remaining stock/,
  },
  {
    name: 'DRAW-7 a campaign that ends with its seed used up answers everybody',
    fault:
      'a used-up seed comes before every refusal, no seed follows it when the campaign is over, and a commit without an outcome is called again',
    edits: [
      {
        file: 'src/platform/actor/groupCommit.ts',
        find: 'if (outcomes.length === 0) throw new NoProgressError(items.length);',
        put: '',
      },
      {
        file: 'src/lottery/drawBatch.ts',
        find: 'if (refusal !== undefined) return { ok: false, error: refusal };\n    if (isSeedUsedUp(pool)) return undefined;',
        put: 'if (isSeedUsedUp(pool)) return undefined;\n    if (refusal !== undefined) return { ok: false, error: refusal };',
      },
    ],
    of: 'campaign',
    run: { seed: 13, steps: STEPS },
    violation: /^\d+ requests got no answer without faults|does not close/,
  },
  {
    name: 'DRAW-5 one poison request fails alone',
    fault: 'what the items bring about is taken for trouble that passes',
    edits: [
      {
        file: 'src/platform/actor/groupCommit.ts',
        find: 'return !(error instanceof NoProgressError) && this.options.isItemsFault(error);',
        put: 'return false;',
      },
    ],
    of: 'campaign',
    run: { seed: 12, steps: STEPS },
    violation: /^DRAW-5 request-\d+ is refused for the fault of another/,
  },
  {
    name: 'DRAW-5 a batch with a poison request is halved until that is alone',
    fault: 'no halving: the whole part is refused',
    edits: [
      {
        file: 'src/platform/actor/groupCommit.ts',
        find: 'if (part.length === 1) part[0]!.reject(asAppError(error));\n        parts = [...halvesOf(part), ...others];',
        put: 'for (const { reject } of part) reject(asAppError(error));\n        parts = others;',
      },
    ],
    of: 'campaign',
    run: { seed: 12, steps: STEPS },
    violation: /^DRAW-5 request-\d+ is refused for the fault of another/,
  },
  {
    name: 'DRAW-5 stock that is not what the owner holds is read anew',
    fault: 'the pool is not doubted after a failed batch',
    edits: [{ file: 'src/platform/actor/owner.ts', find: 'this.isInDoubt = true;', put: '' }],
    of: 'campaign',
    run: { seed: 21, steps: STEPS },
    violation: /^DRAW-5 node \d+ decides again on stock that is not there/,
  },
];
