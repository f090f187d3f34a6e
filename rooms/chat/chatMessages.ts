import { readMessages, readMissed } from '../../src/chat/history.ts';
import { requireMember } from '../../src/chat/membership.ts';
import {
  historyShape,
  joinChatShape,
  readShape,
  recallShape,
  sendShape,
  type MessageView,
  type SentMessage,
} from '../../src/chat/messages.ts';
import type { Told } from '../../src/chat/chatView.ts';
import type { ConversationServices } from '../../src/chat/conversation.ts';
import type { Actor } from '../../src/platform/caller.ts';
import { asAppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { logFailure } from '../../src/platform/logger.ts';
import { noPayloadShape } from '../../src/platform/shapes.ts';
import { answering, type AnsweringServices, type RoomClient } from '../kernel/answer.ts';
import { HISTORY_RATE, READ_RATE, RECALL_RATE, sendRate, TYPING_RATE } from '../kernel/messageRates.ts';

/** With what code somebody's connection is closed who is a member no more. Joining again is refused with 403. */
export const PUT_OUT = 4403;

/** What the owner does, here or on another node. */
export interface ChatAnswers {
  conversationId: number;
  send(userId: number, message: SentMessage): Promise<MessageView>;
  recall(actor: Actor, messageId: number): Promise<MessageView>;
  markRead(userId: number, seq: number): Promise<number>;
  typing(userId: number, nickname: string, client: RoomClient): void;
}

export type ChatMessagesServices = AnsweringServices &
  Pick<ConversationServices, 'database'> & {
    /** Messages that one connection may send. */
    chatRatePerSecond: number;
  };

/** The messages `send`, `recall`, `read`, `typing` and `history` of a conversation's own room and of its audience rooms. */
export function chatMessages(services: ChatMessagesServices, answersOf: () => ChatAnswers) {
  const { database } = services;
  return {
    send: answering(services, {
      shape: sendShape,
      access: 'user',
      rate: sendRate(services.chatRatePerSecond),
      handle: async ({ identity }, message) => {
        const { message_id, seq, created_at } = await answersOf().send(identity.userId, message);
        return { message_id, seq, created_at };
      },
    }),
    recall: answering(services, {
      shape: recallShape,
      access: 'user',
      rate: RECALL_RATE,
      handle: async ({ identity }, { message_id: messageId }) => {
        const actor = { userId: identity.userId, ip: '', requestId: `recall-${messageId}` };
        const { message_id, seq, recalled_at } = await answersOf().recall(actor, messageId);
        return { message_id, seq, recalled_at };
      },
    }),
    read: answering(services, {
      shape: readShape,
      access: 'user',
      rate: READ_RATE,
      handle: async ({ identity }, { seq }) => ({
        read_seq: await answersOf().markRead(identity.userId, seq),
      }),
    }),
    typing: answering(services, {
      shape: noPayloadShape,
      access: 'user',
      rate: TYPING_RATE,
      handle: async ({ identity: { userId, nickname } }, _nothing, client) => {
        answersOf().typing(userId, nickname, client);
        return {};
      },
    }),
    history: answering(services, {
      shape: historyShape,
      access: 'user',
      rate: HISTORY_RATE,
      handle: async ({ identity }, { before_seq: beforeSeq, after_seq: afterSeq, limit }) => {
        const { conversationId } = answersOf();
        await requireMember(database, conversationId, identity.userId);
        const part = { conversationId, beforeSeq, afterSeq, limit };
        return { messages: await readMessages(database.currentReader, part) };
      },
    }),
  };
}

/** What somebody missed is read once they hear what is said, so that nothing falls in between (RC-2). */
export async function catchUp(
  { database, logger }: ChatMessagesServices,
  conversationId: number,
  { client, options }: { client: RoomClient; options: unknown },
): Promise<void> {
  const { userId } = client.auth!.identity;
  try {
    // They may have been put out since they asked for the seat.
    await requireMember(database, conversationId, userId);
    const { last_seq: lastSeq } = joinChatShape.parse(options);
    const part = { lastSeq, limit: LIMITS.missedMessages };
    client.send('missed', await readMissed(database.currentReader, conversationId, part));
  } catch (thrown) {
    const error = asAppError(thrown);
    logFailure(logger, error, {
      about: { userId, conversationId },
      text: 'nobody was told what they missed',
    });
    client.leave(PUT_OUT);
  }
}

interface TellingRoom {
  clients: Iterable<RoomClient>;
  broadcast(type: string, message: unknown): void;
}

/** To everybody here. */
export function tellHere(room: TellingRoom, { type, payload }: Told): void {
  if (type !== 'left') return room.broadcast(type, payload);
  for (const client of [...room.clients])
    if (client.auth !== undefined && payload.user_ids.includes(client.auth.identity.userId))
      client.leave(PUT_OUT);
}

export function sayHere(room: TellingRoom, messages: readonly MessageView[]): void {
  for (const message of messages) room.broadcast('message', message);
}
