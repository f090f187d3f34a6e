import type { Actor } from '../platform/caller.ts';
import { checkRoom, claimRoom, ROOM_EPOCHS } from '../platform/actor/fence.ts';
import { Owner, type OwnerListener, type OwnerServices } from '../platform/actor/owner.ts';
import type { WatchedOwner } from '../platform/actor/ownerWatch.ts';
import type { Clock } from '../platform/clock.ts';
import { roomIdOf } from '../platform/cluster/roomName.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import type { ConversationType } from '../../entities/chat/ChatConversation.ts';
import type { Changed } from './changed.ts';
import { changeMembers, type MemberChange } from './changeMembers.ts';
import { commitItems, type ChatItem, type Committed } from './commitItems.ts';
import { findConversation } from './membership.ts';
import { judgeMessage } from './judgeMessage.ts';
import type { MessageView, SentMessage } from './messages.ts';
import { mayWrite } from './moderation/manners.ts';
import { moderate, type Moderation } from './moderation/moderate.ts';
import { setMember, type MemberSetting } from './moderation/setMember.ts';
import { changeSettings, type Settings } from './moderation/settings.ts';
import { changeSession } from './service/changeSession.ts';
import type { SessionChange } from './service/sessionChange.ts';
import type { Words } from '../words/words.ts';

export interface ConversationServices extends OwnerServices {
  clock: Clock;
  words: Pick<Words, 'judge'>;
}

/** What the owner's room is told: committed values, in their order. */
export interface ConversationListener extends OwnerListener {
  said(messages: readonly MessageView[]): void;
  recalled(messageId: number): void;
  readBy(userId: number, seq: number): void;
  left(userIds: readonly number[]): void;
}

/** For how long it is remembered who may write. */
const WRITERS_MS = 5000;

interface State {
  lastSeq: number;
  name: string;
}

/** The owner of one conversation: gives its messages their numbers and stores them in groups. */
export class Conversation implements WatchedOwner {
  readonly epochs = ROOM_EPOCHS;
  readonly key: string;
  private readonly owner: Owner<State, ChatItem, Committed>;
  private listener: ConversationListener | undefined;
  /** Who may write here, as it was found a little while ago. */
  private readonly writers = new Map<number, { isAllowed: boolean; untilMs: number }>();

  /** @throws AppError NOT_FOUND */
  static async open(services: ConversationServices, conversationId: number): Promise<Conversation> {
    const opened = await services.database.retryingTransaction(async (tx) => {
      const epoch = await claimRoom(tx, roomIdOf({ type: 'chat', key: conversationId }));
      const { type, name, last_seq: lastSeq } = await findConversation(tx, conversationId);
      return { conversationId, type, name, epoch, lastSeq };
    });
    return new Conversation(services, opened);
  }

  private constructor(
    private readonly services: ConversationServices,
    readonly opened: {
      conversationId: number;
      type: ConversationType;
      name: string;
      epoch: number;
      lastSeq: number;
    },
  ) {
    const { conversationId, epoch, lastSeq, name } = opened;
    this.key = roomIdOf({ type: 'chat', key: conversationId });
    this.owner = new Owner(services, {
      owned: `conversation ${conversationId}`,
      kind: 'messages',
      epoch,
      state: { lastSeq, name },
      maxQueued: LIMITS.queuedMessages,
      maxBatchWeight: LIMITS.messagesPerBatch,
      weightOf: () => 1,
      commitItems: (items) => this.commitBatch(items),
      read: (tx) => this.read(tx),
    });
  }

  listen(listener: ConversationListener): void {
    this.listener = listener;
    this.owner.listen(listener);
  }

  get conversationId(): number {
    return this.opened.conversationId;
  }

  get ownerEpoch(): number {
    return this.owner.epoch;
  }

  get queued(): number {
    return this.owner.queued;
  }

  get lastSeq(): number {
    return this.owner.state.lastSeq;
  }

  get name(): string {
    return this.owner.state.name;
  }

  /** Settles once the message is stored. @throws AppError FORBIDDEN, VALIDATION_FAILED for its words, BUSY, MOVED */
  async send(userId: number, message: SentMessage): Promise<MessageView> {
    const judged = judgeMessage(this.services.words, message);
    return messageOf(await this.owner.submit({ kind: 'send', userId, message, judged }));
  }

  /** @throws AppError NOT_FOUND, FORBIDDEN for another's, CONFLICT when it is too late, BUSY, MOVED */
  async recall(actor: Actor, messageId: number): Promise<MessageView> {
    return messageOf(await this.owner.submit({ kind: 'recall', userId: actor.userId, messageId, actor }));
  }

  /** @returns how far they have read now */
  async markRead(userId: number, seq: number): Promise<number> {
    const { readSeq = 0 } = await this.owner.submit({ kind: 'read', userId, seq });
    return readSeq;
  }

  /** @throws AppError FORBIDDEN, NOT_FOUND, CONFLICT, MOVED */
  async changeMembers(change: MemberChange): Promise<void> {
    const { conversationId } = this;
    await this.change((tx, nowMs) => changeMembers(tx, { ...change, conversationId }, nowMs));
  }

  /** @throws AppError FORBIDDEN, NOT_FOUND, CONFLICT, VALIDATION_FAILED, MOVED */
  async setMember(setting: MemberSetting): Promise<void> {
    const { conversationId } = this;
    await this.change((tx, nowMs) => setMember(tx, { ...setting, conversationId }, nowMs));
  }

  /** @throws AppError FORBIDDEN, CONFLICT, MOVED */
  async changeSettings(userId: number, settings: Settings): Promise<void> {
    const { conversationId } = this;
    await this.change((tx, nowMs) => changeSettings(tx, { conversationId, userId, settings }, nowMs));
  }

  /** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT, MOVED */
  async changeSession(change: SessionChange): Promise<void> {
    const { conversationId } = this;
    await this.change((tx, nowMs) => changeSession(tx, { conversationId, change }, nowMs));
  }

  /** @throws AppError NOT_FOUND, CONFLICT, VALIDATION_FAILED, MOVED */
  async moderate(moderation: Moderation): Promise<void> {
    const { conversationId } = this;
    await this.change((tx, nowMs) => moderate(tx, { ...moderation, conversationId }, nowMs));
  }

  /** Whether what they are writing could be said: as it was some seconds ago, or as this owner has changed it since. */
  async mayWrite(userId: number): Promise<boolean> {
    const { clock, database } = this.services;
    const known = this.writers.get(userId);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.isAllowed;
    const { conversationId } = this;
    const isAllowed = await mayWrite(database.currentReader, { conversationId, userId }, clock.nowMs());
    if (this.writers.size >= LIMITS.groupMembers) this.writers.clear();
    this.writers.set(userId, { isAllowed, untilMs: clock.monotonicMs() + WRITERS_MS });
    return isAllowed;
  }

  noticeEpoch(epoch: number): void {
    this.owner.noticeEpoch(epoch);
  }

  close(): Promise<void> {
    return this.owner.close();
  }

  /** Between two batches, and told like one of them. */
  private async change<T extends Changed>(work: (tx: Tx, nowMs: number) => Promise<T>): Promise<T> {
    const { key, ownerEpoch: epoch } = this;
    const nowMs = this.services.clock.nowMs();
    const changed = await this.owner.runExclusive(() =>
      this.owner.change(async (tx) => {
        await checkRoom(tx, key, epoch);
        return work(tx, nowMs);
      }),
    );
    this.writers.clear();
    const { left = [], told, recalledId } = changed;
    if (left.length > 0) this.listener?.left(left);
    if (told !== undefined) this.listener?.said([told]);
    if (recalledId !== undefined) this.listener?.recalled(recalledId);
    return changed;
  }

  private async commitBatch(items: readonly ChatItem[]) {
    const { conversationId, key: roomId, ownerEpoch: epoch } = this;
    const nowMs = this.services.clock.nowMs();
    const { outcomes } = await this.owner.commit((tx) =>
      commitItems(tx, { roomId, epoch, conversationId, items, nowMs }),
    );
    this.tell(
      items,
      outcomes.map((outcome) => (outcome.ok && outcome.result.isNew ? outcome.result : undefined)),
    );
    return outcomes;
  }

  /** After the commit, and before those who sent anything are answered. */
  private tell(items: readonly ChatItem[], results: readonly (Committed | undefined)[]): void {
    const said: MessageView[] = [];
    items.forEach(({ kind, userId }, at) => {
      const result = results[at];
      if (result === undefined) return;
      if (kind === 'send') said.push(messageOf(result));
      else if (kind === 'recall') this.listener?.recalled(messageOf(result).message_id);
      else this.listener?.readBy(userId, result.readSeq!);
    });
    if (said.length > 0) this.listener?.said(said);
    this.owner.tellChanged();
  }

  private async read(tx: Tx): Promise<State> {
    const { last_seq: lastSeq, name } = await findConversation(tx, this.conversationId);
    return { lastSeq, name };
  }
}

function messageOf({ message }: Committed): MessageView {
  if (message === undefined) throw new AppError('INTERNAL');
  return message;
}
