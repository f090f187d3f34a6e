/** Diners who talk, over the stock SDK. */
import assert from 'node:assert/strict';
import { Client, type Room } from '@colyseus/sdk';
import type { MessageView, Missed, Sent } from '../../src/chat/messages.ts';
import {
  startServer,
  type Answer,
  type Login,
  type RunningServer,
  type StartOptions,
} from '../support/server.ts';

export interface Talker extends Login {
  room: Room;
  /** What was told, by the names of the messages. */
  said: MessageView[];
  missed: Missed[];
  recalled: number[];
  reads: { user_id: number; seq: number }[];
  typing: number[];
  closed: number[];
  send(content: string, id?: string, more?: object): Promise<Sent>;
  ask<Answer>(type: string, payload: object): Promise<Answer>;
  /** The code that a request is refused with. */
  refusal(type: string, payload: object): Promise<string>;
  /** As a message that is refused is told. */
  refusedSend(content: string, id?: string): Promise<Refused>;
}

export interface Refused {
  code: string;
  details?: any;
  retry_after?: number;
}

export interface Talk {
  server: RunningServer;
  diner(number: number): Promise<Login>;
  call(method: string, path: string, by: Login, body?: unknown): Promise<Answer<any>>;
  join(conversationId: number, by: Login, lastSeq?: number): Promise<Talker>;
  group(by: Login, ...members: Login[]): Promise<number>;
}

let sent = 0;

export async function openTalk(url: string, options: StartOptions = {}): Promise<Talk> {
  const server = await startServer(url, options);
  const call: Talk['call'] = (method, path, { token }, body) => server.api(method, path, { token, body });
  return {
    server,
    diner: (number) => server.login(`139000000${String(number).padStart(2, '0')}`),
    call,
    join: (conversationId, by, lastSeq) => joinChat(server.origin, conversationId, by, lastSeq),
    async group(by, ...members) {
      const body = { type: 'group', name: '周末聚餐', member_ids: members.map(({ userId }) => userId) };
      const { data, code } = await call('POST', '/chat/conversations', by, body);
      assert.equal(code, 'OK');
      return data.conversation_id as number;
    },
  };
}

export async function joinChat(
  origin: string,
  conversationId: number,
  by: Login,
  lastSeq?: number,
): Promise<Talker> {
  const client = new Client(origin);
  client.auth.token = by.token;
  const options = { conversation_id: conversationId, ...(lastSeq !== undefined && { last_seq: lastSeq }) };
  const room = await client.joinOrCreate('chat', options);
  const ask = <Answer>(type: string, payload: object) => room.request<object, Answer>(type, payload);
  const talker: Talker = {
    ...by,
    room,
    said: [],
    missed: [],
    recalled: [],
    reads: [],
    typing: [],
    closed: [],
    ask,
    send: (content, id = `m-${++sent}`, more = {}) =>
      ask<Sent>('send', { client_msg_id: id, type: 'text', content, ...more }),
    refusal: (type, payload) =>
      ask(type, payload).then(
        () => assert.fail(`${type} was not refused`),
        (refused: { reason?: { code?: string }; code?: string }) =>
          String(refused.reason?.code ?? refused.code),
      ),
    refusedSend: (content, id = `m-${++sent}`) =>
      ask('send', { client_msg_id: id, type: 'text', content }).then(
        () => assert.fail('the message was not refused'),
        (refused: { reason: Refused }) => refused.reason,
      ),
  };
  room.onMessage('message', (message: MessageView) => talker.said.push(message));
  room.onMessage('missed', (missed: Missed) => talker.missed.push(missed));
  room.onMessage('recalled', ({ message_id }: { message_id: number }) => talker.recalled.push(message_id));
  room.onMessage('read', (read: { user_id: number; seq: number }) => talker.reads.push(read));
  room.onMessage('typing', ({ user_id }: { user_id: number }) => talker.typing.push(user_id));
  room.onMessage('moved', () => undefined);
  room.onLeave((code) => talker.closed.push(code));
  return talker;
}
