import { AdminStatus } from '../../../entities/chat/AdminStatus.ts';
import type { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import { briefly } from '../../platform/cluster/briefly.ts';
import { coalesce } from '../../platform/coalesce.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { asAppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ConversationOwners } from '../ownerCalls.ts';
import { findWaiting, SERVICE_TOPIC } from './queue.ts';

export interface AssignerServices {
  database: Database;
  logger: Logger;
  conversations: Pick<ConversationOwners, 'changeSession'>;
}

/**
 * Gives those who wait to agents who are on line and have room, the first of the queue first (RC-7). Every node does, whenever a
 * commit of its own may have made it possible and once a second besides: what two choose at once one of them gets, since the owner
 * of the conversation decides under the agent's lock.
 */
export class Assigner {
  private isStopped = false;
  /** Asked of an owner and not answered yet, by conversation: to whom it is to be given. One that hangs keeps nobody else waiting. */
  private readonly asked = new Map<number, number>();

  constructor(private readonly services: AssignerServices) {
    services.database.onCommit((topics) => {
      if (topics.has(SERVICE_TOPIC)) this.assign().catch(this.failed);
    });
  }

  /** Settles when whoever could be served was asked for. */
  readonly assign = coalesce(async () => {
    while (!this.isStopped && (await this.assignSome()));
  });

  stop(): void {
    this.isStopped = true;
  }

  /** @returns whether somebody was given a session, so that there may be more to do */
  private async assignSome(): Promise<boolean> {
    const manager = this.services.database.currentReader;
    const agents = await manager.find(AdminStatus, {
      where: { status: 'online' },
      order: { user_id: 'ASC' },
    });
    const free = new FreeAgents(agents, [...this.asked.values()]);
    if (free.isNobody) return false;
    const waiting = await findWaiting(manager, LIMITS.pageSize);
    const given = waiting
      .filter(({ conversation_id: id }) => !this.asked.has(id))
      .flatMap((session) => {
        const agentId = free.takeFor(session);
        return agentId === undefined ? [] : [{ conversationId: session.conversation_id, agentId }];
      });
    const outcomes = given.map(({ conversationId, agentId }) => this.ask(conversationId, agentId));
    return (await Promise.all(outcomes.map((outcome) => briefly(outcome, false)))).includes(true);
  }

  private async ask(conversationId: number, agentId: number): Promise<boolean> {
    this.asked.set(conversationId, agentId);
    try {
      await this.services.conversations.changeSession(conversationId, { kind: 'assign', agentId });
      return true;
    } catch (error) {
      // Somebody was faster, or the agent has gone, or enough: the next look sees it.
      if (asAppError(error).code !== 'CONFLICT') this.failed(error);
      return false;
    } finally {
      this.asked.delete(conversationId);
    }
  }

  private readonly failed = (error: unknown) => {
    if (!this.isStopped) this.services.logger.warn({ err: error }, 'a session could not be assigned');
  };
}

/** Whoever has the fewest is given the next one. */
class FreeAgents {
  private readonly agents: { agentId: number; open: number; room: number }[];

  constructor(agents: readonly AdminStatus[], asked: readonly number[]) {
    this.agents = agents
      .map(({ user_id: agentId, session_limit, open_sessions }) => {
        const open = open_sessions + asked.filter((id) => id === agentId).length;
        return { agentId, open, room: session_limit - open };
      })
      .filter(({ room }) => room > 0);
  }

  get isNobody(): boolean {
    return this.agents.length === 0;
  }

  takeFor({ user_id: userId, not_agent_id: notAgentId }: ServiceSession): number | undefined {
    const able = this.agents.filter(
      ({ agentId, room }) => room > 0 && agentId !== userId && agentId !== notAgentId,
    );
    const [first] = able.toSorted((a, b) => a.open - b.open || a.agentId - b.agentId);
    if (first === undefined) return undefined;
    first.open += 1;
    first.room -= 1;
    return first.agentId;
  }
}
