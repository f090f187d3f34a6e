/**
 * The whole way back: diners draw on a real server, a backup is made meanwhile, the server is killed and its database removed, the backup is
 * restored, and they go on drawing.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Accounts, type Account } from '../../loadtest/accounts.ts';
import { checkInDatabase } from '../../loadtest/acknowledged.ts';
import { Diner } from '../../loadtest/diner.ts';
import { eachOf } from '../../loadtest/eachOf.ts';
import { Figures } from '../../loadtest/figures.ts';
import { HttpClient } from '../../loadtest/http.ts';
import { DrawRecord, type Acknowledged } from '../../loadtest/record.ts';
import { runCommand, startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';

export interface DrillOptions {
  databaseUrl: string;
  /** Of the backup: a folder that is not there. */
  folder: string;
  imagesFolder: string;
  diners: number;
  /** That they draw before the backup begins, and after it has ended. */
  seconds: number;
  print(line: string): void;
}

export interface DrillReport {
  /** What was acknowledged before the backup began, all of which has to be there. */
  kept: number;
  /** What was acknowledged afterwards, until the server was killed. */
  lost: number;
  /** Drawn after the restore. */
  drawnOn: number;
  backupSeconds: number;
  restoreSeconds: number;
  /** All that is wrong. */
  faults: string[];
}

const CAMPAIGN = 1;
const WIDTH = 16;
const PATIENCE_MS = 60_000;

export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { databaseUrl, folder, imagesFolder, diners, seconds, print } = options;
  const environment = { DATABASE_URL: databaseUrl, IMAGES_FOLDER: imagesFolder };
  const faults: string[] = [];
  const command = async (name: string, ...parameters: string[]) => {
    const startMs = performance.now();
    const { code, output } = await runCommand(`src/cli/${name}.ts`, parameters, environment);
    print(`${name} ended with ${code}:\n${output.trimEnd().replaceAll(/^/gm, '  ')}`);
    if (code !== 0) faults.push(`${name} ended with ${code}: ${output}`);
    return (performance.now() - startMs) / 1000;
  };

  let server = await startServerProcess(databaseUrl, { IMAGES_FOLDER: imagesFolder });
  const before = await drawing(server, { diners, runId: 'before' });
  await sleep(seconds * 1000);
  const [keptAnswers, beganMs] = [before.record.acknowledged.length, performance.now()];
  print(rateLine('before the backup', keptAnswers, seconds * 1000));
  const backupSeconds = await command('backup', '--to', folder);
  const meanwhile = before.record.acknowledged.length - keptAnswers;
  print(rateLine('while the backup was made', meanwhile, performance.now() - beganMs));
  await sleep(seconds * 1000);
  await server.end('SIGKILL');
  await before.stop();
  const { acknowledged } = before.record;
  const kept = acknowledged.slice(0, keptAnswers);
  const since = acknowledged.length - keptAnswers;
  if (kept.length === 0 || since === 0) faults.push('nobody drew before the backup, or nobody after it');
  print(
    `${kept.length} draws were acknowledged before the backup began, ${since} until the server was killed`,
  );

  await removeDatabase(databaseUrl);
  const restoreSeconds = await command('restore', '--from', folder);
  await command('audit');
  faults.push(...(await missing(databaseUrl, kept)));
  server = await startServerProcess(databaseUrl, { IMAGES_FOLDER: imagesFolder });
  await command('verify', '--campaign', String(CAMPAIGN), '--url', server.origin);
  const after = await drawing(server, { diners: Math.min(diners, 10), runId: 'after' });
  await sleep(Math.min(seconds, 2) * 1000);
  await after.stop();
  faults.push(...(await missing(databaseUrl, after.record.acknowledged)));
  await command('verify', '--campaign', String(CAMPAIGN), '--url', server.origin);
  await server.end('SIGTERM');
  await command('audit');
  const drawnOn = after.record.draws;
  if (drawnOn === 0) faults.push('nobody drew after the restore');
  print(`${drawnOn} draws after it`);
  return { kept: kept.length, lost: since, drawnOn, backupSeconds, restoreSeconds, faults };
}

interface Drawing {
  record: DrawRecord;
  stop(): Promise<void>;
}

async function drawing(
  { origin }: ServerProcess,
  { diners, runId }: { diners: number; runId: string },
): Promise<Drawing> {
  const http = new HttpClient(origin, WIDTH);
  const accounts = new Accounts(http, { code: '123456', staffMobile: '13800000002' });
  const deadlineMs = Date.now() + PATIENCE_MS;
  const mobiles = Array.from({ length: diners }, (_, at) => String(13_910_000_001 + at));
  const crowd = await eachOf(mobiles, WIDTH, (mobile) => accounts.login(mobile, deadlineMs));
  const points = 1_000_000;
  await eachOf(crowd, WIDTH, ({ userId }) => accounts.grant(userId, points, deadlineMs));
  const record = new DrawRecord(undefined);
  const seated = { url: origin, campaignId: CAMPAIGN, accounts, figures: new Figures(), record, points };
  const join = (account: Account) => Diner.join({ ...seated, account, runId, drawCount: 1, rate: 0 });
  const bots = await eachOf(crowd, WIDTH, join);
  let endMs = Date.now() + 10 * PATIENCE_MS;
  const giveUp = new AbortController();
  const running = Promise.all(bots.map((bot) => bot.drawUntil(() => endMs, giveUp.signal)));
  return {
    record,
    async stop() {
      endMs = 0;
      giveUp.abort();
      await running;
      await Promise.all(bots.map((bot) => bot.seat.leave()));
      http.close();
    },
  };
}

async function missing(databaseUrl: string, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const differences = await checkInDatabase(databaseUrl, CAMPAIGN, acknowledged);
  return differences.slice(0, 20);
}

/** As if its disk was lost. */
export async function removeDatabase(url: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length);
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    return;
  }
  const name = new URL(url).pathname.slice(1);
  const connection = await createConnection({ uri: url });
  await connection.query(`DROP DATABASE ${name}`);
  await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await connection.end();
}

function rateLine(when: string, draws: number, ms: number): string {
  return `${draws} draws ${when}, ${Math.round((draws * 1000) / ms)} a second`;
}
