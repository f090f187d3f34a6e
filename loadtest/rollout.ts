/**
 * `npm run rollout`: rolls three nodes one after the other while people draw and talk (RO-2). Needs mariadbd and redis-server on PATH.
 * Exit 0: nothing acknowledged was lost or doubled, refusals were BUSY and MOVED alone, and people came back spread over time.
 */
import 'reflect-metadata';
import { readCommandLine, whole } from './commandLine.ts';
import { endOnSignals } from './endOnSignals.ts';
import { reportLines } from './rollout/reportLines.ts';
import { runRollout } from './rollout/runRollout.ts';
import { faultsOf } from './rollout/judge.ts';

const USAGE = `npm run rollout -- [options]

  --drawing N   diners who draw in three campaigns (200)
  --talking N   people who talk in conversations of 50, one of five by the stock SDK (500)
  --wait MS     DRAIN_WAIT_MS of the nodes (15000)
  --spread MS   DRAIN_SPREAD_MS of the nodes (8000)
`;

endOnSignals();

const options = readCommandLine({
  usage: USAGE,
  known: {
    drawing: { type: 'string', default: '200' },
    talking: { type: 'string', default: '500' },
    wait: { type: 'string', default: '15000' },
    spread: { type: 'string', default: '8000' },
  },
  read: ({ drawing, talking, wait, spread }) => ({
    drawing: whole('drawing', drawing, { most: 5000 }),
    talking: whole('talking', talking, { most: 5000 }),
    waitMs: whole('wait', wait, { least: 0, most: 600_000 }),
    spreadMs: whole('spread', spread, { least: 0, most: 600_000 }),
  }),
});

// The SDK's remarks about connections are no part of the report.
console.warn = console.info = () => undefined;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const report = await runRollout({ ...options, rolls: 3, print });
const faults = faultsOf(report);
for (const line of [...reportLines(report), ...faults.map((fault) => `FAULT ${fault}`)]) print(line);
// Sockets of the framework's client would keep the process.
process.exit(faults.length === 0 ? 0 : 1);
