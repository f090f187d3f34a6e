import { In, MoreThan } from 'typeorm';
import { AdminStatus } from '../../../entities/chat/AdminStatus.ts';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { AccessControl } from '../../identity/access/accessControl.ts';
import type { Clock } from '../../platform/clock.ts';
import { briefly } from '../../platform/cluster/briefly.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { asAppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SeatedPeople } from '../../platform/sockets/seatedPeople.ts';
import type { ConversationOwners } from '../ownerCalls.ts';

/** An agent who is there costs a write this often, on each node where they are. */
const BEAT_MS = 15_000;
/** Who has not looked for longer, since their process stood still, has not seen that nothing was heard. */
const BLIND_MS = 10_000;

export interface AttendanceServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  access: Pick<AccessControl, 'can'>;
  seatedPeople: Pick<SeatedPeople, 'isSeated'>;
  conversations: Pick<ConversationOwners, 'changeSession'>;
}

/*
 * Which agents are there (RC-8). Whoever sits in any room of a node, or calls it, is: the node counts that up in their row. Every
 * node watches all the rows by its own time that passes (TIME-1): a count that has not changed for 60 s is that of somebody who is
 * gone, whatever became of the node where they were. A reload is back before.
 *
 * Whoever may not serve any more is gone at once, with all that they have (RA-12). What those who are gone have is given back one by
 * one, by whichever node comes to it: one that is killed over it leaves the rest to the others.
 */
export class Attendance {
  /** Heard of here, and not written yet. */
  private readonly heard = new Set<number>();
  private beatAtMs = new Map<number, number>();
  private seen = new Map<number, { beats: number; sinceMs: number }>();
  private lookedMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly services: AttendanceServices) {}

  /** They have called this node. */
  hear(agentId: number): void {
    this.heard.add(agentId);
  }

  async look(): Promise<void> {
    const { database, clock } = this.services;
    const nowMs = clock.monotonicMs();
    const agents = await database.currentReader.find(AdminStatus, {
      where: [{ status: 'online' }, { open_sessions: MoreThan(0) }],
      order: { user_id: 'ASC' },
    });
    const isBlind = nowMs - this.lookedMs > BLIND_MS;
    this.lookedMs = nowMs;
    this.seen = new Map(
      agents.map(({ user_id: id, beats }) => {
        const known = this.seen.get(id);
        return [id, known?.beats === beats && !isBlind ? known : { beats, sinceMs: nowMs }];
      }),
    );
    await this.beat(agents, nowMs);
    for (const agent of agents.filter((one) => this.isGone(one, nowMs))) await this.putOffLine(agent);
    const isLeaving = (one: AdminStatus) => one.status === 'gone' || !this.mayServe(one);
    const gone = agents.filter(isLeaving).map(({ user_id: id }) => id);
    if (gone.length > 0) await this.giveBack(gone);
  }

  private async beat(agents: readonly AdminStatus[], nowMs: number): Promise<void> {
    const { database, seatedPeople } = this.services;
    const ids = agents.map(({ user_id: id }) => id);
    for (const id of ids.filter((one) => seatedPeople.isSeated(one))) this.heard.add(id);
    const due = ids.filter(
      (id) => this.heard.has(id) && nowMs - (this.beatAtMs.get(id) ?? Number.NEGATIVE_INFINITY) >= BEAT_MS,
    );
    // Of whom there is nothing to watch nothing is remembered.
    this.beatAtMs = new Map(
      ids.flatMap((id) => {
        const at = due.includes(id) ? nowMs : this.beatAtMs.get(id);
        return at === undefined ? [] : [[id, at] as const];
      }),
    );
    this.keepHeard(ids.filter((id) => !due.includes(id)));
    if (due.length === 0) return;
    await database.retryingTransaction(({ manager }) =>
      manager.increment(AdminStatus, { user_id: In(due) }, 'beats', 1),
    );
  }

  private keepHeard(ids: readonly number[]): void {
    const kept = ids.filter((id) => this.heard.has(id));
    this.heard.clear();
    for (const id of kept) this.heard.add(id);
  }

  private isGone({ user_id: userId, status }: AdminStatus, nowMs: number): boolean {
    if (status === 'gone') return false;
    if (!this.mayServe({ user_id: userId })) return true;
    const isSilent = nowMs - this.seen.get(userId)!.sinceMs >= LIMITS.agentSilenceMs;
    return isSilent && !this.heard.has(userId) && this.beatAtMs.get(userId) !== nowMs;
  }

  private mayServe({ user_id: userId }: Pick<AdminStatus, 'user_id'>): boolean {
    return this.services.access.can({ userId }, 'chat:serve');
  }

  /** Unless they were heard of meanwhile. */
  private async putOffLine({ user_id, beats }: AdminStatus): Promise<void> {
    const updated_at = new Date(this.services.clock.nowMs());
    await this.services.database.retryingTransaction(({ manager }) =>
      manager.update(AdminStatus, { user_id, beats }, { status: 'gone', updated_at }),
    );
  }

  private async giveBack(agentIds: readonly number[]): Promise<void> {
    const { database, conversations, logger } = this.services;
    const left = await database.currentReader.find(ServiceSession, {
      where: { agent_id: In([...agentIds]), status: 'assigned' },
      order: { opening_id: 'ASC' },
      take: LIMITS.pageSize,
    });
    const given = Promise.all(
      left.map(async ({ conversation_id: conversationId, agent_id: agentId }) => {
        try {
          await conversations.changeSession(conversationId, { kind: 'return', agentId: agentId! });
        } catch (error) {
          if (asAppError(error).code === 'CONFLICT') return;
          logger.warn({ err: error, conversationId }, 'a session was not given back; it is tried again');
        }
      }),
    );
    await briefly<unknown>(given, undefined);
  }
}
