/** Of the API, as the OpenAPI document has it. */
import type { Role } from '../people/wire.ts';

export interface ApiKey {
  api_key_id: number;
  name: string;
  prefix: string;
  permissions: string[];
  restaurant_id: number | null;
  networks: string[];
  created_by: number;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  previous_until: string | null;
  last_used_at: string | null;
  last_used_ip: string | null;
}

export interface RolePermission {
  permission: string;
  is_granted: boolean;
  is_granted_by_default: boolean;
  is_changed: boolean;
}

export interface RoleRow {
  role: Role;
  permissions: RolePermission[];
}

export interface AuditRow {
  audit_id: number;
  actor_id: number | null;
  api_key_id: number | null;
  action: string;
  target_type: string;
  target_id: string;
  before: unknown;
  after: unknown;
  ip: string;
  request_id: string;
  created_at: string;
}

export interface LoginRow {
  log_id: number;
  user_id: number | null;
  mobile: string;
  outcome: string;
  flags: string[];
  device_id: string | null;
  ip: string;
  network: string;
  user_agent: string | null;
  created_at: string;
}

export interface AllowedNetwork {
  entry_id: number;
  cidr: string;
  note: string;
  created_at: string;
}
