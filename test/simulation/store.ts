import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource, QueryRunner } from 'typeorm';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import type { DataSources } from '../../src/platform/database/sources.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import type { Pause } from '../../src/platform/database/pause.ts';
import { InjectedFault, type Fate, type Faults } from './faults.ts';
import type { Actor, Scheduler, Wait } from './scheduler.ts';
import type { Trace } from './trace.ts';

export interface StoreParts<Node extends Actor> {
  scheduler: Scheduler;
  faults: Faults;
  trace: Trace;
  kill(node: Node): void;
  /** A transaction of the node has committed; the node does not know yet. */
  onCommitted(node: Node): void;
}

const OPENING = /^(BEGIN|SAVEPOINT)\b/;
const CLOSING = /^(COMMIT|RELEASE|ROLLBACK)\b/;

/*
 * One real SQLite database that several simulated nodes share, with a scripted fault possible at every statement.
 *
 * A transaction holds the whole database, as one that holds the campaign's row does for everyone who needs that row. Its
 * node may be paused or killed anywhere inside: a killed node's transaction is rolled back at once, a paused one's when
 * the schedule says that the database has given up on the connection. Then the zombie's next statement fails, which is
 * what a server tells a client whose connection it has closed. After COMMIT the others go on before the node knows.
 *
 * Each node has a connection of its own, as its driver tells it, on the one real connection: it sees its own transaction
 * alone, and what a node sends outside of one commits by itself.
 */
export class Store<Node extends Actor> {
  static async open<Node extends Actor>(url: string): Promise<Store<Node>> {
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    const store = new Store<Node>(sources);
    // Nothing here outlives the process.
    connectionOf(sources.write).pragma('synchronous = OFF');
    return store;
  }

  /** Committed rows. */
  readonly reader: BetterSqlite3.Database;
  /** Without nodes, gates and faults: for what is there before they are. */
  readonly bare: Database;
  /** How often the stock was changed by others than the owners. */
  stockChanges = 0;
  private readonly prepared = new Map<string, unknown>();
  /** Whose transaction holds the database. */
  private holder: Connection<Node> | undefined;
  private parts!: StoreParts<Node>;

  private constructor(private readonly sources: DataSources) {
    this.reader = connectionOf(sources.read);
    this.bare = new Database(sources);
  }

  use(parts: StoreParts<Node>): void {
    this.parts = parts;
  }

  async close(): Promise<void> {
    await this.bare.close();
  }

  /** The database as a node sees it. */
  databaseOf(node: Node, pause: Pause): Database {
    const { write, read } = this.sources;
    const connection = new Connection(node, (asked) => this.holder === asked);
    const query = async (sql: string, parameters?: unknown[]): Promise<unknown> => {
      await this.gate(node, 'read');
      return read.query(sql, parameters);
    };
    const driver = Object.assign(Object.create(write.driver) as object, {
      databaseConnection: Object.assign(connection, { close: () => this.dropConnection(node) }),
      createDatabaseConnection: () => Promise.resolve(connection),
    });
    const seenRead = Object.assign(Object.create(read) as DataSource, { query });
    const seen: DataSources = {
      dialect: 'sqlite',
      newerSteps: [],
      write: Object.assign(Object.create(write) as DataSource, {
        driver,
        createQueryRunner: () => this.runnerOf(connection),
      }),
      read: seenRead,
      current: seenRead,
    };
    return new Database(seen, { pause });
  }

  /** The node whose transaction holds the database. */
  get holdingNode(): Node | undefined {
    return this.holder?.node;
  }

  /**
   * Another tool adds to a prize's stock or takes from what there is, by a statement of its own, and tells nobody.
   * @returns by how much; 0 while a transaction holds the database.
   */
  changeStock({ prizeId, wanted }: { prizeId: number; wanted: number }): number {
    if (this.holder !== undefined) return 0;
    const { remaining } = this.reader
      .prepare('SELECT remaining_quantity AS remaining FROM lottery_prizes WHERE prize_id = ?')
      .get(prizeId) as { remaining: number };
    const by = Math.max(wanted, -remaining);
    if (by === 0) return 0;
    connectionOf(this.sources.write)
      .prepare(
        `UPDATE lottery_prizes
         SET remaining_quantity = remaining_quantity + ?, total_quantity = total_quantity + ? WHERE prize_id = ?`,
      )
      .run(by, by, prizeId);
    this.stockChanges += 1;
    return by;
  }

  /** The database gives up on the node's connection and rolls back what it had open. */
  dropConnection(node: Node): void {
    if (this.holder?.node !== node) return;
    this.holder.isLost = true;
    this.undo();
  }

  /** Rolls back what is open. */
  private undo(): void {
    connectionOf(this.sources.write).exec('ROLLBACK');
    this.holder = undefined;
  }

  private runnerOf(connection: Connection<Node>): QueryRunner {
    const { write } = this.sources;
    // The driver would hand out the runner of another node.
    (write.driver as { queryRunner?: QueryRunner | undefined }).queryRunner = undefined;
    // One connection prepares a statement once, whichever node sends it.
    const runner = Object.assign(write.createQueryRunner(), { stmtCache: this.prepared });
    const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
    runner.query = ((...given: unknown[]) =>
      this.pass(connection, String(given[0]), () => query(...given))) as QueryRunner['query'];
    return runner;
  }

  /** One statement of a node, on its way to the database and back. */
  private async pass(
    connection: Connection<Node>,
    sql: string,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    const { node } = connection;
    if (OPENING.test(sql) && this.holder !== connection) {
      await this.gate(node, 'BEGIN', { isReady: () => this.holder === undefined });
      this.strike(connection, sql);
      this.holder = connection;
      connection.isLost = false;
      return send();
    }
    if (!CLOSING.test(sql)) await this.gate(node, nameOf(sql));
    else if (sql === 'COMMIT') await this.gate(node, 'before COMMIT');
    if (connection.isLost) throw new InjectedFault('PROTOCOL_CONNECTION_LOST', nameOf(sql));
    if (this.holder === connection) this.strike(connection, sql);
    else await this.outside(connection, sql);
    const answer = await send();
    if (this.holder === connection && !connectionOf(this.sources.write).inTransaction)
      await this.ended(connection, sql);
    return answer;
  }

  /** The file fails, by itself or together with all that the transaction has done. */
  private strike({ node }: Connection<Node>, sql: string): void {
    const fault = this.parts.faults.fileFaultAt(sql);
    if (fault === undefined) return;
    this.parts.trace.add(`${node.name}: ${fault.error.message}${fault.undoes ? ', rolled back' : ''}`);
    if (fault.undoes) this.undo();
    throw fault.error;
  }

  /** Without a transaction there is nothing to end, and anything else commits by itself. */
  private async outside({ node }: Connection<Node>, sql: string): Promise<void> {
    this.parts.trace.add(`${node.name} sends ${nameOf(sql)} outside of a transaction`);
    if (CLOSING.test(sql)) throw new InjectedFault('SQLITE_ERROR', `${sql}, no transaction is active`);
    await this.parts.scheduler.park(node, 'outside', { isReady: () => this.holder === undefined });
  }

  private async ended({ node }: Connection<Node>, sql: string): Promise<void> {
    this.holder = undefined;
    if (sql === 'ROLLBACK') return;
    this.parts.trace.add(`${node.name} committed`);
    this.parts.onCommitted(node);
    await this.gate(node, 'after COMMIT');
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

/** What a node's driver tells of its connection. */
class Connection<Node extends Actor> {
  /** The database has given it up: every statement fails until another transaction begins on a new one. */
  isLost = false;

  constructor(
    readonly node: Node,
    private readonly isHolder: (connection: Connection<Node>) => boolean,
  ) {}

  get inTransaction(): boolean {
    return this.isHolder(this);
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
