import { Webhook } from '../../entities/webhooks/Webhook.ts';
import type { Clock } from '../platform/clock.ts';
import { Followed } from '../platform/cluster/followed.ts';
import type { Wake } from '../platform/cluster/wake.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { EventBus } from '../platform/events/bus.ts';
import type { Logger } from '../platform/logger.ts';
import { writeDeliveries } from './deliveryStore.ts';
import { isWanted } from './filters.ts';

/** Part of the mark of each event: never another. */
const HANDLER = 'webhooks';
/** Whoever was not woken knows by then. */
const POLL_MS = 1000;
const PROBLEM = 'webhooks could not be read';

interface SubscriptionServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  /** Tells all nodes that endpoints have changed. */
  wake: Wake;
}

/*
 * Which endpoints there are, as this node knows, and which types of events it therefore handles. A type that no endpoint wants has no
 * handler: its events are written as completed, and cost nobody anything (awaitedTypes.ts). Each node learns of a change once it is
 * woken, within a second in any case, and tells of what happens from then on.
 */
export class Subscriptions {
  private endpoints: Pick<Webhook, 'webhook_id' | 'events'>[] = [];
  private handled: ReadonlySet<string> = new Set();
  private bus: EventBus | undefined;
  private lastTurn = 0;
  private appliedTurn = 0;
  private readonly followed: Followed;

  constructor(private readonly services: SubscriptionServices) {
    this.followed = new Followed({
      ...services,
      refresh: () => this.refresh(),
      pollMs: POLL_MS,
      problem: PROBLEM,
    });
  }

  /** Of enabled ones. */
  webhookIds(): number[] {
    return this.endpoints.map(({ webhook_id: webhookId }) => webhookId);
  }

  /** From now on this node handles what is wanted. */
  attach(bus: EventBus): void {
    this.bus = bus;
    this.register();
  }

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  changed(): Promise<void> {
    return this.followed.changed();
  }

  async refresh(): Promise<void> {
    const turn = ++this.lastTurn;
    const endpoints = await this.services.database.currentReader.find(Webhook, {
      select: { webhook_id: true, events: true },
      where: { status: 'enabled' },
    });
    // One that was read later may have come before.
    if (turn < this.appliedTurn) return;
    this.appliedTurn = turn;
    this.endpoints = endpoints;
    this.register();
  }

  /** @returns how to stop it */
  keep(): () => void {
    return this.followed.keep();
  }

  private register(): void {
    const { bus } = this;
    if (bus === undefined) return;
    const { clock } = this.services;
    const isAsked = (type: string) => this.endpoints.some(({ events }) => isWanted(type, events));
    const wanted = new Set(bus.knownTypes().filter(isAsked));
    for (const type of this.handled) if (!wanted.has(type)) bus.off(type, HANDLER);
    for (const type of wanted) {
      if (this.handled.has(type)) continue;
      bus.onBatch(type, HANDLER, (events, tx) => writeDeliveries(tx, events, clock.nowMs()));
    }
    this.handled = wanted;
  }
}
