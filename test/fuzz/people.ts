/**
 * Who calls in a fuzzed run. What a run does to people (blocks them, takes their roles, closes their accounts, shuts the
 * administration to every address) is undone again and again, straight in the database: a run that has locked itself out
 * finds nothing more.
 */
import type { Role } from '../../entities/identity/User.ts';
import { recordAccessChanges } from '../../src/identity/access/accessFeed.ts';
import type { Tx } from '../../src/platform/database/transaction.ts';
import type { RunningServer } from '../support/server.ts';

export interface Person {
  mobile: string;
  role: Role;
  /** undefined: logs in before the next request. */
  token: string | undefined;
}

const ROLES: Record<string, Role> = {
  '13800000000': 'super_admin',
  '13800000001': 'admin',
  '13800000002': 'staff',
  '13900000001': 'user',
  '13900000002': 'user',
  '13900000003': 'user',
};
export const MOBILES = Object.keys(ROLES);
/** Tables that say what somebody may not do, or may do beyond their role. */
const RESTRICTIONS = ['login_locks', 'role_permissions', 'user_permissions', 'ip_allow_list'];

export class People {
  readonly all: Person[] = Object.entries(ROLES).map(([mobile, role]) => ({
    mobile,
    role,
    token: undefined,
  }));

  constructor(private readonly server: RunningServer) {}

  /** A token that is good now. */
  async tokenOf(person: Person): Promise<string> {
    if (person.token === undefined) {
      await this.restore();
      person.token = (await this.server.login(person.mobile)).token;
      // Somebody whose account was closed is registered anew, as a plain user.
      await this.restore();
    }
    return person.token;
  }

  async restore(): Promise<void> {
    const { database, access } = this.server.context;
    await database.retryingTransaction(async (tx) => {
      for (const { mobile, role } of this.all) await restoreUser(tx, mobile, role);
      for (const table of RESTRICTIONS) await tx.execute(`DELETE FROM ${table}`);
      await recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], Date.now());
    });
    await access.changed();
  }
}

async function restoreUser(tx: Tx, mobile: string, role: Role): Promise<void> {
  await tx.execute("UPDATE users SET status = 'active', role = ? WHERE mobile = ?", [role, mobile]);
}
