import assert from 'node:assert/strict';
import { runChaos } from './chaos.ts';
import { FAULTS } from './faults.ts';
import { needs } from '../support/shared.ts';

const SEED = 8;
const MINUTES = 2;

describe('chaos', function () {
  this.timeout((MINUTES + 6) * 60_000);
  needs('mariadbd', 'redis-server');

  it(`DRAW-1 DRAW-4 DRAW-5 A-5 seed ${SEED}: nothing acknowledged is lost or doubled, and no ended login goes on`, async () => {
    const lines: string[] = [];
    const report = await runChaos({ minutes: MINUTES, seed: SEED, print: (line) => lines.push(line) });
    const told = [...report.violations, '', ...lines, `log: ${report.logFile}`].join('\n');
    assert.deepEqual(report.violations, [], told);
    // Each kind of fault has happened, and somebody has felt them.
    assert.deepEqual([...report.faults.keys()].sort(), Object.keys(FAULTS).sort());
    assert.ok((report.retries.get('BUSY') ?? 0) + (report.retries.get('UNREACHABLE') ?? 0) > 10, told);
    assert.ok(report.draws > 500 && report.spendings > 50 && report.endedLogins > 10, told);
  });
});
