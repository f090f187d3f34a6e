import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { openDataSources, type DataSources } from '../src/database/dataSource.ts';
import { Database } from '../src/database/transaction.ts';
import type { Pause } from '../src/database/pause.ts';
import { InjectedFault, type Fate, type Faults } from './faults.ts';
import type { Node } from './node.ts';
import type { Scheduler, Wait } from './scheduler.ts';
import type { Trace } from './trace.ts';

export interface StoreParts {
  scheduler: Scheduler;
  faults: Faults;
  trace: Trace;
  kill(node: Node): void;
  /** A transaction of the node has committed; the node does not know yet. */
  onCommitted(node: Node): void;
}

/** An open transaction; the database may drop it while its node is paused or dead. */
interface OpenTransaction {
  node: Node;
}

const CONTROL = new Set(['BEGIN TRANSACTION', 'COMMIT', 'ROLLBACK']);

/*
 * One real SQLite database that several simulated nodes share, with a scripted fault possible at every statement.
 *
 * A transaction holds the whole database, as one that holds the campaign's row does for everyone who needs that row. Its
 * node may be paused or killed anywhere inside: a killed node's transaction is rolled back at once, a paused one's when
 * the schedule says that the database has given up on the connection. Then the zombie's next statement fails, which is
 * what a server tells a client whose connection it has closed. After COMMIT the others go on before the node knows.
 */
export class Store {
  static async open(url: string): Promise<Store> {
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    const store = new Store(sources);
    // Nothing here outlives the process.
    connectionOf(sources.write).pragma('synchronous = OFF');
    return store;
  }

  /** Committed rows. */
  readonly reader: BetterSqlite3.Database;
  /** Without nodes, gates and faults: for what is there before they are. */
  readonly bare: Database;
  private holder: OpenTransaction | undefined;
  private parts!: StoreParts;

  private constructor(private readonly sources: DataSources) {
    this.reader = connectionOf(sources.read);
    this.bare = new Database(sources);
  }

  use(parts: StoreParts): void {
    this.parts = parts;
  }

  async close(): Promise<void> {
    await this.bare.close();
  }

  /** The database as a node sees it. */
  databaseOf(node: Node, pause: Pause): Database {
    const { write, read } = this.sources;
    const transaction = <T>(work: (manager: EntityManager) => Promise<T>) =>
      this.runnerOf(node).manager.transaction(work);
    const query = async (sql: string, parameters?: unknown[]): Promise<unknown> => {
      await this.gate(node, 'read');
      return read.query(sql, parameters);
    };
    const seen: DataSources = {
      dialect: 'sqlite',
      write: Object.assign(Object.create(write) as DataSource, { transaction }),
      read: Object.assign(Object.create(read) as DataSource, { query }),
    };
    return new Database(seen, pause);
  }

  /** The node whose transaction holds the database. */
  get holdingNode(): Node | undefined {
    return this.holder?.node;
  }

  /** The database gives up on the node's connection and rolls back what it had open. */
  dropConnection(node: Node): void {
    if (this.holder?.node !== node) return;
    connectionOf(this.sources.write).exec('ROLLBACK');
    this.holder = undefined;
  }

  private runnerOf(node: Node): QueryRunner {
    const { write } = this.sources;
    // The driver would hand out the same runner again, and with it the state of a dead node's transaction.
    (write.driver as { queryRunner?: QueryRunner | undefined }).queryRunner = undefined;
    const runner = write.createQueryRunner();
    const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
    const start = runner.startTransaction.bind(runner);
    const commit = runner.commitTransaction.bind(runner);
    const rollback = runner.rollbackTransaction.bind(runner);
    let own: OpenTransaction | undefined;
    const mustBeOpen = (point: string) => {
      if (own === undefined || this.holder !== own)
        throw new InjectedFault('PROTOCOL_CONNECTION_LOST', point);
    };

    runner.startTransaction = async () => {
      await this.gate(node, 'BEGIN', { isReady: () => this.holder === undefined });
      own = this.holder = { node };
      await start();
    };
    runner.query = (async (...given: unknown[]) => {
      const sql = String(given[0]);
      if (!CONTROL.has(sql)) {
        const point = nameOf(sql);
        await this.gate(node, point);
        mustBeOpen(point);
      }
      return query(...given);
    }) as QueryRunner['query'];
    runner.commitTransaction = async () => {
      await this.gate(node, 'before COMMIT');
      mustBeOpen('COMMIT');
      await commit();
      this.holder = undefined;
      this.parts.trace.add(`${node.name} committed`);
      this.parts.onCommitted(node);
      await this.gate(node, 'after COMMIT');
    };
    runner.rollbackTransaction = async () => {
      if (own === undefined || this.holder !== own) return;
      await rollback();
      this.holder = undefined;
    };
    return runner;
  }

  /** Where the schedule may step in. Returns when the node goes on, throws when the statement fails, else never settles. */
  private async gate(node: Node, point: string, wait: Wait = {}): Promise<void> {
    const { faults, trace, scheduler } = this.parts;
    const fate: Fate = faults.fateAt(point);
    if (fate !== 'go on' && fate !== 'wait') trace.add(`${node.name} ${fate} at ${point}`);
    if (fate === 'fail') throw faults.failure(point);
    if (fate === 'kill') this.parts.kill(node);
    if (fate === 'pause') node.isPaused = true;
    if (fate !== 'go on') await scheduler.park(node, point, wait);
  }
}

/** INSERT INTO lottery_draws, UPDATE lottery_prizes … */
function nameOf(sql: string): string {
  const words = /^\s*(SELECT|INSERT|UPDATE|DELETE)\b(?:[\s\S]*?\b(?:FROM|INTO)\b)?\s+"?(\w+)/.exec(sql);
  return words === null ? sql.slice(0, 20) : `${words[1]} ${words[2]}`;
}

function connectionOf(source: DataSource): BetterSqlite3.Database {
  return (source.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
}
