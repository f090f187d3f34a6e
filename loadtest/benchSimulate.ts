/**
 * `npm run bench:simulate`: simulated draws of the demo's campaign on threads, from the start of the threads to the summary, against
 * rolls by HMAC-SHA256 on one thread: by Node's `createHmac`, and by the product's own roller. In turns, in one process; medians.
 * Exit 1 where simulated draws are not fast enough beside `createHmac`.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedDemo } from '../src/demo/seedDemo.ts';
import { firstAccepted, Roller } from '../src/draw/roll.ts';
import type { SimulationPlan } from '../src/draw/simulate.ts';
import { summarize } from '../src/draw/simulationSummary.ts';
import { nodeSha256 } from '../src/lottery/sha256.ts';
import { subjectOf } from '../src/lottery/simulation/subject.ts';
import { SimulationThreads } from '../src/lottery/simulation/threads.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { createLogger } from '../src/platform/logger.ts';
import { loadConfig } from '../src/settings.ts';
import { machineFigures } from './bench/machine.ts';
import { say } from './bench/terminal.ts';
import { readCommandLine, whole } from './commandLine.ts';
import { formatCount, median } from './figures.ts';
import { goneAtExit } from '../test/support/goneAtExit.ts';

const LEAST_RATIO = 2.5;
const PROGRESS_MS = 50;
const DRAWS_PER_DINER = 20;

const USAGE = `npm run bench:simulate -- [options]

  --draws N      simulated in all (1000000)
  --runs N       campaigns that they are of (40)
  --threads N    of the simulation (2)
  --rolls N      of each loop that it is compared with (200000)
  --rounds N     of which the medians are (3)
`;
const { draws, runs, threads, rolls, rounds } = readCommandLine({
  usage: USAGE,
  known: {
    draws: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '40' },
    threads: { type: 'string', default: '2' },
    rolls: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
  },
  read: ({ draws, runs, threads, rolls, rounds }) => ({
    draws: whole('draws', draws, { least: 1000, most: 100_000_000 }),
    runs: whole('runs', runs, { most: 1000 }),
    threads: whole('threads', threads, { most: 64 }),
    rolls: whole('rolls', rolls, { most: 100_000_000 }),
    rounds: whole('rounds', rounds, { most: 99 }),
  }),
});

const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'bench-simulate-')));

/** The demo's campaign, as `npm start` makes it. */
async function demoPlan(): Promise<SimulationPlan> {
  const url = `sqlite:${join(folder, 'demo.db')}`;
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
  try {
    const config = loadConfig({
      JWT_SECRET: randomBytes(32).toString('hex'),
      SEED_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    });
    await seedDemo({ database, config, logger: createLogger('warn') }, Date.now());
    const { config: demo, startsAtMs, endsAtMs, freeDrawsPerDay } = await subjectOf(database, 1);
    const draws_ = Math.ceil(draws / runs);
    const diners = Math.ceil(draws_ / DRAWS_PER_DINER);
    const population = { diners, levels: { '1': 7, '2': 2, '3': 1 }, startsAtMs, endsAtMs, freeDrawsPerDay };
    return { config: demo, draws: draws_, runs, seed: 'bench', population };
  } finally {
    await database.close();
  }
}

/** Draws per second: of all, and of those after the threads had begun. */
async function simulated(plan: SimulationPlan): Promise<{ all: number; begun: number }> {
  const startedMs = performance.now();
  const simulation = new SimulationThreads(plan, threads);
  const begun = { ms: startedMs, progress: 0 };
  const timer = setInterval(() => {
    if (begun.progress === 0) Object.assign(begun, { ms: performance.now(), progress: simulation.progress });
    show(simulation.progress);
  }, PROGRESS_MS);
  try {
    summarize({ plan, results: await simulation.results, budget: null, market: 'CN' });
  } finally {
    clearInterval(timer);
  }
  const nowMs = performance.now();
  show(simulation.progress);
  process.stdout.write('\n');
  const drawn = plan.draws * plan.runs;
  return {
    all: drawn / ((nowMs - startedMs) / 1000),
    begun: (drawn * (1 - begun.progress)) / ((nowMs - begun.ms) / 1000),
  };
}

let lastShown = '';

function show(progress: number): void {
  const text = `simulated ${(progress * 100).toFixed(0).padStart(3)} %`;
  if (text === lastShown) return;
  lastShown = text;
  process.stdout.write(process.stdout.isTTY ? `\r${text}` : `${text}  `);
}

/** Rolls per second. What each gives is added up, so that none is left out. */
function rolled(roll: (drawNo: number) => number): number {
  const startedMs = performance.now();
  let sum = 0;
  for (let drawNo = 1; drawNo <= rolls; drawNo++) sum += roll(drawNo);
  if (!(sum > 0)) throw new Error('Rolls are numbers');
  return rolls / ((performance.now() - startedMs) / 1000);
}

const serverSeed = randomBytes(32);
const roller = new Roller(serverSeed, nodeSha256);
const byCreateHmac = (drawNo: number) =>
  firstAccepted(createHmac('sha256', serverSeed).update(`1:${drawNo}:4:4`).digest('binary')) ?? 0;
const byRoller = (drawNo: number) => roller.roll({ campaignId: 1, drawNo, userId: 4, clientSeed: '4' });

const plan = await demoPlan();
const rates = {
  createHmac: [] as number[],
  roller: [] as number[],
  all: [] as number[],
  begun: [] as number[],
};
say(machineFigures(folder));
for (let round = 1; round <= rounds; round++) {
  rates.createHmac.push(rolled(byCreateHmac));
  rates.roller.push(rolled(byRoller));
  const { all, begun } = await simulated(plan);
  rates.all.push(all);
  rates.begun.push(begun);
}
const hmac = median(rates.createHmac);
const rollers = median(rates.roller);
const line = (name: string, rate: number) =>
  `${name.padEnd(52)} ${formatCount(rate).padStart(11)}/s ${(rate / hmac).toFixed(1).padStart(7)} ${(rate / rollers).toFixed(1).padStart(7)}`;
const ratio = median(rates.all) / hmac;
say([
  `${formatCount(plan.draws * plan.runs)} draws of ${plan.runs} campaigns, ${rounds} rounds, medians; beside createHmac and roller`,
  line(`simulated on ${threads} threads, with their start`, median(rates.all)),
  line(`simulated on ${threads} threads, once they have begun`, median(rates.begun)),
  line('createHmac on one thread', hmac),
  line("the product's roller on one thread", rollers),
  `${ratio.toFixed(1)} times createHmac; at least ${LEAST_RATIO}: ${ratio >= LEAST_RATIO ? 'yes' : 'NO'}`,
]);
if (ratio < LEAST_RATIO) process.exitCode = 1;
