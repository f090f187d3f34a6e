/**
 * `npm run bench:shedding`: one node on SQLite is asked by diners over REST for their history of points, first less than it can do and
 * then more, with the shedding of RO-12 and without. Calls come at a steady rate, whether or not those before are answered, as those of
 * many people do. Latencies are of what was accepted. Exit 1: shedding did not keep them within twice those of a node that does all it can
 * for callers who wait.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { machineFigures } from './bench/machine.ts';
import { prepareDatabase, type BenchDiner } from './bench/prepare.ts';
import { ServerProcess } from './bench/processes.ts';
import { createSecrets, serverEnvironment } from './bench/settings.ts';
import { progress, say } from './bench/terminal.ts';
import { readCommandLine, whole } from './commandLine.ts';
import { endOnSignals } from './endOnSignals.ts';
import { formatCount, formatMs, latencyHistogram, percentileMs } from './figures.ts';

const USAGE = `npm run bench:shedding -- [options]

  --seconds N   length of a round, of which the first third is not measured (15)
  --limit MS    LOOP_LIMIT_MS (100)
  --times N     so many times what the node can do, in tenths (20)
`;
const PATH = '/api/v3/points/transactions?limit=20';
const DINERS = 200;
const CONNECTIONS = 1500;
const PROBE_CALLERS = 32;
const PROBE_MS = 6000;
/** Of what it can do, when it is not overloaded. */
const EASY_PART = 0.6;
const STEP_MS = 10;
const LARGEST_RATIO = 2;

endOnSignals();

interface Round {
  asked: number;
  accepted: number;
  refused: number;
  lost: number;
  p50Ms: number;
  p99Ms: number;
}

const options = readCommandLine({
  usage: USAGE,
  known: {
    seconds: { type: 'string', default: '15' },
    limit: { type: 'string', default: '100' },
    times: { type: 'string', default: '20' },
  },
  read: ({ seconds, limit, times }) => ({
    seconds: whole('seconds', seconds, { least: 3, most: 300 }),
    limitMs: whole('limit', limit, { most: 60_000 }),
    times: whole('times', times, { least: 11, most: 100 }) / 10,
  }),
});
const secrets = createSecrets();
const folder = mkdtempSync(join(tmpdir(), 'kaijiang-bench-'));
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
process.exitCode = (await run()) ? 0 : 1;
agent.destroy();
rmSync(folder, { recursive: true });

async function run(): Promise<boolean> {
  const url = `sqlite:${join(folder, 'bench.db')}`;
  const { diners } = await prepareDatabase({
    url,
    diners: DINERS,
    jwtSecret: secrets.JWT_SECRET,
    seedRotationDraws: 10_000,
  });
  say(machineFigures(folder));
  const rounds = new Map<string, Round>();
  let full: Full | undefined;
  for (const [name, limitMs] of [
    ['without shedding', 0],
    ['with shedding', options.limitMs],
  ] as const) {
    const server = await ServerProcess.start('src/index.ts', {
      ...serverEnvironment(url, secrets),
      LOOP_LIMIT_MS: String(limitMs),
    });
    try {
      progress(`what it can do, ${name}`);
      const measured = await fullOf(server.url, diners);
      say([
        `${name}: ${formatCount(measured.perSecond)} calls a second by ${PROBE_CALLERS} callers, p50 ${formatMs(measured.p50Ms)} ms`,
      ]);
      // The same rates for both.
      full ??= measured;
      const { perSecond } = full;
      for (const [load, rate] of [
        ['easy', EASY_PART * perSecond],
        ['overload', options.times * perSecond],
      ] as const) {
        progress(`${load}, ${name}`);
        const round = await ask({ url: server.url, diners, rate, seconds: options.seconds });
        rounds.set(`${load} ${name}`, round);
        say([lineOf(`${load} ${name}`, rate, round)]);
        await sleep(2000);
      }
    } finally {
      await server.stop();
    }
  }
  const ratioOf = (name: string) => rounds.get(`overload ${name}`)!.p50Ms / full!.p50Ms;
  const ratio = ratioOf('with shedding');
  say([
    `latency at overload against that of full load: ${ratio.toFixed(1)} times with shedding, ${ratioOf('without shedding').toFixed(1)} without`,
  ]);
  const { refused } = rounds.get('overload with shedding')!;
  if (refused === 0)
    say(['nothing was refused: with shedding the node was not overloaded, the machine was faster by then']);
  return refused > 0 && ratio <= LARGEST_RATIO;
}

function lineOf(name: string, rate: number, { asked, accepted, refused, lost, p50Ms, p99Ms }: Round): string {
  return `  ${name.padEnd(26)} ${formatCount(rate)}/s: ${formatCount(asked)} asked, ${formatCount(accepted)} answered, ${formatCount(refused)} BUSY, ${lost} lost; p50 ${formatMs(p50Ms)} ms, p99 ${formatMs(p99Ms)} ms`;
}

interface Full {
  perSecond: number;
  p50Ms: number;
}

/** Of callers who wait for each of their answers. */
async function fullOf(url: string, diners: readonly BenchDiner[]): Promise<Full> {
  const untilMs = performance.now() + PROBE_MS;
  const latency = latencyHistogram();
  await Promise.all(
    Array.from({ length: PROBE_CALLERS }, async (_, at) => {
      for (let sentMs = performance.now(); sentMs < untilMs; sentMs = performance.now()) {
        if ((await call(url, diners[at % diners.length]!.token)) !== 200) continue;
        latency.recordValue(Math.max(1, Math.round((performance.now() - sentMs) * 1000)));
      }
    }),
  );
  return { perSecond: (latency.totalCount * 1000) / PROBE_MS, p50Ms: percentileMs(latency, 50) };
}

interface Asking {
  url: string;
  diners: readonly BenchDiner[];
  /** Calls a second. */
  rate: number;
  seconds: number;
}

async function ask({ url, diners, rate, seconds }: Asking): Promise<Round> {
  const latency = latencyHistogram();
  const startMs = performance.now();
  const measuredMs = startMs + (seconds * 1000) / 3;
  const untilMs = startMs + seconds * 1000;
  const round = { asked: 0, accepted: 0, refused: 0, lost: 0 };
  const under: Promise<void>[] = [];
  let sent = 0;
  const one = async (token: string, isMeasured: boolean) => {
    const sentMs = performance.now();
    const status = await call(url, token);
    if (!isMeasured) return;
    round.asked += 1;
    if (status === 503) round.refused += 1;
    else if (status !== 200) round.lost += 1;
    else {
      round.accepted += 1;
      latency.recordValue(Math.max(1, Math.round((performance.now() - sentMs) * 1000)));
    }
  };
  for (let nowMs = startMs; nowMs < untilMs; nowMs = performance.now()) {
    for (const due = ((nowMs - startMs) * rate) / 1000; sent < due; sent++)
      under.push(one(diners[sent % diners.length]!.token, nowMs >= measuredMs));
    await sleep(STEP_MS);
  }
  await Promise.all(under);
  return { ...round, p50Ms: percentileMs(latency, 50), p99Ms: percentileMs(latency, 99) };
}

/** @returns the status; 0 where no answer came */
function call(url: string, token: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(
      `${url}${PATH}`,
      { agent, headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
