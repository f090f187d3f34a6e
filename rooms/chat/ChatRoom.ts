import { chatChannel, TOLD, type ChatView, type Told } from '../../src/chat/chatView.ts';
import { Conversation, type ConversationServices } from '../../src/chat/conversation.ts';
import { CHAT_CALLS, type CalledConversation } from '../../src/chat/ownerCalls.ts';
import { publish } from '../../src/platform/cluster/topic.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { idShape } from '../../src/platform/shapes.ts';
import {
  ownedRoomOf,
  type OwnedKind,
  type OwnedRoomServices,
  type RoomOfOwner,
} from '../kernel/ownedRoom.ts';
import { catchUp, chatMessages, sayHere, tellHere, type ChatMessagesServices } from './chatMessages.ts';
import { ChatState, projectChat } from './chatState.ts';
import { Presence } from './presence.ts';

export type ChatRoomServices = ConversationServices & OwnedRoomServices & ChatMessagesServices;

type Room = RoomOfOwner<Conversation>;

/** The room type `chat`: the owner of one conversation. */
export function chatRoomOf(services: ChatRoomServices) {
  const { clock } = services;
  const kind: OwnedKind<number, ChatState, ChatView, Conversation, CalledConversation> = {
    type: 'chat',
    key: idShape,
    createState: () => new ChatState(),
    project: projectChat,
    channel: chatChannel,
    seated: (conversationId, client, options) => void catchUp(services, conversationId, { client, options }),
    async open(conversationId, room) {
      const conversation = await Conversation.open(services, conversationId);
      const presence = new Presence();
      const tell = (told: Told) => tellAll(room, conversationId, told);
      return {
        owner: conversation,
        listen: (listener) =>
          conversation.listen({
            ...listener,
            // Audience rooms see by the view that there is more to read.
            said: (messages) => sayHere(room, messages),
            recalled: (messageId) => tell({ type: 'recalled', payload: { message_id: messageId } }),
            readBy: (userId, seq) => tell({ type: 'read', payload: { user_id: userId, seq } }),
            left: (userIds) => tell({ type: 'left', payload: { user_ids: [...userIds] } }),
          }),
        view() {
          const { type } = conversation.opened;
          const { lastSeq, name } = conversation;
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
    target: (room, watch) => ({
      conversation: room.owner,
      typing: (userId, nickname) => void tellTyping(room, { user_id: userId, nickname }),
      watch,
    }),
    messages: (room) =>
      chatMessages(services, () => ({
        conversationId: room.owner.conversationId,
        send: (userId, message) => room.owner.send(userId, message),
        recall: (actor, messageId) => room.owner.recall(actor, messageId),
        markRead: (userId, seq) => room.owner.markRead(userId, seq),
        typing: (userId, nickname, except) =>
          void tellTyping(room, { user_id: userId, nickname }, { except }),
      })),
  };
  return ownedRoomOf(services, kind);
}

function tellAll(room: Room, conversationId: number, told: Told): void {
  tellHere(room, told);
  if (room.isMirrored) void publish(TOLD, conversationId, told);
}

/** First of all that is let go when there is much to say (RC-14). Of whoever may say nothing nobody is told that they write. */
async function tellTyping(
  room: Room,
  payload: { user_id: number; nickname: string },
  options: Parameters<Room['broadcast']>[2] = {},
): Promise<void> {
  const { owner } = room;
  if (owner.queued >= LIMITS.messagesPerBatch) return;
  if (!(await owner.mayWrite(payload.user_id).catch(() => false))) return;
  room.broadcast('typing', payload, options);
  if (room.isMirrored) void publish(TOLD, owner.conversationId, { type: 'typing', payload });
}
