/** `npm run loadtest -- …`: diners over the stock protocol, figures while they draw, and the check of the books after it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { persist } from '../src/client/patience.ts';
import { Accounts, type Account } from './accounts.ts';
import { checkInDatabase, checkInHistory } from './acknowledged.ts';
import { readLoadOptions, type LoadOptions } from './arguments.ts';
import { runAudit } from './audit.ts';
import { Diner, Watcher } from './diner.ts';
import { eachOf } from './eachOf.ts';
import { Figures, formatCount, formatMs, median, percentileMs } from './figures.ts';
import { HttpClient } from './http.ts';
import { ProgressLine } from './progress.ts';
import { DrawRecord } from './record.ts';

const SETUP_PATIENCE_MS = 5 * 60_000;
/** Logins, grants and joins under way at once while the crowd gathers. */
const SETUP_WIDTH = 32;
/** What requests under way at the end get for their answers. */
const GRACE_MS = 10_000;
const DIFFERENCES_SHOWN = 20;

const options = readLoadOptions();
// The SDK reports every lost connection of every bot on the console; the table counts them instead.
console.info = console.warn = () => undefined;
process.exitCode = (await run(options)) ? 0 : 1;

/** @returns whether everything that was asked to be checked is right. */
async function run(options: LoadOptions): Promise<boolean> {
  const http = new HttpClient(options.url, SETUP_WIDTH);
  const accounts = new Accounts(http, options);
  const figures = new Figures();
  const record = new DrawRecord(options.record);
  const crowd = await loginAll(accounts, options);
  await showCampaign(http, options, crowd);
  const granted = crowd.slice(0, options.diners);
  say(`granting ${formatCount(options.points)} points to each of ${granted.length} drawing diners`);
  await eachOf(granted, SETUP_WIDTH, ({ userId }) => accounts.grant(userId, options.points, setupDeadline()));

  const seats = { ...options, campaignId: options.campaign, accounts, figures };
  const runId = randomBytes(4).toString('hex');
  say(`joining ${crowd.length} diners`);
  const diners = await eachOf(granted, SETUP_WIDTH, (account) =>
    Diner.join({ ...seats, account, record, runId }),
  );
  const watchers = await eachOf(crowd.slice(options.diners), SETUP_WIDTH, (account) =>
    Watcher.join({ ...seats, account }),
  );

  const seconds = await drawAll({ diners, watchers, figures, seconds: options.seconds });
  record.close();
  showResult({ figures, watchers, seconds, drawCount: options.drawCount });
  await Promise.all([...diners, ...watchers].map((bot) => bot.seat.leave()));
  const right = options.audit
    ? await check({ http, accounts: crowd, record, campaign: options.campaign })
    : true;
  http.close();
  return right;
}

function setupDeadline(): number {
  return Date.now() + SETUP_PATIENCE_MS;
}

async function loginAll(accounts: Accounts, { joined, firstMobile }: LoadOptions): Promise<Account[]> {
  const mobiles = Array.from({ length: joined }, (_, at) => String(firstMobile + at));
  say(`logging in ${joined} diners, ${mobiles[0]} to ${mobiles.at(-1)}`);
  const hint = setTimeout(
    () => say('slow logins: the server limits them per address (AUTH_LOGINS_PER_IP_PER_MINUTE)'),
    15_000,
  );
  const crowd = await eachOf(mobiles, SETUP_WIDTH, (mobile) => accounts.login(mobile, setupDeadline()));
  clearTimeout(hint);
  return crowd;
}

/** Names the campaign, and fails at once where there is none. */
async function showCampaign(http: HttpClient, { campaign }: LoadOptions, [first]: Account[]): Promise<void> {
  const path = `/lottery/campaigns/${campaign}`;
  const token = first!.token;
  const shown = await persist(
    () => http.call<{ name: string; status: string; cost_per_draw: number }>({ method: 'GET', path, token }),
    setupDeadline(),
  );
  say(`campaign ${campaign}: ${shown.name}, ${shown.status}, ${shown.cost_per_draw} points a draw`);
}

interface Crowd {
  diners: Diner[];
  watchers: Watcher[];
  figures: Figures;
  seconds: number;
}

/** @returns how long they drew, in seconds. Ctrl-C ends the run early and in order. */
async function drawAll({ diners, watchers, figures, seconds }: Crowd): Promise<number> {
  for (const watcher of watchers) watcher.patches = 0;
  const startedMs = Date.now();
  let endMs = startedMs + seconds * 1000;
  const stop = () => (endMs = Math.min(endMs, Date.now()));
  process.once('SIGINT', stop);
  const progress = new ProgressLine(figures, () => watchers.length);
  const giveUp = new AbortController();
  const drawing = Promise.all(diners.map((diner) => diner.drawUntil(() => endMs, giveUp.signal)));
  // When everyone has reached a limit there is nothing left to measure.
  if (diners.length > 0) void drawing.then(stop);
  while (Date.now() < endMs) await sleep(Math.min(100, Math.max(1, endMs - Date.now())));
  const elapsedSeconds = (Date.now() - startedMs) / 1000;
  for (const watcher of watchers) watcher.seal();
  // A while longer than the run, so that little is left open.
  const grace = setTimeout(() => giveUp.abort(), GRACE_MS);
  await drawing;
  clearTimeout(grace);
  progress.stop();
  process.removeListener('SIGINT', stop);
  return elapsedSeconds;
}

interface Result {
  figures: Figures;
  watchers: Watcher[];
  seconds: number;
  drawCount: number;
}

function showResult({ figures, watchers, seconds, drawCount }: Result): void {
  const { latency } = figures;
  const ms = (percentile: number) => formatMs(percentileMs(latency, percentile));
  const perSecond = watchers.map((watcher) => watcher.patches / seconds);
  const rows: [string, string][] = [
    ['time', `${seconds.toFixed(1)} s`],
    [
      'draws acknowledged',
      `${formatCount(figures.draws)} in ${formatCount(figures.requests)} requests of ${drawCount}`,
    ],
    ['draws/s', formatCount(figures.draws / seconds)],
    ['latency p50 / p95 / p99', `${ms(50)} / ${ms(95)} / ${ms(99)} ms`],
    ['latency p99.9 / max', `${ms(99.9)} / ${ms(100)} ms`],
    ['refusals', figures.refusalsText()],
    ['repeated requests answered from the books', formatCount(figures.replays)],
    ['requests unanswered at the end', formatCount(figures.unanswered)],
    [
      'connections lost / moved / rejoined',
      [figures.lostConnections, figures.moves, figures.rejoins].join(' / '),
    ],
    [
      'failed joins',
      `${formatCount(figures.failedJoins)}${figures.failedJoins > 0 ? ` (last: ${figures.lastJoinError})` : ''}`,
    ],
  ];
  if (watchers.length > 0) {
    const least = Math.min(...perSecond).toFixed(1);
    rows.push([
      `patches/s per watcher, of ${watchers.length}`,
      `median ${median(perSecond).toFixed(1)}, least ${least}`,
    ]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  say('');
  for (const [name, value] of rows) say(`${name.padEnd(width)}  ${value}`);
}

interface CheckInput {
  http: HttpClient;
  accounts: Account[];
  record: DrawRecord;
  campaign: number;
}

/** The audit of the books, then our own record against them. */
async function check({ http, accounts, record, campaign }: CheckInput): Promise<boolean> {
  const databaseUrl = process.env['DATABASE_URL'];
  const audit = await runAudit(process.env);
  say(`\naudit of ${databaseUrl === undefined ? 'the default database' : 'DATABASE_URL'}: ${audit.output}`);
  const { acknowledged } = record;
  const differences =
    databaseUrl === undefined
      ? await checkInHistory(http, { campaignId: campaign, accounts }, acknowledged)
      : await checkInDatabase(databaseUrl, campaign, acknowledged);
  if (differences.length === 0) say(`acknowledged ${record.draws} draws, all present`);
  else say(`acknowledged ${record.draws} draws, ${differences.length} differences:`);
  for (const difference of differences.slice(0, DIFFERENCES_SHOWN)) say(`  ${difference}`);
  if (differences.length > DIFFERENCES_SHOWN) say(`  … and ${differences.length - DIFFERENCES_SHOWN} more`);
  return audit.balanced && differences.length === 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
