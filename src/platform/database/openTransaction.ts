import type { QueryRunner } from 'typeorm';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { businessDayOf } from '../clock.ts';
import type { Dialect } from './sources.ts';
import { expandLists, flatten } from './placeholders.ts';
import { RowCountError, type Tx } from './tx.ts';

export interface OpenTransactionOptions {
  /** Its connection. */
  runner: QueryRunner;
  dialect: Dialect;
  topics: Set<string>;
  /** That business days are of. */
  timezone: string;
  /** What begins the transaction, sent with its first statements; absent: it has been begun. */
  begin?: string;
  /** What ends it, sent with the statements of a turn that is said to be the last; absent: that is the door's to send. */
  commit?: string;
  /** Looks at each answer, that to `begin` among them. Throws when it says that the transaction is not open any more. */
  inspect?(answer: unknown): void;
  /** Looks at the answer to `commit`. Throws when it says that the transaction is open still. */
  inspectEnd?(answer: unknown): void;
}

const FOR_UPDATE = { lock: { mode: 'pessimistic_write' } } as const;

/** A statement that somebody waits for. */
interface Asked extends Statement {
  /** How many rows it must find. */
  mustFind: number | undefined;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/*
 * What one transaction sees of its connection, through `Tx` and TypeORM alike. It is for work only: BEGIN, COMMIT and
 * ROLLBACK are the door's.
 *
 * States: open → failed → over, or open → over.
 *   open    statements are sent
 *   failed  a statement has failed. What the database has rolled back with it is not always known, and what is sent after
 *           a deadlock runs outside of any transaction: nothing more is sent, and there is no COMMIT, even when the
 *           error was passed over (DB-6)
 *   over    the door has ended it. A statement that comes late would be somebody else's
 *
 * Statements reach the database in the order in which they were asked for. On MySQL those of one turn travel together, and the
 * server stops at the first that fails: whoever asks for several at once waits for one answer instead of one after the other.
 * On SQLite, where an answer is not waited for, each is sent once the one before it has worked.
 */
export class OpenTransaction {
  readonly tx: Tx;
  private firstFailure: { error: unknown } | undefined;
  private readonly asked: Asked[] = [];
  /** There while a statement has no answer. */
  private sending: Promise<void> | undefined;
  private isOver = false;
  private isBegun: boolean;
  /** What is asked for in this turn is the last. */
  private isLastTurn = false;
  private isEnded = false;

  constructor(private readonly options: OpenTransactionOptions) {
    const { dialect, topics, timezone, begin } = options;
    this.isBegun = begin === undefined;
    const runner = this.guardedRunner();
    const send = (sql: string, parameters: unknown[]) =>
      [expandLists(sql, parameters, dialect), flatten(parameters, dialect)] as const;
    this.tx = {
      dialect,
      topics,
      manager: runner.manager,
      namedLocks: new Set(),
      timezone,
      dayOf: (timeMs) => businessDayOf(timeMs, timezone),
      isFailed: () => this.firstFailure !== undefined,
      query: async <Row>(sql: string, parameters: unknown[] = []) =>
        (await runner.query(...send(sql, parameters))) as Row[],
      execute: async (sql, parameters = []) =>
        (await runner.query(...send(sql, parameters), true)).affected ?? 0,
      executeExactly: async (rows, sql, parameters = []) => {
        const [text, values] = send(sql, parameters);
        const { affected } = (await this.query(text, values, true, rows)) as QueryResult;
        if (affected === rows) return;
        const error = new RowCountError(`${affected} rows instead of ${rows}: ${sql}`);
        this.firstFailure ??= { error };
        throw error;
      },
      finish: () => (this.isLastTurn = true),
      isFinished: () => this.isLastTurn,
      lock: (entity, which) =>
        runner.manager.find(entity, dialect === 'mysql' ? { ...which, ...FOR_UPDATE } : which),
    };
  }

  /** Whether the database has been sent anything of it. */
  get hasBegun(): boolean {
    return this.isBegun;
  }

  /** Whether it has been committed already, by what was the last. */
  get hasEnded(): boolean {
    return this.isEnded;
  }

  /** The first statement that failed. */
  get failure(): unknown {
    return this.firstFailure?.error;
  }

  /** @throws the error that was passed over, or an Error when the work has not waited for one of its statements. */
  mustBeWhole(): void {
    if (this.firstFailure !== undefined) throw this.firstFailure.error;
    if (this.sending !== undefined)
      throw new Error('A transaction returned while a statement of it was running');
  }

  /** Takes no more statements. What is on its way has had its answer when this resolves: behind a ROLLBACK it would be kept. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.sending;
  }

  /** A runner of its own, so that its state ends with it; the connection and its prepared statements are the real one's. */
  private guardedRunner(): QueryRunner {
    const { runner } = this.options;
    const guarded = Object.assign(Object.create(runner) as QueryRunner, {
      // TypeORM would open a transaction of its own around a `save`.
      isTransactionActive: true,
      query: this.query.bind(this),
      startTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      stream: refuse,
    });
    runner.dataSource.createEntityManager(guarded);
    return guarded;
  }

  private query(
    sql: string,
    parameters: unknown[] = [],
    isStructured = false,
    mustFind?: number,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.asked.push({ sql, parameters, isStructured, mustFind, resolve, reject });
      this.sending ??= this.sendAsked();
    });
  }

  private async sendAsked(): Promise<void> {
    // What else this turn asks for travels along.
    await Promise.resolve();
    while (this.asked.length > 0) {
      const together = this.options.dialect === 'mysql' ? this.asked.splice(0) : this.asked.splice(0, 1);
      let settle: (one: Asked, at: number) => void;
      try {
        const answers = await this.send(together);
        settle = ({ resolve }, at) => resolve(answers[at]);
      } catch (error) {
        settle = ({ reject }) => reject(error);
      }
      together.forEach((one, at) => settle(one, at));
    }
    this.sending = undefined;
  }

  /** One answer per statement. @throws what one of them has met. */
  private async send(together: readonly Asked[]): Promise<unknown[]> {
    if (this.isOver || this.isEnded) throw new Error('A statement came after the end of its transaction');
    if (this.firstFailure !== undefined) throw this.firstFailure.error;
    const { runner, begin, commit, inspect, inspectEnd } = this.options;
    const isEnd = this.isLastTurn && commit !== undefined;
    const opening = this.isBegun || begin === undefined ? [] : [plain(begin)];
    this.isBegun = true;
    this.isEnded = isEnd;
    const statements: readonly Statement[] = isEnd ? [...together.flatMap(guarded), plain(commit)] : together;
    try {
      const answers = await answersOf(runner, [...opening, ...statements]);
      if (isEnd) inspectEnd?.(answers.pop());
      if (inspect !== undefined) answers.forEach(inspect);
      const asked = new Set<Statement>(together);
      return answers.slice(opening.length).filter((_, at) => asked.has(statements[at]!));
    } catch (thrown) {
      const error = isGuards(thrown)
        ? new RowCountError('A statement found other rows', { cause: thrown })
        : thrown;
      this.firstFailure ??= { error };
      throw error;
    }
  }
}

interface Statement {
  sql: string;
  parameters: unknown[];
  /** In TypeORM's own shape, rather than as the driver has it. */
  isStructured: boolean;
}

function plain(sql: string): Statement {
  return { sql, parameters: [], isStructured: false };
}

/** Nobody looks at an answer before COMMIT has been done: a statement that must find some rows is followed by one that fails else. */
function guarded(asked: Asked): Statement[] {
  if (asked.mustFind === undefined) return [asked];
  return [asked, plain(`SELECT IF(ROW_COUNT() = ${asked.mustFind}, 0, (SELECT 1 UNION ALL SELECT 2))`)];
}

function isGuards(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ER_SUBQUERY_NO_1_ROW';
}

async function answersOf(runner: QueryRunner, statements: readonly Statement[]): Promise<unknown[]> {
  if (statements.length === 1) {
    const { sql, parameters, isStructured } = statements[0]!;
    const answer: unknown = await (isStructured
      ? runner.query(sql, parameters, true)
      : runner.query(sql, parameters));
    return [answer];
  }
  const text = statements.map(({ sql }) => sql).join(';\n');
  const answers = (await runner.query(
    text,
    statements.flatMap(({ parameters }) => parameters),
  )) as unknown[];
  return statements.map(({ isStructured }, at) => (isStructured ? structured(answers[at]) : answers[at]));
}

/** An answer of the driver's as TypeORM's runner would tell it. */
function structured(raw: unknown): QueryResult {
  const result = new QueryResult();
  result.raw = raw;
  if (Array.isArray(raw)) result.records = raw;
  else result.affected = (raw as { affectedRows: number }).affectedRows;
  return result;
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('A transaction has no transactions inside'));
}
