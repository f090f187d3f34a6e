import type BetterSqlite3 from 'better-sqlite3';
import { roomIdOf } from '../../../src/platform/cluster/roomName.ts';
import type { Trace } from '../trace.ts';
import type { TalkFixture } from './talkFixture.ts';
import type { TalkNode } from './talkNode.ts';
import type { Talkers } from './talkers.ts';

type Statement = BetterSqlite3.Statement<unknown[]>;

interface Position {
  epoch: number;
  last_seq: number;
  messages: number;
  recalled: number;
}

interface MessageRow {
  seq: number;
  sender_id: number | null;
  client_msg_id: string | null;
  content: string;
}

interface MemberRow {
  user_id: number;
  joined_at: string;
  read_seq: number;
}

interface InboxRow {
  user_id: number;
  last_no: number;
  read_up_to: number;
}

interface NoticeRow {
  user_id: number;
  no: number;
  event_id: number;
  type: string;
}

/** What is committed of a conversation and of inboxes, row by row as it appears. */
export class TalkInvariants {
  private readonly owners = new Map<number, TalkNode>();
  private members: readonly MemberRow[] = [];
  private readonly inboxes = new Map<number, InboxRow>();
  private readonly told = new Set<string>();
  private position: Position;
  private readonly select: Record<
    'position' | 'messages' | 'members' | 'inboxes' | 'notices' | 'events',
    Statement
  >;

  constructor(
    { conversationId }: TalkFixture,
    reader: BetterSqlite3.Database,
    private readonly talkers: Talkers,
    private readonly trace: Trace,
  ) {
    const of = `conversation_id = ${conversationId}`;
    const roomId = roomIdOf({ type: 'chat', key: conversationId });
    this.select = {
      position: reader.prepare(
        `SELECT COALESCE((SELECT owner_epoch FROM room_owners WHERE room_id = '${roomId}'), 0) AS epoch, last_seq,
           (SELECT COUNT(*) FROM chat_messages WHERE ${of}) AS messages,
           (SELECT COUNT(*) FROM chat_messages WHERE ${of} AND recalled_at IS NOT NULL) AS recalled
         FROM chat_conversations WHERE ${of}`,
      ),
      messages: reader.prepare(
        `SELECT seq, sender_id, client_msg_id, content FROM chat_messages WHERE ${of} AND seq > ? ORDER BY seq`,
      ),
      members: reader.prepare(`SELECT user_id, joined_at, read_seq FROM chat_members WHERE ${of}`),
      inboxes: reader.prepare('SELECT user_id, last_no, read_up_to FROM notification_inboxes'),
      notices: reader.prepare(
        `SELECT user_id, notification_no AS no, event_id, type FROM notifications
         WHERE user_id = ? AND notification_no > ? ORDER BY notification_no`,
      ),
      events: reader.prepare(
        `SELECT event_id, user_id, status FROM business_events WHERE event_type = 'points:earned' ORDER BY event_id`,
      ),
    };
    this.position = this.select.position.get() as Position;
    this.members = this.select.members.all() as MemberRow[];
  }

  get lastSeq(): number {
    return this.position.last_seq;
  }

  lastNoOf(userId: number): number {
    return this.inboxes.get(userId)?.last_no ?? 0;
  }

  /** Events whose work is not done. */
  get undone(): number {
    return (this.select.events.all() as { status: string }[]).filter(({ status }) => status !== 'completed')
      .length;
  }

  /** Called at COMMIT, before the node knows. */
  onCommitted(node: TalkNode): void {
    this.checkConversation(node);
    this.checkInboxes();
  }

  /** Everybody was told of everything that has happened to them, once (RC-10). */
  checkTold(): void {
    const events = this.select.events.all() as { event_id: number; user_id: number }[];
    for (const { event_id: eventId, user_id: userId } of events)
      if (!this.told.has(`${eventId} ${userId} earned`))
        this.trace.violate(`RC-10 nobody was told of event ${eventId}`);
    if (this.told.size !== events.length)
      this.trace.violate(`RC-10 ${this.told.size} notices of ${events.length} events`);
  }

  /** C-2: only who claimed the present epoch commits; numbers have no gaps, and each message is that of its sender. */
  private checkConversation(node: TalkNode): void {
    const before = this.position;
    this.position = this.select.position.get() as Position;
    const { epoch, last_seq: lastSeq, messages, recalled } = this.position;
    const members = this.select.members.all() as MemberRow[];
    const isChanged =
      lastSeq !== before.last_seq ||
      recalled !== before.recalled ||
      JSON.stringify(members) !== JSON.stringify(this.members);
    if (epoch !== before.epoch) {
      if (epoch !== before.epoch + 1) this.trace.violate(`C-2 the epoch went ${before.epoch} to ${epoch}`);
      this.owners.set(epoch, node);
    } else if (isChanged && this.owners.get(epoch) !== node)
      this.trace.violate(
        `C-2 ${node.name} of epoch ${node.conversation?.ownerEpoch} committed in epoch ${epoch}`,
      );
    if (messages !== lastSeq)
      this.trace.violate(`C-2 ${messages} messages are stored, the last is ${lastSeq}`);
    const added = this.select.messages.all(before.last_seq) as MessageRow[];
    added.forEach((message, at) => this.checkMessage(message, before.last_seq + at + 1, members));
    this.checkMembers(members);
  }

  private checkMessage(message: MessageRow, seq: number, members: readonly MemberRow[]): void {
    const { sender_id: senderId, client_msg_id: clientMsgId, content } = message;
    if (message.seq !== seq) this.trace.violate(`C-2 message ${message.seq} follows ${seq - 1}`);
    if (senderId === null) return;
    if (content !== this.talkers.contentOf(senderId, clientMsgId!))
      this.trace.violate(`RC-15 ${clientMsgId} is stored as ${JSON.stringify(content)}`);
    if (!members.some(({ user_id: userId }) => userId === senderId))
      this.trace.violate(`C-1 ${senderId}, who is in it no more, said ${seq}`);
  }

  /** RC-3: how far somebody has read only grows, as long as they are in it. */
  private checkMembers(members: readonly MemberRow[]): void {
    for (const { user_id: userId, read_seq: readSeq, joined_at: joinedAt } of members) {
      const before = this.members.find((one) => one.user_id === userId && one.joined_at === joinedAt);
      if (readSeq < (before?.read_seq ?? 0) || readSeq > this.position.last_seq)
        this.trace.violate(`RC-3 ${userId} had read ${before?.read_seq}, now ${readSeq}`);
    }
    this.members = members;
  }

  /** RC-16: what becomes visible has the next numbers. RC-12: nothing is read that is not there, and what is read stays so. */
  private checkInboxes(): void {
    for (const inbox of this.select.inboxes.all() as InboxRow[]) {
      const { user_id: userId, last_no: lastNo, read_up_to: readUpTo } = inbox;
      const before = this.inboxes.get(userId) ?? { last_no: 0, read_up_to: 0 };
      const added = this.select.notices.all(userId, before.last_no) as NoticeRow[];
      added.forEach((notice, at) => this.checkNotice(notice, before.last_no + at + 1));
      if (before.last_no + added.length !== lastNo)
        this.trace.violate(
          `RC-16 ${userId} was told ${lastNo} after ${before.last_no}, ${added.length} are there`,
        );
      if (readUpTo < before.read_up_to || readUpTo > lastNo)
        this.trace.violate(
          `RC-12 ${userId} had read up to ${before.read_up_to}, now ${readUpTo} of ${lastNo}`,
        );
      this.inboxes.set(userId, inbox);
    }
  }

  private checkNotice({ user_id: userId, no, event_id: eventId, type }: NoticeRow, expected: number): void {
    if (no !== expected) this.trace.violate(`RC-16 notice ${no} of ${userId} follows ${expected - 1}`);
    const name = `${eventId} ${userId} ${type}`;
    if (this.told.has(name)) this.trace.violate(`RC-10 ${userId} was told twice of event ${eventId}`);
    this.told.add(name);
  }
}
