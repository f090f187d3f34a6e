/**
 * `npm run bench:metrics`: what metrics cost the draws. The same server without them (A) and with them, read each second (B), in one
 * run. Exit 1 where B makes less than 0.98 of A's draws, a reading of an idle server takes more than 20 ms, or books do not balance (RO-1).
 */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/services.ts';
import { benchFolder } from './bench/benchFolder.ts';
import { Contender } from './bench/contender.ts';
import { onEachDatabase, type BenchedDatabase } from './bench/eachDatabase.ts';
import { machineFigures } from './bench/machine.ts';
import { comparePair } from './bench/pairs.ts';
import { say } from './bench/terminal.ts';
import { databaseKind, readCommandLine, whole } from './commandLine.ts';
import { formatMs, median, yes } from './figures.ts';

const USAGE = `npm run bench:metrics -- [options]

  --seconds N             length of a round (3)
  --rounds N              rounds of each per row (7)
  --only sqlite|mariadb   one database; by default SQLite, and MariaDB when mariadbd is on PATH
`;
const LEAST_RATIO = 0.98;
const MOST_MS = 20;
const EACH_MS = 1000;
const IDLE_READINGS = 50;
const OWN = resolve(import.meta.dirname, '..');

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
  },
  read: ({ seconds, rounds, only }) => ({
    seconds: whole('seconds', seconds, { most: 300 }),
    rounds: whole('rounds', rounds, { most: 99 }),
    only: only === undefined ? undefined : databaseKind('only', only),
  }),
});
const folder = benchFolder('./data', 'bench-metrics');
say([...machineFigures(folder), 'A without metrics, B with them; medians', '']);
const { only } = options;
process.exitCode = (await onEachDatabase({ only, folder, mariadbFolder: folder }, bench)) ? 0 : 1;

/** @returns whether all holds. */
async function bench({ newUrl }: BenchedDatabase): Promise<boolean> {
  const port = await freePort();
  const url = await newUrl('without');
  const title = url.startsWith('sqlite:') ? 'SQLite' : 'MariaDB';
  const a = await Contender.start(OWN, url);
  const b = await Contender.start(OWN, await newUrl('with'), { METRICS_PORT: String(port) });
  const address = `http://127.0.0.1:${port}/metrics`;
  const ending = new AbortController();
  const reading = readUntil(address, ending.signal);
  const { lines, ratios } = await comparePair({ a, b }, { title, ...options });
  ending.abort();
  const besideMs = median(await reading);
  const idle: number[] = [];
  while (idle.length < IDLE_READINGS) idle.push((await read(address)).ms);
  const { series } = await read(address);
  const audits = [await a.stop(), await b.stop()];
  const ratio = median(ratios);
  const idleMs = median(idle);
  const [isFast, isShort] = [ratio >= LEAST_RATIO, idleMs <= MOST_MS];
  say([
    title,
    ...lines,
    `  ${ratio.toFixed(3)} of the draws, median of all pairs; at least ${LEAST_RATIO}: ${yes(isFast)}`,
    `  a reading of ${series} series: ${formatMs(idleMs)} ms; at most ${MOST_MS}: ${yes(isShort)}`,
    `  beside all draws that it can make, in turn with them: ${formatMs(besideMs)} ms`,
    `  books: A ${audits[0]!.output}, B ${audits[1]!.output}`,
    '',
  ]);
  return isFast && isShort && audits.every(({ balanced }) => balanced);
}

/** As Prometheus does, under load as between. @returns how long each took, in ms */
async function readUntil(address: string, stopping: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!stopping.aborted) {
    times.push((await read(address)).ms);
    await sleep(EACH_MS);
  }
  return times;
}

async function read(address: string): Promise<{ ms: number; series: number }> {
  const startedMs = performance.now();
  const text = await (await fetch(address)).text();
  const ms = performance.now() - startedMs;
  return { ms, series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length };
}
