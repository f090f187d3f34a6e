import { matchMaker } from '@colyseus/core';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';

/** What a room answers to a call from elsewhere in the cluster: plain values, because they may travel as JSON. */
export type OwnerReply =
  { ok: true; data: unknown } | { ok: false; code: ErrorCode; details?: unknown; retryAfterSeconds?: number };

/** A room that other parts of the server call by its fixed id (ROOM-1). */
export interface OwnedRoom {
  onOwnerCall(method: string, payload: unknown): Promise<OwnerReply>;
}

export interface RoomName {
  /** The registered room type. */
  type: string;
  /** What the fixed id is made of: campaign-<key>. */
  key: number;
}

/** Who owns what: finds the room with a fixed id, opens it where there is none, and calls it. */
export class RoomDirectory {
  /** Rooms being opened here, so that joins at the same moment share one. */
  private readonly opening = new Map<string, Promise<unknown>>();

  /** Opens the room unless it is open. Returns its id. @throws AppError as the room's own refusal to open. */
  async ensure({ type, key }: RoomName): Promise<string> {
    const roomId = `${type}-${key}`;
    if (matchMaker.getLocalRoomById(roomId) !== undefined) return roomId;
    let opening = this.opening.get(roomId);
    if (opening === undefined) {
      opening = matchMaker.createRoom(type, { key }).finally(() => this.opening.delete(roomId));
      this.opening.set(roomId, opening);
    }
    try {
      await opening;
    } catch (error) {
      throw toAppError(error);
    }
    return roomId;
  }

  /** Calls the owner of a room. @throws AppError as the owner refused, or MOVED while it is changing. */
  async callOwner<T>(name: RoomName, method: string, payload: unknown): Promise<T> {
    const roomId = await this.ensure(name);
    const room = matchMaker.getLocalRoomById(roomId) as unknown as OwnedRoom | undefined;
    if (room === undefined) throw new AppError('MOVED');
    const reply = await room.onOwnerCall(method, payload);
    if (reply.ok) return reply.data as T;
    throw new AppError(reply.code, {
      details: reply.details,
      ...(reply.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: reply.retryAfterSeconds }),
    });
  }
}

/** The framework wraps what onCreate threw, but keeps its `code`. */
function toAppError(error: unknown): AppError {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code))
    return new AppError(code as ErrorCode, { cause: error });
  return new AppError('INTERNAL', { cause: error });
}
