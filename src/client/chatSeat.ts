import type { ChatState } from '../../rooms/chat/chatState.ts';
import type { MessageView, Missed, Sent, SentMessage } from '../chat/messages.ts';
import { createRequestId } from './requestId.ts';
import { RoomSeat, type RequestOptions, type SeatDoor } from './roomSeat.ts';

export interface SayOptions extends RequestOptions {
  type?: SentMessage['type'];
  /** For those who keep it to send again after a reload; by default a new one. */
  clientMsgId?: string;
}

export interface ChatOptions {
  /** Of a message that is known from before; absent: the newest come first of all. */
  lastSeq?: number;
  /** Told of every message from the first one on. */
  onSaid?: (message: MessageView) => void;
}

/** Messages that arrived before those in front of them; with more they are asked for anew. */
const MAX_EARLY = 500;
const PAGE = 100;

/*
 * Somebody's place in a conversation. Messages come in the order of their numbers, each once and none left out, whatever becomes of
 * the connection: a number that is skipped is asked for (RC-1, RC-2), and who joins again says what they have.
 */
export class ChatSeat extends RoomSeat<ChatState> {
  private readonly known: { lastSeq: number | undefined };
  private readonly early = new Map<number, MessageView>();
  private readonly listeners = new Set<(message: MessageView) => void>();
  private filling: Promise<void> | undefined;

  /** @param doorAfter leads to what follows a message that is known already */
  constructor(
    doorAfter: (lastSeq: () => number | undefined) => SeatDoor,
    { lastSeq, onSaid }: ChatOptions = {},
  ) {
    const known = { lastSeq };
    super(doorAfter(() => known.lastSeq));
    this.known = known;
    if (onSaid !== undefined) this.listeners.add(onSaid);
    this.onMessage<Missed>('missed', (missed) => this.takeMissed(missed));
    this.onMessage<MessageView>('message', (message) => this.take(message));
  }

  /** The number of the last message that was told, which all before it were. */
  get lastSeq(): number | undefined {
    return this.known.lastSeq;
  }

  /** @returns takes the listener away */
  onSaid(listener: (message: MessageView) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Says it once, however often it has to be sent. @throws KaijiangError when it is refused */
  say(content: string, options: SayOptions = {}): Promise<Sent> {
    const { type = 'text', clientMsgId = createRequestId(), ...rest } = options;
    return this.request('send', { client_msg_id: clientMsgId, type, content }, rest);
  }

  recall(messageId: number, options?: RequestOptions): Promise<unknown> {
    return this.request('recall', { message_id: messageId }, options);
  }

  /** Everything up to there has been read, on all devices. */
  read(seq: number, options?: RequestOptions): Promise<{ read_seq: number }> {
    return this.request('read', { seq }, options);
  }

  /** In ascending order. */
  async history(
    part: { before_seq?: number; after_seq?: number; limit?: number },
    options?: RequestOptions,
  ): Promise<MessageView[]> {
    return (await this.request<{ messages: MessageView[] }>('history', part, options)).messages;
  }

  private takeMissed({ from_seq, has_more, messages, is_anew }: Missed): void {
    // The conversation has gone back to a backup: numbers that are known come again.
    if (is_anew === true) this.forget();
    this.known.lastSeq ??= from_seq - 1;
    for (const message of messages) this.take(message);
    // Older ones than the newest are for whoever scrolls up.
    if (has_more && (messages[messages.length - 1]?.seq ?? 0) >= this.known.lastSeq) this.fill();
    this.tellEarly();
  }

  private forget(): void {
    this.known.lastSeq = undefined;
    this.early.clear();
  }

  private take(message: MessageView): void {
    if (this.known.lastSeq === undefined) this.early.set(message.seq, message);
    else if (message.seq === this.known.lastSeq + 1) this.tellNext(message);
    else if (message.seq > this.known.lastSeq) {
      if (this.early.size < MAX_EARLY) this.early.set(message.seq, message);
      this.fill();
    }
  }

  private tellNext(message: MessageView): void {
    this.known.lastSeq = message.seq;
    for (const listener of [...this.listeners]) listener(message);
    this.tellEarly();
  }

  private tellEarly(): void {
    if (this.known.lastSeq === undefined) return;
    for (const seq of this.early.keys()) if (seq <= this.known.lastSeq) this.early.delete(seq);
    const next = this.early.get(this.known.lastSeq + 1);
    if (next !== undefined) this.tellNext(next);
  }

  /** Asks for what follows the last message, until there is nothing more. */
  private fill(): void {
    this.filling ??= this.fetchRest()
      // The next message, or the next join, finds the gap again.
      .catch(() => undefined)
      .finally(() => (this.filling = undefined));
  }

  private async fetchRest(): Promise<void> {
    for (;;) {
      const messages = await this.history({ after_seq: this.known.lastSeq ?? 0, limit: PAGE });
      for (const message of messages) this.take(message);
      if (messages.length < PAGE) return;
    }
  }
}
