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

export interface Blocked {
  user: Person;
  created_at: string;
}

export interface Member {
  user: Person & { avatar_url: string | null; is_staff?: boolean };
  role: 'owner' | 'admin' | 'member';
  read_seq: number;
  muted_until: string | null;
}

/** The service session of a conversation, as its diner sees it. */
export interface ServiceSession {
  status: 'waiting' | 'assigned' | 'resolved' | 'closed';
  topic: string;
  position: number | null;
  agent: Person | null;
  rating: number | null;
  may_rate: boolean;
}

/** Of a draw of one's own. */
export interface Drawn {
  draw_id: number;
  campaign_id: number;
  prize: { name: string; type: string } | null;
}

export interface Preferences {
  system: boolean;
  activity: boolean;
  lottery: boolean;
  points: boolean;
  quiet_hours: { from: string; to: string } | null;
}
