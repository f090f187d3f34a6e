/** Of the API, as the OpenAPI document has it. */
export type BroadcastStatus = 'scheduled' | 'collecting' | 'sending' | 'completed' | 'failed' | 'cancelled';
export const BROADCAST_STATUSES: readonly BroadcastStatus[] = [
  'scheduled',
  'collecting',
  'sending',
  'completed',
  'failed',
  'cancelled',
];

export const NOTICE_TYPES = {
  system: ['announcement', 'maintenance', 'security', 'version'],
  activity: ['offer', 'campaign_launched'],
} as const;
export type NoticeKind = keyof typeof NOTICE_TYPES;

export interface Broadcast {
  broadcast_id: number;
  status: BroadcastStatus;
  kind: string;
  type: string;
  audience: Record<string, unknown>;
  title: { 'zh-CN': string; en: string } | null;
  body: { 'zh-CN': string; en: string } | null;
  send_at: string;
  /** 0 to 1. */
  progress: number;
  total: number | null;
  sent: number;
  left_out: number;
  failed: number;
  created_by: number | null;
  created_at: string;
  finished_at: string | null;
}
