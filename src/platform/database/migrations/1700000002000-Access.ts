import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  boolean,
  createTables,
  dropTables,
  exactText,
  hash,
  id,
  integer,
  key,
  orNull,
  text,
  time,
  varchar,
  withDefault,
  type Column,
  type TableShape,
} from './tables.ts';

const TABLES: Record<string, TableShape> = {
  rotated_refresh_tokens: {
    columns: { token_hash: key(hash), session_id: integer, rotated_at: time },
    indices: [{ name: 'rotated_refresh_tokens_session', columnNames: ['session_id'] }],
  },
  login_locks: {
    columns: {
      mobile: key(varchar(16)),
      consecutive_fail_count: withDefault(integer, 0),
      locked_until: orNull(time),
      updated_at: time,
    },
  },
  login_logs: {
    columns: {
      log_id: id,
      user_id: orNull(integer),
      session_id: orNull(integer),
      mobile: varchar(16),
      outcome: varchar(32),
      flags: text,
      device_id: orNull(varchar(128)),
      ip: varchar(64),
      network: varchar(64),
      user_agent: orNull(varchar(256)),
      created_at: time,
    },
    indices: [
      { name: 'login_logs_user', columnNames: ['user_id', 'log_id'] },
      { name: 'login_logs_created', columnNames: ['created_at'] },
    ],
  },
  user_devices: {
    columns: {
      user_id: key(integer),
      device_id: key(exactText(128)),
      first_seen_at: time,
      last_seen_at: time,
    },
    indices: [{ name: 'user_devices_device', columnNames: ['device_id'] }],
  },
  role_permissions: {
    columns: {
      role: key(varchar(16)),
      permission: key(varchar(64)),
      is_granted: boolean,
      updated_at: time,
    },
  },
  user_permissions: {
    columns: {
      user_id: key(integer),
      permission: key(varchar(64)),
      is_granted: boolean,
      updated_at: time,
    },
  },
  admin_audit_logs: {
    columns: {
      audit_id: id,
      actor_id: integer,
      action: varchar(64),
      target_type: varchar(32),
      target_id: varchar(64),
      state_before: orNull(text),
      state_after: orNull(text),
      ip: varchar(64),
      request_id: varchar(64),
      created_at: time,
    },
    indices: [
      { name: 'admin_audit_logs_target', columnNames: ['target_type', 'target_id'] },
      { name: 'admin_audit_logs_actor', columnNames: ['actor_id'] },
    ],
  },
  ip_allow_list: {
    columns: { entry_id: id, cidr: varchar(64), note: varchar(255), created_at: time },
    indices: [{ name: 'ip_allow_list_cidr', columnNames: ['cidr'], isUnique: true }],
  },
  access_version: { columns: { id: key(integer), version: integer } },
};

const SESSION_COLUMNS: Record<string, Column> = {
  refreshed_at: orNull(time),
  revoked_reason: orNull(varchar(32)),
};
/** Every node asks for the latest revocations all the time, and for the few users who are more than users. */
const REVOKED = { name: 'customer_sessions_revoked', columnNames: ['revoked_at'] };
const ROLES = { name: 'users_role', columnNames: ['role'] };

/** Who may do what, from where, and what became of logins. */
export class Access1700000002000 implements MigrationInterface {
  readonly name = 'Access1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    await runner.query('INSERT INTO access_version (id, version) VALUES (1, 1)');
    await addColumns(runner, 'customer_sessions', SESSION_COLUMNS);
    await runner.createIndex('customer_sessions', new TableIndex(REVOKED));
    await runner.createIndex('users', new TableIndex(ROLES));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('users', ROLES.name);
    await runner.dropIndex('customer_sessions', REVOKED.name);
    await runner.dropColumns('customer_sessions', Object.keys(SESSION_COLUMNS));
    await dropTables(runner, TABLES);
  }
}
