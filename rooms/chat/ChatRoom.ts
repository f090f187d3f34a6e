import { Conversation, type ConversationServices } from '../../src/chat/conversation.ts';
import { readMessages, readMissed } from '../../src/chat/history.ts';
import { requireMember } from '../../src/chat/membership.ts';
import {
  historyShape,
  joinChatShape,
  readShape,
  recallShape,
  sendShape,
  type MessageView,
} from '../../src/chat/messages.ts';
import { CHAT_CALLS } from '../../src/chat/ownerCalls.ts';
import { asAppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { logFailure } from '../../src/platform/logger.ts';
import { idShape } from '../../src/platform/shapes.ts';
import { noPayloadShape } from '../../src/lottery/messages.ts';
import { answering, type RoomClient } from '../kernel/answer.ts';
import { fill } from '../kernel/fill.ts';
import { HISTORY_RATE, READ_RATE, RECALL_RATE, SEND_RATE, TYPING_RATE } from '../kernel/messageRates.ts';
import {
  ownedRoomOf,
  type OwnedKind,
  type OwnedRoomServices,
  type RoomOfOwner,
} from '../kernel/ownedRoom.ts';
import { ChatState, PresentMember } from './chatState.ts';
import { Presence, type Present } from './presence.ts';

/** With what code somebody's connection is closed who is a member no more. Joining again is refused with 403. */
export const PUT_OUT = 4403;

export type ChatRoomServices = ConversationServices & OwnedRoomServices;

interface ChatView extends Present {
  conversation_id: number;
  name: string;
  type: string;
  last_seq: number;
}

type Room = RoomOfOwner<Conversation>;

/** The room type `chat`: the owner of one conversation, with the messages `send`, `recall`, `read`, `typing` and `history`. */
export function chatRoomOf(services: ChatRoomServices) {
  const { database, clock, logger } = services;

  /** What somebody missed is read once they hear what is said, so that nothing falls in between (RC-2). */
  const catchUp = async ({ owner }: Room, client: RoomClient, options: unknown) => {
    const userId = client.auth!.identity.userId;
    const { conversationId } = owner;
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
  };

  const kind: OwnedKind<number, ChatState, ChatView, Conversation, { conversation: Conversation }> = {
    type: 'chat',
    key: idShape,
    createState: () => new ChatState(),
    project: projectChat,
    channel: (conversationId) => `chat-mirror:${conversationId}`,
    arrived: (room, client, options) => void catchUp(room, client, options),
    async open(conversationId, room) {
      const conversation = await Conversation.open(services, conversationId);
      const presence = new Presence();
      return {
        owner: conversation,
        listen: (listener) =>
          conversation.listen({
            ...listener,
            said: (messages) => tellAll(room, messages),
            recalled: (messageId) => room.broadcast('recalled', { message_id: messageId }),
            readBy: (userId, seq) => room.broadcast('read', { user_id: userId, seq }),
            left: (userIds) => putOut(room, userIds),
          }),
        view() {
          const { name, type } = conversation.opened;
          const { lastSeq } = conversation;
          const present = presence.of(room, clock.monotonicMs());
          return { conversation_id: conversationId, name, type, last_seq: lastSeq, ...present };
        },
        isViewBehind: () => presence.isBehind,
        periodic: [],
        // It is opened again by whoever comes next.
        isOver: () => true,
      };
    },
    calls: CHAT_CALLS,
    target: ({ owner: conversation }) => ({ conversation }),
    messages: (room) => chatMessages(services, room),
  };
  return ownedRoomOf(services, kind);
}

function chatMessages(services: ChatRoomServices, room: Room) {
  const { database } = services;
  return {
    send: answering(services, {
      shape: sendShape,
      access: 'user',
      rate: SEND_RATE,
      handle: async ({ identity }, message) => {
        const { message_id, seq, created_at } = await room.owner.send(identity.userId, message);
        return { message_id, seq, created_at };
      },
    }),
    recall: answering(services, {
      shape: recallShape,
      access: 'user',
      rate: RECALL_RATE,
      handle: async ({ identity }, { message_id: messageId }) => {
        const actor = { userId: identity.userId, ip: '', requestId: `recall-${messageId}` };
        const { message_id, seq, recalled_at } = await room.owner.recall(actor, messageId);
        return { message_id, seq, recalled_at };
      },
    }),
    read: answering(services, {
      shape: readShape,
      access: 'user',
      rate: READ_RATE,
      handle: async ({ identity }, { seq }) => ({
        read_seq: await room.owner.markRead(identity.userId, seq),
      }),
    }),
    typing: answering(services, {
      shape: noPayloadShape,
      access: 'user',
      rate: TYPING_RATE,
      handle: async ({ identity: { userId, nickname } }, _nothing, client) => {
        // First of all that is let go when there is much to say.
        if (room.owner.queued < LIMITS.messagesPerBatch)
          room.broadcast('typing', { user_id: userId, nickname }, { except: client });
        return {};
      },
    }),
    history: answering(services, {
      shape: historyShape,
      access: 'user',
      rate: HISTORY_RATE,
      handle: async ({ identity }, { before_seq: beforeSeq, after_seq: afterSeq, limit }) => {
        const { conversationId } = room.owner;
        await requireMember(database, conversationId, identity.userId);
        const part = { conversationId, beforeSeq, afterSeq, limit };
        return { messages: await readMessages(database.currentReader, part) };
      },
    }),
  };
}

function tellAll(room: Room, messages: readonly MessageView[]): void {
  for (const message of messages) room.broadcast('message', message);
}

function putOut({ clients }: Room, userIds: readonly number[]): void {
  for (const client of [...clients])
    if (client.auth !== undefined && userIds.includes(client.auth.identity.userId)) client.leave(PUT_OUT);
}

function projectChat(state: ChatState, { members, ...fields }: ChatView): void {
  Object.assign(state, fields);
  fill(state.members, PresentMember, members, Object.assign);
}
