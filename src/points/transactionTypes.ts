/** What a row of the ledger is, by its type. */

/** Gains that only move or give back what somebody had, here or in another system: neither earned nor income. */
export const RESTORING_TYPES = [
  'refund',
  'rollback',
  'trade_in',
  'transfer_in',
  'unfreeze',
  'import',
  'merge_in',
] as const;

const RESTORING: ReadonlySet<string> = new Set(RESTORING_TYPES);

/** They move points between what is available and what is frozen, or two accounts of one person: neither income nor expense. */
export const OWN_TYPES = ['freeze', 'unfreeze', 'merge_in', 'merge_out'] as const;

const OWN: ReadonlySet<string> = new Set(OWN_TYPES);

export function isOwn(type: string): boolean {
  return OWN.has(type);
}

export function isEarning(type: string): boolean {
  return !RESTORING.has(type);
}

/** Of whoever does it themself, in a restaurant or by their phone: what comes to somebody by itself is none of their doing. */
const OWN_DEEDS: ReadonlySet<string> = new Set([
  ...['check_in', 'consume', 'exchange', 'lottery_draw', 'task', 'trade_out', 'transfer_out'],
]);

export function isOwnDeed(type: string): boolean {
  return OWN_DEEDS.has(type);
}
