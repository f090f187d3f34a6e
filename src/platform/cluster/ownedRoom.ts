import type { ErrorCode } from '../errors.ts';

/** What a room answers to a call from elsewhere in the cluster: plain values, because they may travel as JSON. */
export type OwnerReply =
  { ok: true; data: unknown } | { ok: false; code: ErrorCode; details?: unknown; retryAfterSeconds?: number };

/** A room that other parts of the server call by its fixed id (ROOM-1). */
export interface OwnedRoom {
  /** A call from this process, whose input has its shape by its type. */
  callHere(method: string, input: unknown): Promise<OwnerReply>;
  /** A call from another process; `callId` comes back with the reply. */
  onOwnerCall(method: string, payload: unknown, callId?: string): Promise<OwnerReply>;
}
