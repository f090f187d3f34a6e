import BetterSqlite3 from 'better-sqlite3';
import { DataSource } from 'typeorm';

/** A second connection, which sees what another process would find. */
export interface Onlooker {
  pairs(): Promise<{ name: string; count: number }[]>;
  kill(connectionId: number): Promise<void>;
  close(): Promise<void>;
}

const PAIRS = 'SELECT nickname AS name, COUNT(*) AS count FROM users GROUP BY nickname';

export async function openOnlooker(url: string): Promise<Onlooker> {
  if (url.startsWith('sqlite:')) {
    const file = new BetterSqlite3(url.slice('sqlite:'.length), { readonly: true });
    return {
      pairs: async () => file.prepare<[], { name: string; count: number }>(PAIRS).all(),
      kill: () => Promise.reject(new Error('SQLite has no connections to kill')),
      close: async () => void file.close(),
    };
  }
  const source = await new DataSource({ type: 'mysql', url, poolSize: 1 }).initialize();
  return {
    pairs: async () => {
      const rows = await source.query<{ name: string; count: number | string }[]>(PAIRS);
      return rows.map(({ name, count }) => ({ name, count: Number(count) }));
    },
    kill: (id) => source.query('KILL ?', [id]),
    close: () => source.destroy(),
  };
}
