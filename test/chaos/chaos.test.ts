import assert from 'node:assert/strict';
import { runChaos } from './chaos.ts';
import { describeReport } from './describe.ts';
import { FAULTS } from './faults.ts';
import { needs } from '../support/shared.ts';

const SEED = 8;
const MINUTES = 2;

describe('chaos', function () {
  this.timeout((MINUTES + 8) * 60_000);
  needs('mariadbd', 'redis-server');

  it(`DRAW-1 DRAW-4 DRAW-5 A-5 seed ${SEED}: nothing acknowledged is lost or doubled, no ended login goes on, nothing is left behind`, async () => {
    const lines: string[] = [];
    const report = await runChaos({
      ...{ minutes: MINUTES, seed: SEED, restMs: 30, script: 'src/index.ts' },
      // Each kind once.
      ...{ faults: Object.keys(FAULTS), faultEveryMs: 9000 },
      // A node that has just started takes what it needs, up to a fifth; what grows with each draw is seen all the same.
      mostGrowth: 0.4,
      print: (line) => lines.push(line),
    });
    const told = [...report.violations, '', ...lines, ...describeReport(report)].join('\n');
    assert.deepEqual(report.violations, [], told);
    // Each kind of fault has happened, and somebody has felt them.
    assert.deepEqual([...report.faults.keys()].sort(), Object.keys(FAULTS).sort());
    assert.ok((report.retries.get('BUSY') ?? 0) + (report.retries.get('UNREACHABLE') ?? 0) > 10, told);
    const { spendings, bills, transfers, messages, looks, endedLogins } = report.acknowledged;
    assert.ok(report.draws > 500 && spendings! > 50 && endedLogins! > 10, told);
    assert.ok(bills! > 50 && transfers! > 50 && messages! > 50 && looks! > 50, told);
  });
});
