/** Of the API, as the OpenAPI document has it. */
export interface PublicPerson {
  user_id: number;
  nickname: string;
  avatar_url: string | null;
}

/** Of what is promised: how long it may take, and has taken in the hours in which diners are served. */
export interface Promised {
  limit_seconds: number;
  elapsed_seconds: number;
  state: 'running' | 'met' | 'missed' | 'stopped';
}

export interface ServiceSession {
  session_id: number;
  conversation_id: number;
  status: 'waiting' | 'assigned' | 'resolved' | 'closed';
  topic: string;
  user: PublicPerson;
  agent: PublicPerson | null;
  created_at: string;
  waiting_seconds: number;
  assigned_at: string | null;
  answered_at: string | null;
  ended_at: string | null;
  answer: Promised;
  resolution: Promised;
  rating: number | null;
}

export interface Agent {
  user_id: number;
  nickname: string;
  status: 'online' | 'offline' | 'gone';
  limit: number;
  open_sessions: number;
}

export interface Message {
  message_id: number;
  seq: number;
  sender: PublicPerson | null;
  type: 'text' | 'image' | 'emoji' | 'card' | 'system';
  content: string;
  created_at: string;
  recalled_at: string | null;
}
