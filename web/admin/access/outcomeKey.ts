const KNOWN = new Set([
  'OK',
  'CODE_INVALID',
  'CODE_EXPIRED',
  'ACCOUNT_DISABLED',
  'DEVICE_LIMIT_REACHED',
  'RATE_LIMITED',
]);

/** Key of what became of a login: `OK`, or the code of a refusal. */
export function outcomeKey(outcome: string): string {
  return `access.outcomes.${KNOWN.has(outcome) ? outcome : 'refused'}`;
}
