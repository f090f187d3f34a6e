/** RO-3 two builds on one database and one Redis, under load. `npm run upgrade` is the same for ten minutes. */
import assert from 'node:assert/strict';
import { it } from 'mocha';
import { upgradeFaultsOf } from '../../loadtest/rollout/judge.ts';
import { PREVIOUS_RELEASE } from '../../loadtest/upgrade/previousRelease.ts';
import { runUpgrade, type UpgradeOptions } from '../../loadtest/upgrade/runUpgrade.ts';
import { findCommit, takeOut } from '../../loadtest/upgrade/takeOut.ts';
import { needs } from '../support/shared.ts';
import { laterBuild, OWN } from './laterBuild.ts';

const FEW = {
  ...{ drawing: 40, talking: 10, visiting: 6 },
  ...{ sideMs: 12_000, waitMs: 600, spreadMs: 3000 },
};

describe('two builds side by side', function () {
  this.timeout(600_000);
  needs('mariadbd', 'redis-server');

  const upgrade = async (builds: Pick<UpgradeOptions, 'from' | 'to'>) => {
    const lines: string[] = [];
    const report = await runUpgrade({ ...FEW, ...builds, print: (line) => lines.push(line) });
    const warnings = [...report.warnings].map(([warning, times]) => `${times}: ${warning}`);
    assert.deepEqual(upgradeFaultsOf(report), [], [...lines, ...warnings].join('\n'));
    return report;
  };

  it('RO-3 the release before, and this build: not one draw fails, and nothing is lost or doubled', async function () {
    if (findCommit(PREVIOUS_RELEASE) === undefined) {
      console.warn(`skipped: ${PREVIOUS_RELEASE} is not in this checkout, which has no history`);
      this.skip();
    }
    await upgrade({ from: takeOut(PREVIOUS_RELEASE).folder });
  });

  it('RO-3 this build, and the next one with more columns, events and fields: also back and forth again', async () => {
    const { folder, heard } = laterBuild();
    const { wentBack, warnings } = await upgrade({ from: OWN, to: folder });
    assert.ok(wentBack);
    const told = [...warnings.keys()].filter((warning) => warning.startsWith('the old build'));
    for (const what of heard)
      assert.ok(
        told.some((warning) => warning.includes(what)),
        `${what}\n${told.join('\n')}`,
      );
  });
});
