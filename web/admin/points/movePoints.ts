/** The ways in which staff moves points of people. */
import type { Permission } from '../permissions.ts';
import { client } from '../session.ts';

export const MOVES = ['grant', 'adjust', 'freeze', 'unfreeze'] as const;
export type Move = (typeof MOVES)[number];

export interface Moved {
  kind: Move;
  /** Negative only of an adjustment. */
  amount: number;
  reason: string;
  /** Of what is granted or frozen; '': for good. */
  expiresAt: string;
}

const PATHS: Record<Move, string> = {
  grant: '/points/earn',
  adjust: '/admin/points/adjust',
  freeze: '/points/freeze',
  unfreeze: '/points/unfreeze',
};

/**
 * @param idempotencyKey the same for every try of one intent
 * @returns what they have available after it
 */
export async function movePoints(
  userId: number,
  { kind, amount, reason, expiresAt }: Moved,
  idempotencyKey: string,
): Promise<number> {
  const body = {
    user_id: userId,
    amount,
    reason,
    ...(kind === 'grant' && { source: 'console' }),
    ...(expiresAt !== '' && mayEnd(kind) && { expires_at: expiresAt }),
  };
  const { balance } = await client.api.post<{ balance: number }>(PATHS[kind], body, { idempotencyKey });
  return balance;
}

export function mayEnd(kind: Move): boolean {
  return kind === 'grant' || kind === 'freeze';
}

export const PERMISSION_OF: Record<Move, Permission> = {
  grant: 'points:grant',
  adjust: 'points:adjust',
  freeze: 'points:freeze',
  unfreeze: 'points:freeze',
};
