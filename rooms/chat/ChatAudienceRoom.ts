import { setTimeout as sleep } from 'node:timers/promises';
import { chatChannel, chatViewShape, TOLD, type ChatView } from '../../src/chat/chatView.ts';
import { readMessages } from '../../src/chat/history.ts';
import type { ConversationOwners } from '../../src/chat/ownerCalls.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { idShape } from '../../src/platform/shapes.ts';
import type { RoomClient } from '../kernel/answer.ts';
import { hearing } from '../kernel/localRoom.ts';
import { mirrorRoomOf, type MirrorKind, type RoomOfMirror } from '../kernel/mirrorRoom.ts';
import type { SeatedRoomServices } from '../kernel/seatedRoom.ts';
import { catchUp, chatMessages, sayHere, tellHere, type ChatMessagesServices } from './chatMessages.ts';
import { ChatState, projectChat } from './chatState.ts';

export type ChatAudienceRoomServices = SeatedRoomServices &
  ChatMessagesServices & { conversations: ConversationOwners };

type Room = RoomOfMirror<number>;

/** Before what could not be read is read again. */
const AGAIN_MS = 1000;

/** The room type `chataudience`: mirrors a conversation whose own room is full, and takes what is said there to its owner. */
export function chatAudienceRoomOf(services: ChatAudienceRoomServices) {
  const { conversations } = services;
  const tellers = new WeakMap<Room, Teller>();
  const kind: MirrorKind<number, ChatState, ChatView> = {
    type: 'chataudience',
    key: idShape,
    createState: () => new ChatState(),
    project: projectChat,
    channel: chatChannel,
    view: chatViewShape,
    keyOf: ({ conversation_id: conversationId }) => conversationId,
    report: (conversationId, report) => conversations.mirror(conversationId, report),
    seated: (conversationId, client, options) => void catchUp(services, conversationId, { client, options }),
    hears: (room) => [
      hearing(TOLD, (told) => {
        const { type, payload } = told;
        if (type !== 'typing') tellHere(room, told);
        else room.broadcast(type, payload, exceptOf(room, payload.user_id));
      }),
    ],
    shown(room, view, before) {
      const teller = tellers.get(room) ?? new Teller(services, room, before.last_seq);
      tellers.set(room, teller);
      teller.tellTo(view.last_seq);
    },
    messages: (room) =>
      chatMessages(services, () => ({
        conversationId: room.key,
        send: (userId, message) => room.forward(conversations.send(room.key, { userId, message })),
        recall: (actor, messageId) => room.forward(conversations.recall(room.key, { actor, messageId })),
        markRead: (userId, seq) => room.forward(conversations.read(room.key, { userId, seq })),
        // Whom it does not reach need not know.
        typing: (userId, nickname) =>
          void conversations.typing(room.key, { userId, nickname }).catch(() => undefined),
      })),
  };
  return mirrorRoomOf(services, kind);
}

/** Who writes is not told of it. */
function exceptOf({ clients }: Room, userId: number): { except?: RoomClient } {
  const except = [...clients].find(({ auth }) => auth?.identity.userId === userId);
  return except === undefined ? {} : { except };
}

/** Tells a room what has been said, as it is stored: each message once, in order, however many views tell of it. */
class Teller {
  private toSeq: number;
  private telling: Promise<void> | undefined;

  constructor(
    private readonly services: ChatMessagesServices,
    private readonly room: Room,
    private toldSeq: number,
  ) {
    this.toSeq = toldSeq;
  }

  tellTo(seq: number): void {
    this.toSeq = Math.max(this.toSeq, seq);
    this.telling ??= this.tellOrWait().finally(() => (this.telling = undefined));
  }

  /** Nobody else tells of these: perhaps nothing more is said for a long time. */
  private async tellOrWait(): Promise<void> {
    while (!this.room.isClosing) {
      try {
        return await this.tell();
      } catch (error) {
        const about = { err: error, conversationId: this.room.key };
        this.services.logger.warn(about, 'messages could not be told; it is tried again');
        await sleep(AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  private async tell(): Promise<void> {
    while (this.toldSeq < this.toSeq) {
      const part = { conversationId: this.room.key, afterSeq: this.toldSeq, limit: LIMITS.pageSize };
      const messages = await readMessages(this.services.database.currentReader, part);
      const last = messages.at(-1);
      if (last === undefined) return;
      sayHere(this.room, messages);
      this.toldSeq = last.seq;
    }
  }
}
