/** What the talk pages read of the API. Shapes are those of the OpenAPI document. */
import type { ConversationView, MessageView } from '../../../src/chat/messages.ts';
import type { NotificationOnWire } from '../../../src/notifications/messages.ts';

export type { ConversationView, MessageView, NotificationOnWire };

export interface Conversations {
  items: ConversationView[];
  unread_total: number;
}

export interface Opened {
  conversation_id: number;
}

export interface Restaurant {
  restaurant_id: number;
  name: string;
  conversation_id: number;
}

export interface Restriction {
  /** null: those of all restaurants. */
  conversation_id: number | null;
  restriction: 'mute' | 'silence' | 'ban';
  until: string;
  reason: string;
}

export type Notice = NotificationOnWire & { is_read: boolean };

export interface NoticePage {
  items: Notice[];
  page: number;
  limit: number;
  total: number;
}

export interface Person {
  user_id: number;
  nickname: string;
}
