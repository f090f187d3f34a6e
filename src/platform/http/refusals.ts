import { ERRORS, type ErrorCode } from '../errors.ts';
import type { Route } from './route.ts';

/** What whoever asks for anything here may be told, whatever it is. */
export const ANYWHERE: readonly ErrorCode[] = [
  'VALIDATION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'INTERNAL',
  'BUSY',
];

/** A token or key that is given must be good, also where none is needed; a key from where it may be used. */
const OF_TOKENS: readonly ErrorCode[] = [
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  'IP_NOT_ALLOWED',
];

/** Every code that a route may be refused with: what its own declaration adds to those of its place, access and key. */
export function refusalsOf(route: Pick<Route, 'access' | 'idempotencyKey' | 'refusals'>): ErrorCode[] {
  const { access, idempotencyKey, refusals = [] } = route;
  const codes = new Set<ErrorCode>([...ANYWHERE, ...OF_TOKENS, ...refusals]);
  if (access !== 'public') codes.add('FORBIDDEN');
  if (idempotencyKey !== undefined) codes.add('IDEMPOTENCY_KEY_REUSED');
  if (idempotencyKey === 'required') codes.add('IDEMPOTENCY_KEY_REQUIRED');
  return inOrder(codes);
}

/** Status → its codes, both in the order of the table. */
export function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  return Map.groupBy(inOrder(new Set(codes)), (code) => ERRORS[code][0]);
}

function inOrder(codes: ReadonlySet<ErrorCode>): ErrorCode[] {
  return (Object.keys(ERRORS) as ErrorCode[]).filter((code) => codes.has(code));
}
