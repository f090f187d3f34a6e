/** What a row of the ledger is, by its type. */

/** Gains that only move or give back what somebody had: neither earned nor income. */
export const RESTORING_TYPES = ['refund', 'rollback', 'transfer_in', 'unfreeze'] as const;

const RESTORING: ReadonlySet<string> = new Set(RESTORING_TYPES);

export function isEarning(type: string): boolean {
  return !RESTORING.has(type);
}
