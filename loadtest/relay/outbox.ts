/** The outbox of a server that runs, looked at from another process. */
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 250;
const NOT_HANDLED = `status IN ('pending', 'processing', 'failed')`;

export interface Backlog {
  /** Events that are not handled. */
  open: number;
  /** Age of the oldest of them. */
  lagMs: number;
}

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

export class Outbox {
  static async open(url: string): Promise<Outbox> {
    if (url.startsWith('sqlite:')) {
      const file = new Sqlite(url.slice('sqlite:'.length), { readonly: true });
      const query: Query = (sql) => Promise.resolve(file.prepare(sql).all() as Record<string, unknown>[]);
      return new Outbox(query, () => Promise.resolve(void file.close()));
    }
    const connection = await createConnection({ uri: url, timezone: 'Z', dateStrings: true });
    const query: Query = async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[];
    return new Outbox(query, () => connection.end());
  }

  private constructor(
    private readonly query: Query,
    readonly close: () => Promise<void>,
  ) {}

  async events(): Promise<number> {
    const [row] = await this.query('SELECT COUNT(*) AS events FROM business_events');
    return Number(row!['events']);
  }

  async backlog(): Promise<Backlog> {
    const [row] = await this.query(
      `SELECT COUNT(*) AS open, MIN(created_at) AS oldest FROM business_events WHERE ${NOT_HANDLED}`,
    );
    const oldest = row!['oldest'] as string | null;
    const createdMs =
      oldest === null ? Date.now() : Date.parse(`${oldest.replace(' ', 'T').replace(/Z$/, '')}Z`);
    return { open: Number(row!['open']), lagMs: Math.max(0, Date.now() - createdMs) };
  }

  /** Looks again and again. @returns what ends that, and tells the largest lag */
  watch(): () => Promise<number> {
    let isWatching = true;
    const watching = (async () => {
      let most = 0;
      while (isWatching) {
        most = Math.max(most, (await this.backlog()).lagMs);
        await sleep(LOOK_MS);
      }
      return most;
    })();
    return () => {
      isWatching = false;
      return watching;
    };
  }

  /** Settles when everything is handled. @returns how long that took, undefined when it took too long */
  async drained(patienceMs: number): Promise<number | undefined> {
    for (const startedMs = performance.now(); performance.now() - startedMs < patienceMs; await sleep(20))
      if ((await this.backlog()).open === 0) return performance.now() - startedMs;
    return undefined;
  }
}
