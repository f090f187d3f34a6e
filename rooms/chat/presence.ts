import { LIMITS } from '../../src/platform/limits.ts';
import type { RoomClient } from '../kernel/answer.ts';

/** Twice a second, however many come and go (RC-14). */
const RENEWAL_MS = 500;

export interface Present {
  online: number;
  members: { user_id: number; nickname: string }[];
}

/** Who is in a room, as it is shown. */
export class Presence {
  private present: Present = { online: 0, members: [] };
  private madeMs = Number.NEGATIVE_INFINITY;
  private isBehind_ = false;

  /** @param nowMs in time that passes */
  of({ clients, online }: { clients: Iterable<RoomClient>; online: number }, nowMs: number): Present {
    this.isBehind_ = nowMs - this.madeMs < RENEWAL_MS;
    if (this.isBehind_) return this.present;
    this.present = { online, members: membersOf(clients) };
    this.madeMs = nowMs;
    return this.present;
  }

  /** What was given last may not be what is: another view is due. */
  get isBehind(): boolean {
    return this.isBehind_;
  }
}

/** The first to come, once for all of their devices. */
function membersOf(clients: Iterable<RoomClient>): Present['members'] {
  const members = new Map<number, string>();
  for (const { auth } of clients) {
    if (members.size >= LIMITS.shownMembers) break;
    if (auth !== undefined) members.set(auth.identity.userId, auth.identity.nickname);
  }
  return [...members].map(([user_id, nickname]) => ({ user_id, nickname }));
}
