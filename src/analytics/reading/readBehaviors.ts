/*
 * What clients tell of people, person by person: each of them whole, in the order of their deeds, a bounded part in memory. People come
 * in the order of their ids, their rows by the index of people and times; after each statement others go first.
 */
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import { forceIndex } from '../../platform/database/forceIndex.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { Deed, Span } from '../funnel/definition.ts';
import { People, type Accounts } from './people.ts';
import type { ReadingBudget } from './budget.ts';

/** A row of a client. */
export interface Behavior extends Deed {
  durationMs: number | null;
}

export interface Person {
  personId: number;
  /** In the order of their moments. */
  behaviors: Behavior[];
}

/** Only rows of a kind, or of a kind and name. */
export interface Wanted {
  kind: string;
  name?: string;
}

export interface AskedBehaviors extends Span {
  /** Absent: all. */
  wanted?: readonly Wanted[];
  /** Absent: everybody. */
  userId?: number;
}

const PEOPLE_AT_ONCE = 100;
const PAGE = 2000;
/** Of one account: who has more is told of by the first of them. */
const MOST_OF_ACCOUNT = 20_000;

export async function* readBehaviors(
  database: Database,
  asked: AskedBehaviors,
  budget: ReadingBudget,
): AsyncGenerator<Person> {
  const reading = { database, asked, budget };
  const people = new People(database.reader);
  for await (const userIds of accountsWithRows(reading)) {
    yield* readPeople(reading, await people.of(userIds));
    if (budget.isTruncated) return;
  }
}

interface Reading {
  database: Database;
  asked: AskedBehaviors;
  budget: ReadingBudget;
}

async function* accountsWithRows({ database, asked, budget }: Reading): AsyncGenerator<number[]> {
  if (asked.userId !== undefined) {
    yield [asked.userId];
    return;
  }
  const index = forceIndex(database.dialect, 'analytics_behaviors_user');
  for (let after = 0; ;) {
    const rows = await database.read<{ user_id: number }>(
      `SELECT DISTINCT user_id FROM analytics_behaviors${index} WHERE user_id > ? ORDER BY user_id LIMIT ${PEOPLE_AT_ONCE}`,
      [after],
    );
    await budget.spend(0);
    const userIds = rows.map(({ user_id: userId }) => Number(userId));
    if (userIds.length > 0) yield userIds;
    if (userIds.length < PEOPLE_AT_ONCE) return;
    after = userIds.at(-1)!;
  }
}

/** Who has one account is told of as soon as all of it is read, who has several behind them. */
async function* readPeople(reading: Reading, people: readonly Accounts[]): AsyncGenerator<Person> {
  const personOf = new Map(people.flatMap(({ personId, userIds }) => userIds.map((id) => [id, personId])));
  const several = new Map(
    people.filter(({ userIds }) => userIds.length > 1).map(({ personId }) => [personId, [] as Behavior[]]),
  );
  for await (const { userId, behaviors } of readAccounts(reading, [...personOf.keys()])) {
    const personId = personOf.get(userId)!;
    const known = several.get(personId);
    if (known === undefined) yield { personId, behaviors };
    else known.push(...behaviors);
  }
  if (reading.budget.isTruncated) return;
  for (const [personId, behaviors] of several)
    yield { personId, behaviors: behaviors.sort((a, b) => a.atMs - b.atMs) };
}

interface Account {
  userId: number;
  behaviors: Behavior[];
}

/** Of what comes in pages, the last account goes on in the next ones. */
async function* readAccounts(reading: Reading, ids: readonly number[]): AsyncGenerator<Account> {
  let left = ids.toSorted((a, b) => a - b);
  while (left.length > 0) {
    const rows = await readRows(reading, left);
    const accounts = Map.groupBy(rows, (row) => Number(row.user_id));
    const isWhole = rows.length < PAGE;
    const lastId = Number(rows.at(-1)?.user_id ?? 0);
    if (!isWhole) accounts.set(lastId, await readRest(reading, accounts.get(lastId)!));
    for (const [userId, own] of accounts) yield { userId, behaviors: own.map(behaviorOf) };
    if (isWhole || reading.budget.isTruncated) return;
    left = left.filter((id) => id > lastId);
  }
}

async function readRest(reading: Reading, rows: readonly Row[]): Promise<Row[]> {
  const all = [...rows];
  while (all.length < MOST_OF_ACCOUNT && !reading.budget.isTruncated) {
    const last = all.at(-1)!;
    const page = await readRows(reading, [Number(last.user_id)], last);
    all.push(...page);
    if (page.length < PAGE) break;
  }
  return all;
}

interface Row {
  behavior_id: number | string;
  user_id: number | string;
  visit_id: string;
  kind: string;
  name: string;
  target_type: string | null;
  target_id: number | null;
  duration_ms: number | null;
  occurred_at: Date | string;
}

const COLUMNS =
  'behavior_id, user_id, visit_id, kind, name, target_type, target_id, duration_ms, occurred_at';

async function readRows(
  { database, asked, budget }: Reading,
  userIds: readonly number[],
  after?: Row,
): Promise<Row[]> {
  const index = forceIndex(database.dialect, 'analytics_behaviors_user');
  const { fromMs, toMs, wanted } = asked;
  const parameters: unknown[] = [userIds, sqlTime(fromMs), sqlTime(toMs)];
  const conditions = ['user_id IN (?) AND occurred_at >= ? AND occurred_at < ?'];
  if (wanted !== undefined) {
    const each = wanted.map(({ name }) => (name === undefined ? 'kind = ?' : '(kind = ? AND name = ?)'));
    conditions.push(`(${each.join(' OR ')})`);
    parameters.push(...wanted.flatMap(({ kind, name }) => (name === undefined ? [kind] : [kind, name])));
  }
  if (after !== undefined) {
    const at = sqlTime(fromSqlTime(after.occurred_at));
    conditions.push('(occurred_at > ? OR (occurred_at = ? AND behavior_id > ?))');
    parameters.push(at, at, after.behavior_id);
  }
  const rows = await database.read<Row>(
    `SELECT ${COLUMNS} FROM analytics_behaviors${index} WHERE ${conditions.join(' AND ')}
     ORDER BY user_id, occurred_at, behavior_id LIMIT ${PAGE}`,
    parameters,
  );
  await budget.spend(rows.length);
  return rows;
}

function behaviorOf(row: Row): Behavior {
  return {
    kind: row.kind,
    name: row.name,
    targetType: row.target_type,
    targetId: row.target_id,
    visitId: row.visit_id,
    durationMs: row.duration_ms,
    atMs: fromSqlTime(row.occurred_at),
  };
}
