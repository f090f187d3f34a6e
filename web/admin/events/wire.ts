/** Of the API, as the OpenAPI document has it. */
export type EventStatus = 'pending' | 'processing' | 'failed' | 'dead_letter' | 'unknown' | 'completed';
export const EVENT_STATUSES: readonly EventStatus[] = [
  'pending',
  'processing',
  'failed',
  'dead_letter',
  'unknown',
  'completed',
];

export interface EventRow {
  event_id: number;
  type: string;
  status: EventStatus;
  user_id: number | null;
  priority: 'normal' | 'high' | 'critical';
  attempts: number;
  simulated: boolean;
  created_at: string;
  processed_at: string | null;
}

export interface EventDetail extends EventRow {
  data: unknown;
  error: string | null;
  handlings: { handler: string; status: 'completed' | 'pending' | 'failed'; handled_at: string | null }[];
}

export interface EventTypeRow {
  type: string;
  is_publishable: boolean;
  is_handled: boolean;
  handlers: string[];
}

export interface EventStats {
  by_status: { status: EventStatus; events: number; is_exact: boolean }[];
  recent: { events: number; since: string | null; by_type: { type: string; events: number }[] };
  dead_letters: number;
  oldest_pending_at: string | null;
  lag_seconds: number;
}

export interface Webhook {
  webhook_id: number;
  url: string;
  events: string[];
  description: string;
  status: 'enabled' | 'disabled';
  disabled_reason: 'failing' | 'gone' | null;
  failing_since: string | null;
  previous_until: string | null;
  version: number;
  created_at: string;
}

export interface WebhookDelivery {
  delivery_id: number;
  event_id: number;
  type: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  next_at: string | null;
  created_at: string;
  finished_at: string | null;
}
