/** Those who use the product while its nodes are rolled: what they were told, what they were refused, and when they came back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import {
  asKaijiangError,
  joinError,
  requestError,
  type KaijiangError,
} from '../../src/client/kaijiangError.ts';
import type { SeatEvent } from '../../src/client/roomSeat.ts';
import type { Sent } from '../../src/chat/messages.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { HttpClient } from '../http.ts';
import type { Acknowledged } from '../record.ts';

const MOVED = 4001;
const RETRY_MS = 200;
const TRIES = 300;

export interface SaidMessage {
  conversationId: number;
  clientMsgId: string;
  messageId: number;
}

export interface Pace {
  /** Between two draws of one diner, about. */
  drawMs: number;
  /** Between two messages of one person, about. */
  talkMs: number;
  /** Between two visits of one person, about. */
  visitMs: number;
}

/** What somebody looks at who opens the page. */
const VISITED = [
  '/points/account',
  '/points/transactions',
  '/lottery/my-prizes',
  '/lottery/history',
  '/notifications',
  '/chat/conversations',
];

export class Crowd {
  /** When somebody who had lost their seat asked for one, each time that they did. */
  readonly returnsMs: number[] = [];
  /** How often somebody sat down again. */
  rejoins = 0;
  /** Why something was asked again, by code. */
  readonly refusals = new Map<string, number>();
  readonly drawn = new Map<number, Acknowledged[]>();
  readonly said: SaidMessage[] = [];
  /** What was not answered at all: why, and how often. */
  readonly unanswered = new Map<string, number>();
  /** What the stock SDK's users had to send again, since their connection was closed behind it. */
  sentAgain = 0;
  /** What must not happen: refusals for good. */
  readonly failures: string[] = [];
  size = 0;
  /** Whoever joins from now on has sat before. */
  isSeated = false;
  private isOver = false;
  private readonly running: Promise<void>[] = [];
  private readonly leaving: (() => Promise<unknown>)[] = [];

  constructor(
    private readonly url: string,
    private readonly pace: Pace,
  ) {}

  /** Draws in a campaign's room by the product's own client. */
  async seatDrawer({ userId, token }: BenchDiner, campaignId: number): Promise<void> {
    const seat = await this.clientOf(token).joinCampaign(campaignId);
    const answers = this.drawn.get(campaignId) ?? [];
    this.drawn.set(campaignId, answers);
    this.goOn(
      this.pace.drawMs,
      () => seat.leave(),
      async () => {
        const { request_id, draws } = await seat.draw({ onRetry: (error) => this.note(error) });
        answers.push({
          user_id: userId,
          request_id,
          draw_ids: draws.map(({ draw_id }) => draw_id),
          prize_ids: draws.map(({ prize }) => prize?.prize_id ?? null),
        });
      },
    );
  }

  /** Talks in a conversation by the product's own client. */
  async seatTalker({ userId, token }: BenchDiner, conversationId: number): Promise<void> {
    const seat = await this.clientOf(token).joinChat(conversationId);
    let count = 0;
    this.goOn(
      this.pace.talkMs,
      () => seat.leave(),
      async () => {
        const clientMsgId = `roll-${userId}-${(count += 1)}`;
        const options = { clientMsgId, onRetry: (error: KaijiangError) => this.note(error) };
        const { message_id: messageId } = await seat.say('a word', options);
        this.said.push({ conversationId, clientMsgId, messageId });
      },
    );
  }

  /** The same by the stock SDK, as somebody writes it who has read that 4001 means: join again. */
  async seatStockTalker({ userId, token }: BenchDiner, conversationId: number): Promise<void> {
    const client = new Client(this.url);
    client.auth.token = token;
    let room = this.joinStock(client, conversationId);
    const stay = (joined: Room) =>
      joined.onLeave((code) => {
        if (code !== MOVED || this.isOver) return;
        room = this.joinStock(client, conversationId, () => this.returnsMs.push(performance.now())).then(
          (again) => {
            this.rejoins += 1;
            stay(again);
            return again;
          },
        );
        room.catch((error: unknown) => this.failures.push(`a seat by the SDK: ${String(error)}`));
      });
    stay(await room);
    let count = 0;
    this.goOn(
      this.pace.talkMs,
      async () => (await room).leave(),
      async () => {
        const client_msg_id = `roll-${userId}-${(count += 1)}`;
        const message = { client_msg_id, type: 'text', content: 'a word' };
        const { message_id: messageId } = await this.persist(async () => {
          const here = await room;
          return here.request<object, Sent>('send', message);
        }, requestError);
        this.said.push({ conversationId, clientMsgId: client_msg_id, messageId });
      },
    );
  }

  /** Opens the page again and again: says so, draws by a call, which a node hands to the room's owner, and looks around. */
  addVisitor({ userId, token }: BenchDiner, campaignId: number): void {
    const http = new HttpClient(this.url, 1);
    const answers = this.drawn.get(campaignId) ?? [];
    this.drawn.set(campaignId, answers);
    let count = 0;
    const call = <Data>(path: string, body?: object) =>
      this.persist(
        () =>
          http.call<Data>({
            method: body === undefined ? 'GET' : 'POST',
            path,
            token,
            ...(body && { body }),
          }),
        asKaijiangError,
      );
    this.goOn(
      this.pace.visitMs,
      async () => http.close(),
      async () => {
        const visit_id = `visit-${userId}-${(count += 1)}`;
        const at = new Date().toISOString();
        const behavior = { event_id: visit_id, kind: 'page', name: 'home', at };
        await call('/analytics/behaviors', { sent_at: at, visit_id, behaviors: [behavior] });
        const asked = { campaign_id: campaignId, request_id: visit_id, draw_count: 1 };
        const { draws } = await call<DrawReply>('/lottery/draw', asked);
        answers.push({
          user_id: userId,
          request_id: visit_id,
          draw_ids: draws.map(({ draw_id }) => draw_id),
          prize_ids: draws.map(({ prize }) => prize?.prize_id ?? null),
        });
        await call(VISITED[count % VISITED.length]!);
      },
    );
  }

  /** What is under way is answered first. */
  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
    await Promise.all(this.leaving.map((leave) => leave().catch(() => undefined)));
  }

  private clientOf(accessToken: string): KaijiangClient {
    return new KaijiangClient({ url: this.url, accessToken, onStatus: (event) => this.hear(event) });
  }

  private hear(event: SeatEvent): void {
    if (event.status === 'live' && event.isRejoin) this.rejoins += 1;
    if (event.status !== 'connecting') return;
    if (event.failure !== undefined) this.note(event.failure);
    if (this.isSeated) this.returnsMs.push(performance.now());
  }

  private note({ code, message }: KaijiangError): void {
    const counted = code === 'UNREACHABLE' ? this.unanswered : this.refusals;
    const name = code === 'UNREACHABLE' ? message : code;
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }

  private async joinStock(client: Client, conversationId: number, onAttempt?: () => void): Promise<Room> {
    const room = await this.persist<Room>(() => {
      onAttempt?.();
      return client.joinOrCreate('chat', { conversation_id: conversationId });
    }, joinError);
    room.reconnection.enabled = false;
    room.onMessage('*', () => undefined);
    return room;
  }

  /** Always the same request, until it is answered. */
  private async persist<Answer>(
    ask: () => Promise<Answer>,
    errorOf: (thrown: unknown) => KaijiangError,
  ): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (thrown) {
        const error = errorOf(thrown);
        // Whoever pays no heed to `moved` may send something as the connection is closed.
        if (error.code === 'UNREACHABLE') this.sentAgain += 1;
        else this.note(error);
        if (!error.isPassing || tries === TRIES) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  private goOn(everyMs: number, leave: () => Promise<unknown>, work: () => Promise<void>): void {
    this.size += 1;
    this.leaving.push(leave);
    this.running.push(
      (async () => {
        await sleep(Math.random() * everyMs);
        while (!this.isOver) {
          try {
            await work();
          } catch (thrown) {
            const { code, message } = asKaijiangError(thrown);
            this.failures.push(`${code}: ${message}`);
            return;
          }
          await sleep(everyMs * (0.5 + Math.random()));
        }
      })(),
    );
  }
}
