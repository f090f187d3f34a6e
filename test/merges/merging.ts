/** A server with people who have two accounts each. */
import assert from 'node:assert/strict';
import { audit } from '../../src/books/audit.ts';
import { openWinning, type Winning } from '../inventory/won.ts';
import type { Answer, Login } from '../support/server.ts';

export type Account = Login & { mobile: string };

let nextMobile = 15_310_000_000;

export interface Merging extends Omit<Winning, 'recruit' | 'pass'> {
  /** Somebody new, whom nothing is given for coming. */
  recruit(): Promise<Account>;
  /** Time passes, and the administration and these log in anew. */
  pass(durationMs: number, ...people: Account[]): Promise<void>;
  ask(from: Login, into: Login, more?: object, by?: Login): Promise<Answer<any>>;
  confirm(mergeId: number, by: Login, code?: string): Promise<Answer<any>>;
  approve(approvalId: number, by: Login, decision?: 'approve' | 'reject'): Promise<Answer<any>>;
  /** The two ask and confirm. @returns the id of the merge */
  merge(from: Login, into: Login): Promise<number>;
  earn(by: Login, amount: number, more?: object): Promise<void>;
  accountOf(by: Login): Promise<any>;
  /** What the ledger says of somebody who cannot be asked any more. */
  rows(sql: string, ...parameters: unknown[]): Promise<any[]>;
  balances(): Promise<void>;
}

export const detailsOf = (answer: { details: unknown }) => answer.details as any;
export const outcomeOf = (answer: { status: number; code: string; details: unknown }) => [
  answer.status,
  answer.code,
  detailsOf(answer)?.reason,
];

export function ok<Data>(answer: Answer<Data>): Answer<Data> {
  assert.equal(answer.code, 'OK', JSON.stringify(answer.details));
  return answer;
}

export async function openMerging(url: string, environment: NodeJS.ProcessEnv = {}): Promise<Merging> {
  const here = await openWinning(url, environment);
  const { call, admin, staff } = here;
  const { database } = here.venue.context;
  await database.transaction((tx) =>
    tx.execute(`UPDATE points_rules SET published_version = NULL WHERE type = 'first_login'`),
  );
  let keys = 0;
  const ask: Merging['ask'] = (from, into, more = {}, by = admin) =>
    call(
      'POST',
      `/admin/users/${from.userId}/merges`,
      { into_user_id: into.userId, reason: '更换手机号', ...more },
      by,
    );
  const confirm: Merging['confirm'] = (mergeId, by, code = '123456') =>
    call('POST', `/auth/merges/${mergeId}/confirm`, { code }, by);
  return {
    ...here,
    ask,
    confirm,
    approve: (approvalId, by, decision = 'approve') =>
      call('POST', `/admin/approvals/${approvalId}`, { decision, reason: '已核对' }, by),
    merge: async (from, into) => {
      const { merge_id: mergeId } = ok(await ask(from, into)).data;
      ok(await confirm(mergeId, from));
      assert.equal(ok(await confirm(mergeId, into)).data.status, 'done');
      return mergeId;
    },
    earn: async ({ userId }, amount, more = {}) => {
      const body = { user_id: userId, amount, reason: '测试', source: 'test', ...more };
      const key = { headers: { 'Idempotency-Key': `earn-${++keys}` } };
      ok(await call('POST', '/points/earn', body, staff, key));
    },
    accountOf: async (by) => ok(await call('GET', '/points/account', undefined, by)).data,
    rows: async (sql, ...parameters) =>
      (await database.readCurrent<object>(sql, parameters)).map((row) => ({ ...row })),
    balances: async () => {
      const lines: string[] = [];
      await audit({ databaseUrl: url, seedKey: Buffer.alloc(32, 7) }, (line) => lines.push(line));
      assert.equal(lines[0], 'books balance', lines.join('\n'));
    },
    recruit: async () => {
      const mobile = String(nextMobile++);
      return { ...(await here.venue.login(mobile)), mobile };
    },
    pass: async (durationMs, ...people) => {
      await here.pass(durationMs);
      for (const person of people) Object.assign(person, await here.venue.login(person.mobile));
    },
  };
}
