import type BetterSqlite3 from 'better-sqlite3';
import { readMessages, readMissed } from '../../../src/chat/history.ts';
import type { MessageView } from '../../../src/chat/messages.ts';
import type { Random } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { TalkFixture } from './talkFixture.ts';
import type { TalkNode } from './talkNode.ts';

/** A page of what was missed: fewer than a run says. */
const PAGE = 3;

/** A phone: it knows a conversation up to a number, and an inbox. */
class Device {
  /** Where it sits, and hears what is said. */
  node: TalkNode | undefined;
  lastSeq = 0;
  lastNo = 0;
  /** More was said while it fetched. */
  isBehind = false;
  /** Which nodes it fetches from. One that dies gives no answer, and it asks another. */
  fetchingFrom: TalkNode | undefined;
  receivingFrom: TalkNode | undefined;

  constructor(readonly userId: number) {}

  get isFetching(): boolean {
    return this.fetchingFrom?.isAlive === true;
  }

  get isReceiving(): boolean {
    return this.receivingFrom?.isAlive === true;
  }
}

/**
 * Two devices of everybody. They come and go, hear what is said where they sit, and fetch what they have missed, as the client
 * library does. What they know is contiguous (RC-1, RC-2, RC-16), and nothing is told that is not stored.
 */
export class Devices {
  private readonly devices: Device[];
  private readonly stored: BetterSqlite3.Statement<unknown[]>;

  constructor(
    private readonly fixture: TalkFixture,
    reader: BetterSqlite3.Database,
    private readonly random: Random,
    private readonly trace: Trace,
  ) {
    this.devices = fixture.userIds.flatMap((userId) => [new Device(userId), new Device(userId)]);
    this.stored = reader.prepare(
      `SELECT message_id, content FROM chat_messages WHERE conversation_id = ${fixture.conversationId} AND seq = ?`,
    );
  }

  act(node: TalkNode): void {
    const device = this.random.pick(this.devices);
    if (this.random.chance(0.4)) void this.receive(device, node);
    else if (device.node !== undefined && this.random.chance(0.3)) device.node = undefined;
    else if (node.conversation !== undefined) void this.join(device, node);
  }

  /** The owner's room tells those who sit in it. */
  said(node: TalkNode, messages: readonly MessageView[]): void {
    for (const message of messages) this.checkTold(node, message);
    for (const device of this.devices)
      if (device.node === node) for (const { seq } of messages) this.hear(device, seq);
  }

  left(node: TalkNode, userIds: readonly number[]): void {
    for (const device of this.devices)
      if (device.node === node && userIds.includes(device.userId)) device.node = undefined;
  }

  /** The room is no more. */
  gone(node: TalkNode): void {
    for (const device of this.devices) if (device.node === node) device.node = undefined;
  }

  /** Everybody comes back and fetches, until nobody is behind. */
  async insist(node: TalkNode): Promise<void> {
    for (const device of this.devices) {
      if (!device.isFetching) await this.join(device, node);
      if (!device.isReceiving) await this.receive(device, node);
    }
  }

  checkAll(lastSeq: number, lastNoOf: (userId: number) => number): void {
    for (const { userId, lastSeq: known, lastNo } of this.devices) {
      if (known !== lastSeq) this.trace.violate(`RC-1 a device of ${userId} knows ${known} of ${lastSeq}`);
      if (lastNo !== lastNoOf(userId))
        this.trace.violate(`RC-16 a device of ${userId} knows notice ${lastNo} of ${lastNoOf(userId)}`);
    }
  }

  /** It hears what is said from when it sits there, and what it has missed is read after that (RC-2). */
  private async join(device: Device, node: TalkNode): Promise<void> {
    if (device.isFetching) return;
    device.node = node;
    const part = () => ({ lastSeq: device.lastSeq, limit: PAGE });
    await this.fetch(device, node, async (manager) => {
      const { from_seq: from, messages, has_more: hasMore } = await readMissed(manager, this.id, part());
      if (messages.length > 0 && from !== device.lastSeq + 1)
        this.trace.violate(`RC-1 a device that knows ${device.lastSeq} is given ${from}`);
      return { messages, hasMore };
    });
  }

  private async catchUp(device: Device, node: TalkNode): Promise<void> {
    if (device.isFetching) return;
    await this.fetch(device, node, async (manager) => {
      const part = { conversationId: this.id, afterSeq: device.lastSeq, limit: PAGE };
      const messages = await readMessages(manager, part);
      return { messages, hasMore: messages.length === PAGE };
    });
  }

  private async fetch(
    device: Device,
    node: TalkNode,
    page: (
      manager: TalkNode['reads']['currentReader'],
    ) => Promise<{ messages: readonly MessageView[]; hasMore: boolean }>,
  ): Promise<void> {
    device.fetchingFrom = node;
    try {
      for (let hasMore = true; hasMore || device.isBehind;) {
        device.isBehind = false;
        await node.arrive('a device');
        const got = await page(node.reads.currentReader);
        for (const message of got.messages) {
          this.checkTold(node, message);
          if (message.seq === device.lastSeq + 1) device.lastSeq = message.seq;
        }
        ({ hasMore } = got);
      }
    } finally {
      device.fetchingFrom = undefined;
    }
  }

  private hear(device: Device, seq: number): void {
    if (seq <= device.lastSeq) return;
    if (device.isFetching) device.isBehind = true;
    else if (seq === device.lastSeq + 1) device.lastSeq = seq;
    else void this.catchUp(device, device.node!);
  }

  private async receive(device: Device, node: TalkNode): Promise<void> {
    if (device.isReceiving) return;
    device.receivingFrom = node;
    try {
      for (let got = [0]; got.length > 0;) {
        got = await node.receive(device.userId, device.lastNo);
        for (const no of got) {
          if (no !== device.lastNo + 1)
            this.trace.violate(`RC-16 a device that knows notice ${device.lastNo} is given ${no}`);
          device.lastNo = no;
        }
      }
    } finally {
      device.receivingFrom = undefined;
    }
  }

  private checkTold(node: TalkNode, { seq, message_id: messageId, content, recalled_at }: MessageView): void {
    const row = this.stored.get(seq) as { message_id: number; content: string } | undefined;
    const isSame = row?.message_id === messageId && [content, ''].includes(row.content);
    if (!isSame || (recalled_at !== null && content !== ''))
      this.trace.violate(`C-2 ${node.name} tells of ${seq}: ${content}; stored is ${JSON.stringify(row)}`);
  }

  private get id(): number {
    return this.fixture.conversationId;
  }
}
