/**
 * `npm run upgrade`: an older build and this one side by side under load, one node after the other (RO-3). Needs git, mariadbd and
 * redis-server on PATH. Exit 0: not one draw failed, nothing acknowledged was lost or doubled, refusals were BUSY and MOVED alone.
 */
import 'reflect-metadata';
import { readCommandLine, whole } from './commandLine.ts';
import { endOnSignals } from './endOnSignals.ts';
import { upgradeFaultsOf } from './rollout/judge.ts';
import { reportLines } from './rollout/reportLines.ts';
import { PREVIOUS_RELEASE } from './upgrade/previousRelease.ts';
import { runUpgrade } from './upgrade/runUpgrade.ts';
import { takeOut } from './upgrade/takeOut.ts';

const USAGE = `npm run upgrade -- [options]

  --from REV    the build that runs now, as git names it (the release before: ${PREVIOUS_RELEASE.slice(0, 12)})
  --minutes N   both builds side by side (10)
  --drawing N   diners who draw in three campaigns (200)
  --talking N   people who talk in conversations of 50, one of five by the stock SDK (100)
  --visiting N  people who open pages and draw by calls (50)
  --wait MS     DRAIN_WAIT_MS of the nodes (3000)
  --spread MS   DRAIN_SPREAD_MS of the nodes (8000)
`;

endOnSignals();

const options = readCommandLine({
  usage: USAGE,
  known: {
    from: { type: 'string', default: PREVIOUS_RELEASE },
    minutes: { type: 'string', default: '10' },
    drawing: { type: 'string', default: '200' },
    talking: { type: 'string', default: '100' },
    visiting: { type: 'string', default: '50' },
    wait: { type: 'string', default: '3000' },
    spread: { type: 'string', default: '8000' },
  },
  read: ({ from, minutes, drawing, talking, visiting, wait, spread }) => ({
    build: takeOut(from),
    sideMs: whole('minutes', minutes, { most: 600 }) * 60_000,
    drawing: whole('drawing', drawing, { most: 5000 }),
    talking: whole('talking', talking, { most: 5000 }),
    visiting: whole('visiting', visiting, { most: 5000 }),
    waitMs: whole('wait', wait, { least: 0, most: 600_000 }),
    spreadMs: whole('spread', spread, { least: 0, most: 600_000 }),
  }),
});

// The SDK's remarks about connections are no part of the report.
console.warn = console.info = () => undefined;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const { build } = options;
print(`from ${build.commit.slice(0, 12)}, version ${build.version}`);
const report = await runUpgrade({ ...options, from: build.folder, print });
const faults = upgradeFaultsOf(report);
for (const line of [
  `side by side for ${(report.sideBySideMs / 60_000).toFixed(1)} minutes; ${report.wentBack ? 'once back and forth again' : 'not back'}`,
  ...reportLines(report),
  ...[...report.warnings].map(([warning, times]) => `warned ${times} times, ${warning}`),
  ...faults.map((fault) => `FAULT ${fault}`),
])
  print(line);
// Sockets of the framework's client would keep the process.
process.exit(faults.length === 0 ? 0 : 1);
