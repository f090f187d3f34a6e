/** What a row of the ledger is, by its type. */

/** Gains that only move or give back what somebody had, here or in another system: neither earned nor income. */
export const RESTORING_TYPES = ['refund', 'rollback', 'trade_in', 'transfer_in', 'unfreeze', 'import'] as const;

const RESTORING: ReadonlySet<string> = new Set(RESTORING_TYPES);

/** They move points between what is available and what is frozen: neither income nor expense. */
export const FREEZING_TYPES = ['freeze', 'unfreeze'] as const;

const FREEZING: ReadonlySet<string> = new Set(FREEZING_TYPES);

export function isFreezing(type: string): boolean {
  return FREEZING.has(type);
}

export function isEarning(type: string): boolean {
  return !RESTORING.has(type);
}
