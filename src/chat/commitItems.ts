/*
 * One group commit of a conversation: messages, recalls and read cursors, in the order in which they came (C-2, C-3).
 *
 * The fence is checked first and held to the end, so that nobody else gives a number meanwhile: they grow by one from message to
 * message whatever happens to owners. A message is known by what its sender calls it; sent again, it is answered with what is
 * stored (RC-15).
 */
import { In, MoreThan } from 'typeorm';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { recordAction } from '../admin/adminLog.ts';
import { holdEach, withdrawImages } from '../images/uses.ts';
import { readPublicPeople } from '../identity/people/publicPeople.ts';
import { checkRoom } from '../platform/actor/fence.ts';
import type { Outcome } from '../platform/actor/groupCommit.ts';
import type { Actor } from '../platform/caller.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { toView } from './history.ts';
import { lockConversation } from './membership.ts';
import { Manners } from './moderation/manners.ts';
import type { MessageView, SentMessage } from './messages.ts';
import { isOpen } from './service/changeSession.ts';
import { noteAnswer } from './service/noteAnswer.ts';
import { findLast } from './service/queue.ts';
import { tellMembers } from './tellChats.ts';
import { forgetGrams } from './search/indexMessages.ts';
import { refusedWord, type JudgedBy } from '../words/words.ts';

export type ChatItem =
  | { kind: 'send'; userId: number; message: SentMessage; judged: JudgedBy | undefined }
  | { kind: 'recall'; userId: number; messageId: number; actor: Actor }
  | { kind: 'read'; userId: number; seq: number };

/** What a committed item has brought about. */
export interface Committed {
  /** To be told to everybody, by the batch that has stored it alone. */
  isNew: boolean;
  /** Of a send or a recall. */
  message?: MessageView;
  /** Of a read: how far they have read now. */
  readSeq?: number;
}

export interface ChatBatch {
  roomId: string;
  epoch: number;
  conversationId: number;
  items: readonly ChatItem[];
  nowMs: number;
}

export interface CommittedBatch {
  state: { lastSeq: number; name: string };
  outcomes: Outcome<Committed>[];
}

/** A number of statements that does not grow with the batch, but for recalls, which are few. */
export async function commitItems(tx: Tx, batch: ChatBatch): Promise<CommittedBatch> {
  const { roomId, epoch, conversationId, items, nowMs } = batch;
  await checkRoom(tx, roomId, epoch);
  const userIds = [...new Set(items.map(({ userId }) => userId))];
  const { manager } = tx;
  const conversation = await lockConversation(tx, conversationId);
  const [members, known, manners] = await Promise.all([
    manager.findBy(ChatMember, { conversation_id: conversationId, user_id: In(userIds) }),
    findKnown(tx, batch),
    Manners.of(tx, { conversation, senderIds: sendersOf(items) }, nowMs),
  ]);
  const session = conversation.type === 'service' ? await findLast(manager, conversationId) : null;
  const isOver = session !== null && !isOpen(session);
  const decided = new Decided(batch, conversation.last_seq, { members, known, manners, isOver });
  const choices = items.map((item) => decided.choose(item));
  await decided.store(tx, conversation, nowMs);
  await tellMembers(tx, conversation, decided.stirred);
  if (session !== null) await noteAnswer(tx, session, decided.sent, nowMs);
  const stored = decided.sent.length === 0 ? [] : await readAfter(tx, conversationId, conversation.last_seq);
  await holdPictures(tx, stored, nowMs);
  const all = [...known, ...stored];
  const people = await readPublicPeople(
    manager,
    all.flatMap(({ sender_id: senderId }) => senderId ?? []),
  );
  const rows = new Map(all.map((row) => [row.seq, row]));
  const outcomes = choices.map((choice): Outcome<Committed> => {
    if (choice instanceof AppError) return { ok: false, error: choice };
    const { seq, ...result } = choice;
    const row = seq === undefined ? undefined : rows.get(seq);
    return { ok: true, result: { ...result, ...(row && { message: toView(row, people) }) } };
  });
  return { state: { lastSeq: decided.lastSeq, name: conversation.name }, outcomes };
}

function sendersOf(items: readonly ChatItem[]): number[] {
  return [...new Set(items.flatMap(({ kind, userId }) => (kind === 'send' ? [userId] : [])))];
}

/** Messages that the items name: by what their senders call them, or by their ids. */
async function findKnown({ manager }: Tx, { conversationId, items }: ChatBatch): Promise<ChatMessage[]> {
  const sends = items.flatMap((item) => (item.kind === 'send' ? [item] : []));
  const recalls = items.flatMap((item) => (item.kind === 'recall' ? [item.messageId] : []));
  const which = { conversation_id: conversationId };
  const where = [
    ...(sends.length === 0
      ? []
      : [
          {
            ...which,
            sender_id: In(sendersOf(items)),
            client_msg_id: In([...new Set(sends.map(({ message }) => message.client_msg_id))]),
          },
        ]),
    ...(recalls.length === 0 ? [] : [{ ...which, message_id: In(recalls) }]),
  ];
  return where.length === 0 ? [] : manager.find(ChatMessage, { where });
}

/** Of this batch, with the keys that the database gave them. */
function readAfter({ manager }: Tx, conversationId: number, seq: number): Promise<ChatMessage[]> {
  return manager.find(ChatMessage, {
    where: { conversation_id: conversationId, seq: MoreThan(seq) },
    order: { seq: 'ASC' },
  });
}

/** Those that their senders have sent here; nobody takes back another's by passing it on. */
async function holdPictures(tx: Tx, stored: readonly ChatMessage[], nowMs: number): Promise<void> {
  const held = stored.flatMap(({ type, message_id, content, sender_id }) =>
    type === 'image' && sender_id !== null
      ? [{ owner: { kind: 'message' as const, id: message_id }, address: content, sentBy: sender_id }]
      : [],
  );
  await holdEach(tx, held, nowMs);
}

type Choice = (Pick<Committed, 'isNew' | 'readSeq'> & { seq?: number }) | AppError;

interface Found {
  members: readonly ChatMember[];
  known: readonly ChatMessage[];
  manners: Manners;
  /** Nobody is there any more who would read what is said. */
  isOver: boolean;
}

class Decided {
  readonly sent: Omit<ChatMessage, 'message_id'>[] = [];
  lastSeq: number;
  private readonly isOver: boolean;
  private readonly members: Map<number, ChatMember>;
  private readonly manners: Manners;
  private readonly bySender: Map<string, { seq: number }>;
  private readonly byId: Map<number, ChatMessage>;
  private readonly changed = new Map<number, ChatMember>();
  private readonly recalled: { message: ChatMessage; actor: Actor; content: string }[] = [];

  constructor(
    private readonly batch: ChatBatch,
    lastSeq: number,
    { members, known, manners, isOver }: Found,
  ) {
    this.lastSeq = lastSeq;
    this.manners = manners;
    this.isOver = isOver;
    this.members = new Map(members.map((member) => [member.user_id, member]));
    this.bySender = new Map(
      known.map((message) => [sentKey(message.sender_id ?? 0, message.client_msg_id ?? ''), message]),
    );
    this.byId = new Map(known.map((message) => [message.message_id, message]));
  }

  choose(item: ChatItem): Choice {
    if (!this.members.has(item.userId)) return new AppError('FORBIDDEN');
    if (item.kind === 'send') return this.send(item);
    if (item.kind === 'read') return this.read(item.userId, item.seq);
    return this.recall(item);
  }

  async store(tx: Tx, conversation: ChatConversation, nowMs: number): Promise<void> {
    const { conversationId } = this.batch;
    await insertAll(tx, ChatMessage, this.sent);
    await upsertAll(tx, ChatMember, [...this.changed.values()], {
      role: 'kept',
      is_muted: 'kept',
      joined_at: 'kept',
    });
    for (const { message, actor, content } of this.recalled) {
      const { message_id, recalled_at } = message;
      await tx.manager.update(ChatMessage, { message_id }, { content: '', recalled_at });
      await forgetGrams(tx, { ...message, content });
      if (message.type === 'image') await withdrawImages(tx, { kind: 'message', id: message_id }, nowMs);
      const target = { type: 'message', id: message_id };
      const change = { before: { content }, after: { content: null } };
      await recordAction(tx, { actor, action: 'message.recall', target, ...change }, nowMs);
    }
    if (this.lastSeq === conversation.last_seq) return;
    const moved = { last_seq: this.lastSeq, is_indexed: false, updated_at: new Date(nowMs) };
    await tx.manager.update(ChatConversation, { conversation_id: conversationId }, moved);
  }

  /** What of it shows in the lists of conversations. */
  get stirred(): { lastSeq: number | undefined; readers: number[] } {
    const isStirred = this.sent.length + this.recalled.length > 0;
    return { lastSeq: isStirred ? this.lastSeq : undefined, readers: [...this.changed.keys()] };
  }

  private send({ userId, message, judged }: ChatItem & { kind: 'send' }): Choice {
    const { client_msg_id, type, content } = message;
    const key = sentKey(userId, client_msg_id);
    const known = this.bySender.get(key);
    if (known !== undefined) return { isNew: false, seq: known.seq };
    if (this.isOver) return new AppError('CONFLICT', { details: { reason: 'the session is over' } });
    const member = this.members.get(userId)!;
    const refused = this.manners.refusalOf(member);
    if (refused !== undefined) return refused;
    // What is stored was judged then, and is answered with whatever the list says now.
    if (judged?.isRefused === true) return refusedWord('content');
    if (this.manners.note(member)) this.changed.set(userId, member);
    this.lastSeq += 1;
    const row = {
      conversation_id: this.batch.conversationId,
      seq: this.lastSeq,
      sender_id: userId,
      client_msg_id,
      type,
      content: judged?.text ?? content,
      word_version: judged?.version ?? null,
      created_at: new Date(this.batch.nowMs),
      recalled_at: null,
    };
    this.sent.push(row);
    this.bySender.set(key, row);
    return { isNew: true, seq: row.seq };
  }

  /** An older one changes nothing, and nobody reads what is not there. */
  private read(userId: number, seq: number): Choice {
    const member = this.members.get(userId)!;
    const readSeq = Math.min(seq, this.lastSeq);
    if (readSeq <= member.read_seq) return { isNew: false, readSeq: member.read_seq };
    member.read_seq = readSeq;
    this.changed.set(userId, member);
    return { isNew: true, readSeq };
  }

  private recall({ userId, messageId, actor }: ChatItem & { kind: 'recall' }): Choice {
    const message = this.byId.get(messageId);
    if (message === undefined) return new AppError('NOT_FOUND');
    if (message.sender_id !== userId) return new AppError('FORBIDDEN');
    const { seq, content } = message;
    if (message.recalled_at !== null) return { isNew: false, seq };
    // A clock that was set back gives nobody more time than a clock that runs.
    const ageMs = this.batch.nowMs - message.created_at.getTime();
    if (Math.abs(ageMs) > LIMITS.recallMs)
      return new AppError('CONFLICT', { details: { reason: 'it was sent too long ago' } });
    message.recalled_at = new Date(this.batch.nowMs);
    message.content = '';
    this.recalled.push({ message, actor, content });
    return { isNew: true, seq };
  }
}

function sentKey(userId: number, clientMsgId: string): string {
  return `${userId} ${clientMsgId}`;
}
