import { z } from 'zod';
import { idShape } from './shapes.ts';

/** Who is calling. What they may do is for `Access` to say. */
export interface Caller {
  /** Of a machine: below zero, and no user. */
  userId: number;
  /** Of a machine: 0, which is no login. */
  sessionId: number;
  nickname: string;
  /** A machine that serves one restaurant has this, and is let in only where a route looks at it. */
  restaurantId?: number;
}

/*
 * A machine calls by an API key. Its number as a caller is that of its key below zero: so whatever is kept by caller
 * (idempotency records, rate limits, the admin log) has a place of its own for it, and whatever looks for a user finds none.
 */
export function callerIdOfKey(apiKeyId: number): number {
  return -apiKeyId;
}

/** @returns undefined when a person calls. */
export function apiKeyIdOf(callerId: number): number | undefined {
  return callerId < 0 ? -callerId : undefined;
}

const callerIdShape = z.union([idShape, z.int().min(-2_147_483_647).max(-1)]);

/** Who makes a change, and by which request. It may travel to another process with the change. */
export const actorShape = z.strictObject({
  userId: callerIdShape,
  ip: z.string().max(64),
  requestId: z.string().max(64),
});
export type Actor = z.infer<typeof actorShape>;

/** The names of what not everybody who is logged in may do. The domain that grants them adds them here. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its members are declared by merging
export interface Permissions {}

export type Permission = keyof Permissions;
/** Who may call a route or send a message: anyone, anyone logged in, or those who have the permission. There is no default. */
export type Access = 'public' | 'user' | Permission;
