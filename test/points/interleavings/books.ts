/** What the database holds after a run, held against the replay of its rows; and the product's own audit. */
import { audit } from '../../../src/books/audit.ts';
import { fromSqlPoints, fromSqlTime } from '../../../src/platform/database/sqlValues.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { activateDue } from '../../../src/points/bills/activation.ts';
import { expireAll, readEndings } from '../../../src/points/expiry.ts';
import { countOpenEarnings } from '../../../src/points/statistics/openEarnings.ts';
import { dayOf, endOfDay, endOfDayIn, periodsOf } from './days.ts';
import { SEED_KEY, TRANSFERS_PER_DAY, type Nodes } from './nodes.ts';
import type { Row } from './reading.ts';
import type { Replay } from './replay.ts';

/** Gains that are earned by nobody, and rows that are neither income nor expense, as docs/points.md says. */
const RESTORED = ['refund', 'rollback', 'transfer_in', 'unfreeze'];
const FROZEN = ['freeze', 'unfreeze'];

type Stored = Record<string, string | number | null>;

export class Books {
  rows = 0;
  private lastId = 0;
  /** By person, day and source; and by period, its start and person. */
  private readonly days = new Map<string, [income: number, expense: number]>();
  private readonly violations: string[] = [];
  private readonly earned = new Map<string, number>();

  constructor(
    private readonly nodes: Nodes,
    private readonly replay: Replay,
  ) {}

  /** While nobody moves anything. @returns what is violated */
  async check(): Promise<string[]> {
    const { database, clock, list } = this.nodes;
    // The job looks at the first moment of a day: all that ends with the day before is over.
    clock.set(endOfDay(clock.nowMs()));
    await expireAll(list[0]!);
    // Whatever is pending comes.
    clock.set(endOfDayIn(clock.nowMs(), 1));
    await activateDue(this.nodes.returning);
    await expireAll(list[0]!);
    for (const row of await readRows(database, this.lastId)) {
      this.lastId = row.id;
      this.rows += 1;
      this.replay.read(row);
      this.addUp(row);
    }
    this.replay.finish();
    await this.checkAccounts(database);
    await this.checkSums(database);
    await this.checkTransfers(database);
    await this.checkAudit();
    return [...this.replay.takeViolations(), ...this.violations.splice(0)];
  }

  private addUp({ userId, type, amount, source, atMs }: Row): void {
    const day = dayOf(atMs);
    if (FROZEN.includes(type) || amount === 0) return;
    const [income, expense] = this.days.get(`${userId} ${day} ${source}`) ?? [0, 0];
    this.days.set(`${userId} ${day} ${source}`, [
      income + Math.max(amount, 0),
      expense + Math.max(-amount, 0),
    ]);
    if (amount < 0 || RESTORED.includes(type)) return;
    for (const [period, starts] of Object.entries(periodsOf(day))) {
      const key = `${period} ${starts} ${userId}`;
      this.earned.set(key, (this.earned.get(key) ?? 0) + amount);
    }
  }

  private async checkAccounts(database: Database): Promise<void> {
    const accounts = await database.readCurrent<Stored>('SELECT * FROM user_points_accounts');
    let total = 0;
    for (const account of accounts) {
      const userId = Number(account['user_id']);
      const person = this.replay.personOf(userId);
      const stored = {
        available: fromSqlPoints(account['available_points']!),
        frozen: fromSqlPoints(account['frozen_points']!),
        debt: fromSqlPoints(account['debt_points']!),
        experience: Number(account['experience_points']),
        level: Number(account['level']),
      };
      total += fromSqlPoints(account['total_points']!);
      for (const [name, value] of Object.entries(stored)) {
        const expected = person[name as keyof typeof stored];
        if (value !== expected || value < 0)
          this.violations.push(`${name} of ${userId} is ${value}, should be ${expected}`);
      }
      const isOver = ({ endMs }: { endMs: number | null }) =>
        endMs !== null && endMs <= this.nodes.clock.nowMs();
      if ([...person.lots, ...person.holds].some(isOver))
        this.violations.push(`RP-8 lots or holds of ${userId} have ended, and the job has left them`);
      await this.checkLots(database, { userId, available: stored.available });
    }
    const { issued, spent, returned, takenBack, repaid, expired } = this.replay.flows;
    const left = issued + returned - spent - takenBack - repaid - expired;
    if (total !== left)
      this.violations.push(
        `conservation: ${total} in accounts, ${left} by answers: ${JSON.stringify(this.replay.flows)}`,
      );
  }

  private async checkLots(
    database: Database,
    { userId, available }: { userId: number; available: number },
  ): Promise<void> {
    const person = this.replay.personOf(userId);
    const endings = await readEndings(database, userId, { nowMs: 0, untilMs: Number.MAX_SAFE_INTEGER });
    const found = new Map(endings.map(({ lastMs, amountHundredths }) => [lastMs + 1, amountHundredths]));
    const never = available - [...found.values()].reduce((sum, amount) => sum + amount, 0);
    const all = new Map<number | 'never', number>([
      ...found,
      ...(never === 0 ? [] : [['never', never] as const]),
    ]);
    const shown = (ends: ReadonlyMap<number | 'never', number>) =>
      JSON.stringify([...ends].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (shown(all) !== shown(person.endings))
      this.violations.push(`RP-1 lots of ${userId} are ${shown(all)}, should be ${shown(person.endings)}`);
  }

  private async checkSums(database: Database): Promise<void> {
    const days = new Map<string, [number, number]>();
    const rows = await database.readCurrent<Stored>(
      `SELECT user_id, day, source, income, expense FROM points_daily
       UNION ALL
       SELECT user_id, open_day, open_source, open_income, open_expense FROM user_points_accounts
       WHERE open_day IS NOT NULL`,
    );
    for (const { user_id: userId, day, source, income, expense } of rows) {
      const [gained, lost] = days.get(`${userId} ${day} ${source}`) ?? [0, 0];
      const sums: [number, number] = [gained + fromSqlPoints(income!), lost + fromSqlPoints(expense!)];
      if (sums[0] + sums[1] > 0) days.set(`${userId} ${day} ${source}`, sums);
    }
    // What draws have earned may be open still.
    await countOpenEarnings(this.nodes.list[0]!);
    const earned = (
      await database.readCurrent<Stored>('SELECT period, starts, user_id, earned FROM points_earned')
    ).map(
      (row) =>
        [`${row['period']} ${row['starts']} ${row['user_id']}`, fromSqlPoints(row['earned']!)] as const,
    );
    this.compare('P-12 sum of', days, this.days);
    this.compare('RP-14 earned in', new Map(earned), this.earned);
  }

  /** P-3: nobody gives away more than the limit of a day, but for what was rejected. */
  private async checkTransfers(database: Database): Promise<void> {
    const rows = await database.readCurrent<Stored>(
      `SELECT from_user_id, business_day, SUM(amount) AS given FROM points_transfers WHERE status <> 'rejected'
       GROUP BY from_user_id, business_day HAVING SUM(amount) > ?`,
      [TRANSFERS_PER_DAY],
    );
    for (const { from_user_id: userId, business_day: day, given } of rows)
      this.violations.push(`P-3 ${userId} gave ${given} on ${day}`);
  }

  private compare(what: string, found: ReadonlyMap<string, unknown>, expected: ReadonlyMap<string, unknown>) {
    for (const key of new Set([...found.keys(), ...expected.keys()])) {
      const [is, should] = [found.get(key), expected.get(key)].map((value) => JSON.stringify(value));
      if (is !== should) this.violations.push(`${what} ${key} is ${is}, should be ${should}`);
    }
  }

  private async checkAudit(): Promise<void> {
    const lines: string[] = [];
    await audit({ databaseUrl: this.nodes.url, seedKey: SEED_KEY }, (line) => lines.push(line));
    if (lines[0] !== 'books balance') this.violations.push(...lines);
  }
}

async function readRows(database: Database, after: number): Promise<Row[]> {
  const rows = await database.readCurrent<Stored & { created_at: Date | string }>(
    'SELECT * FROM points_transactions WHERE transaction_id > ? ORDER BY transaction_id',
    [after],
  );
  return rows.map((row) => ({
    id: Number(row.transaction_id),
    userId: Number(row.user_id),
    type: String(row.transaction_type),
    amount: fromSqlPoints(row.amount!),
    before: fromSqlPoints(row.balance_before!),
    after: fromSqlPoints(row.balance_after!),
    source: String(row.source),
    relatedId: row.related_id === null ? null : String(row.related_id),
    atMs: fromSqlTime(row.created_at),
  }));
}
