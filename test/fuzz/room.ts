import fc from 'fast-check';
import { Client, type Room } from '@colyseus/sdk';
import type { MessageView, Sent, SentMessage } from '../../src/chat/messages.ts';
import { ERRORS } from '../../src/platform/errors.ts';
import type { Login, RunningServer } from '../support/server.ts';
import { HOSTILE_TEXTS, hostile } from './values.ts';

/** Of a room that is fuzzed. */
export interface FuzzedKind {
  join(server: RunningServer, by: Login): Promise<Room>;
  /** Types that are answered. */
  answered: readonly string[];
  messages: fc.Arbitrary<[type: string, payload: unknown]>;
  /** What is wrong with an answer; undefined: nothing. */
  faultOf(asked: Asked, room: Room): Promise<string | undefined>;
}

interface Asked {
  type: string;
  payload: unknown;
  answer: unknown;
}

/** Sends messages with payloads of any kind to a room. */
export class FuzzedRoom {
  private room: Room | undefined;

  constructor(
    private readonly server: RunningServer,
    private readonly seed: number,
    private readonly kind: FuzzedKind,
    /** Of somebody who is nobody else's in the run, so that their login lasts. */
    private readonly mobile: string,
  ) {}

  /** One message, made from the seed and its number. Returns what its answer violates. */
  async sendMessage(count: number): Promise<string | undefined> {
    const { messages, answered } = this.kind;
    const [[type, payload] = ['', {}]] = fc.sample(messages, { seed: this.seed * 131 + count, numRuns: 1 });
    const shown = `${type} ${JSON.stringify(payload)?.slice(0, 300)}`;
    const room = await this.joined();
    if (!answered.includes(type)) {
      // Nothing answers an unknown message; the connection must stay open.
      room.send(type, payload);
      return undefined;
    }
    try {
      const answer = await room.request<unknown, unknown>(type, payload);
      const fault = await this.kind.faultOf({ type, payload, answer }, room);
      return fault && `${shown}: ${fault}`;
    } catch (error) {
      return this.refusalFault(error, room, shown);
    }
  }

  async leave(): Promise<void> {
    if (this.room?.connection.isOpen) await this.room.leave();
  }

  private refusalFault(error: unknown, room: Room, shown: string): string | undefined {
    const { reason } = error as { reason?: { code?: string } };
    const code = reason?.code ?? '';
    if (!room.connection.isOpen) return `${shown}: the connection was closed: ${String(error)}`;
    if (!Object.hasOwn(ERRORS, code)) return `${shown}: rejected without a code: ${String(error)}`;
    return code === 'INTERNAL' ? `${shown}: INTERNAL` : undefined;
  }

  /** The campaign's end or move closes the room, and so does being put out of a group; whoever was in it joins again. */
  private async joined(): Promise<Room> {
    if (this.room?.connection.isOpen) return this.room;
    this.room = await this.kind.join(this.server, await this.server.login(this.mobile));
    this.room.reconnection.enabled = false;
    this.room.onMessage('*', () => undefined);
    return this.room;
  }
}

const clientId = () => fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
/** Begins names that no other has by chance. */
const NEW = 'new-';
const newId = () => fc.stringMatching(/^[A-Za-z0-9]{16}$/).map((id) => `${NEW}${id}`);
const UNKNOWN = ['watch', '__proto__', ''];

export const CAMPAIGN: FuzzedKind = {
  join: (server, { token }) => server.joinCampaign(token),
  answered: ['draw', 'me'],
  messages: fc.tuple(
    fc.constantFrom('draw', 'draw', 'draw', 'me', ...UNKNOWN),
    fc.oneof(
      fc.record({ request_id: clientId(), draw_count: fc.integer({ min: 1, max: 10 }) }),
      fc.record(
        {
          request_id: fc.oneof(clientId(), fc.constantFrom('r-1', 'r-2'), hostile()),
          draw_count: fc.oneof(fc.integer({ min: 1, max: 10 }), hostile()),
          client_seed: fc.oneof(clientId(), hostile()),
          extra: hostile(),
        },
        { requiredKeys: ['request_id'] },
      ),
      hostile(),
      fc.constant(undefined),
    ),
  ),
  faultOf({ type, payload, answer }) {
    const asked = payload as { request_id?: unknown } | undefined;
    const isOfIt = type !== 'draw' || (answer as { request_id: string }).request_id === asked?.request_id;
    return Promise.resolve(isOfIt ? undefined : `answered ${JSON.stringify(answer)}`);
  },
};

/** What people paste into a chat, by accident or not. */
const CONTENTS = [
  ...HOSTILE_TEXTS,
  '字'.repeat(10_000),
  'x'.repeat(10_000),
  '\u202eevil\u202c \u2066left\u2069',
  'zero\u200bwidth\u200d\ufeff',
  '<img src=x onerror=alert(1)>',
  'half \udc00 a \ud800 character',
  'nul \u0000 in it',
  'e\u0301'.repeat(400),
  '👨‍👩‍👧‍👦',
];

/** A group of the fuzzed person's own. */
export const CHAT: FuzzedKind = {
  async join(server, { token }) {
    const body = { type: 'group', name: 'fuzz', member_ids: [] };
    const { data } = await server.api('POST', '/chat/conversations', { token, body });
    const sdk = new Client(server.origin);
    sdk.auth.token = token;
    const { conversation_id } = data as { conversation_id: number };
    return sdk.joinOrCreate('chat', { conversation_id });
  },
  answered: ['send', 'recall', 'read', 'typing', 'history'],
  messages: fc.oneof(
    fc.tuple(
      fc.constant('send'),
      fc.record({
        client_msg_id: fc.oneof({ weight: 5, arbitrary: newId() }, { weight: 1, arbitrary: hostile() }),
        type: fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom('text', 'image', 'emoji', 'card') },
          { weight: 1, arbitrary: fc.oneof(fc.constant('system'), hostile()) },
        ),
        content: fc.oneof(
          fc.constantFrom(...CONTENTS),
          fc.string({ unit: 'binary', maxLength: 200 }),
          hostile(),
        ),
      }),
    ),
    fc.tuple(
      fc.constantFrom('send', 'recall', 'read', 'typing', 'history', ...UNKNOWN),
      fc.oneof(
        fc.record({ message_id: fc.oneof(fc.integer({ min: 1, max: 60 }), hostile()) }),
        fc.record({ seq: fc.oneof(fc.integer({ min: 0, max: 80 }), hostile()) }),
        fc.record({ after_seq: fc.nat(60), limit: fc.integer({ min: 1, max: 100 }) }),
        fc.record({ before_seq: hostile(), after_seq: hostile(), limit: hostile() }),
        hostile(),
        fc.constant(undefined),
      ),
    ),
  ),
  /** RC-15: what is stored comes back to the letter, or filtered. */
  async faultOf({ type, payload, answer }, room) {
    if (type !== 'send') return undefined;
    const sent = payload as SentMessage;
    const { seq, message_id: messageId } = answer as Sent;
    // Of several of one name the first is kept; halves of characters are lost on the way.
    const isLost = !sent.client_msg_id.startsWith(NEW) || !sent.content.isWellFormed();
    if (isLost) return undefined;
    const part: unknown = { after_seq: seq - 1, limit: 1 };
    const history = await room.request<unknown, { messages: MessageView[] }>('history', part);
    const [stored] = history.messages;
    const isSame = stored?.content === sent.content || stored?.content.includes('＊');
    return stored?.message_id === messageId && isSame ? undefined : `stored as ${JSON.stringify(stored)}`;
  },
};

export const NOTIFICATIONS: FuzzedKind = {
  join(server, { token }) {
    const sdk = new Client(server.origin);
    sdk.auth.token = token;
    return sdk.joinOrCreate('notifications', {});
  },
  answered: ['read'],
  messages: fc.tuple(
    fc.constantFrom('read', 'read', ...UNKNOWN),
    fc.oneof(
      fc.record({ up_to_id: fc.oneof(fc.nat(20), hostile()) }),
      fc.record({ ids: fc.oneof(fc.array(fc.nat(20)), fc.array(hostile()), hostile()) }),
      fc.record({ ids: hostile(), up_to_id: hostile() }),
      hostile(),
      fc.constant(undefined),
    ),
  ),
  faultOf: () => Promise.resolve(undefined),
};
