import type { DrawnRecord } from '../../../src/lottery/views.ts';

export interface ListedDraw extends DrawnRecord {
  epoch: number;
  log_no: number;
  user: { user_id: number; nickname: string; avatar_url: string | null };
}
