/**
 * `npm run month -- [--database sqlite|mariadb]`: lives the month on a new database of its own, which is removed afterwards, and prints
 * what each day came to for the diner. Exit 0: all agreed; 1: something differed; 2: wrong arguments.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedMariadb, stopSharedServers } from '../../support/shared.ts';
import { liveMonth, type LivedDay } from './live.ts';

const DATABASES = ['sqlite', 'mariadb'];
const COLUMNS = ['day', 'deeds', 'earned', 'available', 'frozen', 'level', 'streak'] as const;

async function main(given: readonly string[]): Promise<number> {
  const [option, database = 'sqlite'] = given;
  if ((option ?? '--database') !== '--database' || given.length > 2 || !DATABASES.includes(database)) {
    console.error('usage: npm run month -- [--database sqlite|mariadb]');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-month-'));
  try {
    const url = database === 'mariadb' ? await mariadbUrl() : `sqlite:${join(folder, 'month.db')}`;
    printRow(COLUMNS);
    await liveMonth(url, (day) => printRow(rowOf(day)));
    console.log('every number agreed, books balance, every draw verifies');
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stopSharedServers();
  }
}

async function mariadbUrl(): Promise<string> {
  const server = await sharedMariadb();
  return server.url(await server.createDatabase());
}

function rowOf({ day, deeds, earned, available, frozen, level, streak }: LivedDay): string[] {
  const points = [earned, available, frozen].map((amount) => (amount / 100).toFixed(2));
  return [day, String(deeds), ...points, String(level), String(streak)];
}

function printRow(cells: readonly string[]): void {
  console.log(cells.map((cell, at) => cell.padStart(at < 2 || at > 4 ? 10 : 12)).join(' '));
}

process.exitCode = await main(process.argv.slice(2));
// Sockets that are kept alive would keep the process.
process.exit();
