/** What the pages on the account read of the API. */
export interface LoginSession {
  session_id: number;
  ip: string | null;
  user_agent: string | null;
  created_at: string;
  refreshed_at: string | null;
  expires_at: string;
  is_current: boolean;
}
