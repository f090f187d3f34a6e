import { Conversation } from '../../../src/chat/conversation.ts';
import type { MessageView } from '../../../src/chat/messages.ts';
import { tellOfEvents } from '../../../src/notifications/handlers.ts';
import { markRead, readAfter, type Reading } from '../../../src/notifications/inbox.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { claimEvents } from '../../../src/platform/events/claimEvents.ts';
import { handleEvents } from '../../../src/platform/events/handleEvents.ts';
import { emitEvents } from '../../../src/platform/events/outbox.ts';
import { settleEvents } from '../../../src/platform/events/settleEvents.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { unlistedWords } from '../../support/words.ts';
import { Life, type LifeParts } from '../life.ts';
import type { Store } from '../store.ts';

export interface TalkNodeParts extends LifeParts {
  store: Store<TalkNode>;
  conversationId: number;
  /** The owner here tells its room. */
  onSaid(node: TalkNode, messages: readonly MessageView[]): void;
  onLeft(node: TalkNode, userIds: readonly number[]): void;
  /** Whoever sits here sits here no more. */
  onFenced(node: TalkNode): void;
}

/** So short that leases run out under living nodes, whose clocks differ by more. */
const CLAIM = { maxEvents: 6, maxHandled: 4, maxTakeovers: 1_000_000, leaseMs: 300, maxAheadMs: 600_000 };
const TRIES = {
  ...{ maxAttempts: 1_000_000, backoffMs: 5, maxBackoffMs: 200 },
  ...{ minPollMs: 5, maxPollMs: 200 },
};

/** A life that runs the product's own Conversation, and its own way from events to inboxes. */
export class TalkNode extends Life {
  conversation: Conversation | undefined;
  private isOpening = false;
  private isRelaying = false;
  private readonly bus = new EventBus();

  constructor(
    name: string,
    protected override readonly parts: TalkNodeParts,
  ) {
    super(name, parts);
    tellOfEvents({ bus: this.bus, clock: this.clock });
  }

  get canOpen(): boolean {
    return !this.isPaused && !this.isOpening && this.conversation === undefined;
  }

  get isOwner(): boolean {
    return !this.isPaused && (this.isOpening || this.conversation !== undefined);
  }

  get canRelay(): boolean {
    return !this.isPaused && !this.isRelaying;
  }

  get reads(): Database {
    return this.database;
  }

  /** Claims the conversation, whoever owns it. */
  async open(): Promise<void> {
    this.isOpening = true;
    const { trace, conversationId } = this.parts;
    try {
      const conversation = await Conversation.open(this.services(), conversationId);
      conversation.listen({
        changed: () => undefined,
        fenced: () => {
          trace.add(`${this.name} is fenced`);
          if (this.conversation === conversation) this.conversation = undefined;
          this.parts.onFenced(this);
        },
        said: (messages) => this.parts.onSaid(this, messages),
        recalled: () => undefined,
        readBy: () => undefined,
        left: (userIds) => this.parts.onLeft(this, userIds),
      });
      this.conversation = conversation;
      trace.add(`${this.name} owns epoch ${conversation.ownerEpoch}`);
    } catch (error) {
      this.expect(error, 'opening');
    } finally {
      this.isOpening = false;
    }
  }

  /** Something from outside is on its way to this node. */
  arrive(point: string): Promise<void> {
    return this.parts.scheduler.park(this, point);
  }

  /** Runs a call of the conversation as its room would, once the message has arrived here. */
  async call<T>(point: string, work: (conversation: Conversation) => Promise<T>): Promise<T> {
    await this.arrive(point);
    if (this.conversation === undefined) throw new AppError('MOVED');
    return work(this.conversation);
  }

  async close(): Promise<void> {
    await this.conversation?.close();
  }

  /** Something happens to somebody, or the transaction fails and it has not. */
  async emit(userId: number, what: number): Promise<void> {
    const data = { amount: what, balance: what };
    await this.database.transaction((tx) =>
      emitEvents(tx, [{ type: 'points:earned', userId, data }], this.clock.nowMs()),
    );
  }

  async read(userId: number, reading: Reading): Promise<void> {
    await this.database.retryingTransaction((tx) => markRead(tx, userId, reading));
  }

  /** What a device does that knows everything up to a number. */
  async receive(userId: number, afterNo: number): Promise<number[]> {
    await this.arrive('a device');
    const received = await readAfter(this.database, { userId, afterNo, limit: 3 });
    return received.map(({ notification_no: no }) => no);
  }

  /** One claim and its work, as the relay does them. @returns how many events it has taken */
  async relay(): Promise<number> {
    this.isRelaying = true;
    const { name: nodeId, clock, database, bus: handlers } = this;
    const types = handlers.types();
    try {
      const claimed = await database.retryingTransaction((tx) =>
        claimEvents(tx, { nodeId, types, own: types, withDueAgain: true, nowMs: clock.nowMs(), ...CLAIM }),
      );
      const { events } = claimed;
      const logger = this.relayLogger();
      const services = { database, clock, logger, handlers };
      const outcome = await handleEvents(services, events, { concurrency: 2, isStopped: () => false });
      const { random } = this.pause;
      const settled = { nodeId, events, outcome, settings: TRIES, random };
      await database.retryingTransaction((tx) => settleEvents(tx, { ...settled, nowMs: clock.nowMs() }));
      return events.length;
    } catch (error) {
      this.expect(error, 'the relay');
      return 0;
    } finally {
      this.isRelaying = false;
    }
  }

  private relayLogger() {
    return this.logger((error) => this.expect(error, 'a handler'));
  }

  private services() {
    const { database, clock, pause } = this;
    const logger = this.logger((error) => this.expect(error, 'a batch'));
    return { database, clock, pause, logger, words: unlistedWords({ database, logger }) };
  }
}
