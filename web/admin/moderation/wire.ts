/** Of the API, as the OpenAPI document has it. */
import type { Message, PublicPerson } from '../service/wire.ts';

export type Decision = 'dismiss' | 'delete' | 'silence' | 'ban';

export interface Report {
  report_id: number;
  message_id: number;
  conversation_id: number;
  reporter: PublicPerson;
  sender: PublicPerson;
  content: string;
  reason: string;
  comment: string | null;
  status: 'open' | 'decided';
  decision: Decision | null;
  decision_reason: string | null;
  decided_by: number | null;
  decided_at: string | null;
  created_at: string;
}

export interface ReportDetail extends Report {
  message: Message & { conversation: { name: string; type: string }; original: string };
  context: Message[];
}

export interface Restriction {
  restriction_id: number;
  conversation_id: number | null;
  user_id: number;
  restriction: 'mute' | 'silence' | 'ban';
  until: string;
  reason: string;
  set_by: number;
  set_at: string;
  is_over: boolean;
}

export interface Words {
  version: number;
  mask: string[];
  refuse: string[];
  allow: string[];
  changed_by: number | null;
  changed_at: string | null;
}
