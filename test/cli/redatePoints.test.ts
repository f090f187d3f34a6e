import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { PointsLot } from '../../entities/points/PointsLot.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase, urlOf } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';

const DELAY_MS = 60_000;

interface Ran {
  code: number;
  lines: string[];
}

/** As npm runs it. */
function run(environment: NodeJS.ProcessEnv, ...parameters: string[]): Promise<Ran> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const [, ...given] = scripts['points:redate']!.split(' ');
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [...given, ...parameters], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), lines: (stdout + stderr).trim().split('\n') }),
    );
  });
}

forEachDatabase('npm run points:redate', (open) => {
  let database: Database;
  beforeEach(async function () {
    this.timeout(DELAY_MS);
    database ??= await open();
  });

  it('RP-8 previews, and with --apply does what it has told and logs it', async function () {
    this.timeout(DELAY_MS);
    await createUsers(database, 3, { points: 10_50 });
    const environment = { DATABASE_URL: urlOf(database), BUSINESS_TIMEZONE: 'Europe/Berlin' };
    const ends = async () => {
      const lots = await database.currentReader.find(PointsLot);
      return lots.map(({ expires_at: end }) => end?.toISOString().slice(10));
    };
    const seen = await run(environment, '--days', '30');
    assert.equal(seen.code, 0, seen.lines.join('\n'));
    assert.match(seen.lines[1]!, /^ {2}through \d{4}-\d\d-\d\d: 3 lots of 3 users, 31.5 points$/);
    assert.deepEqual(
      [seen.lines[0], seen.lines[2]],
      ['another end for 3 lots of 3 users, 31.5 points', 'nothing is written: --apply does it'],
    );
    assert.deepEqual(await ends(), [undefined, undefined, undefined]);
    const done = await run(environment, '--days', '30', '--from-type', 'earn', '--apply');
    assert.deepEqual([done.code, done.lines[2]], [0, 'written: 3 lots of 3 users, 31.5 points']);
    const midnight = /^T2[23]:00:00.000Z$/;
    assert.ok((await ends()).every((end) => midnight.test(end ?? '')));
    const logged = await database.currentReader.find(AdminAuditLog);
    assert.deepEqual(
      logged.map(({ action, target_id }) => [action, target_id]),
      [['points.redate', 'earn']],
    );
  });
});

it('RP-8 npm run points:redate refuses wrong options in a line, and opens nothing', async function () {
  this.timeout(DELAY_MS);
  const file = join(tmpdir(), `kaijiang-redate-${process.pid}.db`);
  const environment = { DATABASE_URL: `sqlite:${file}` };
  const refusals = await Promise.all([
    run(environment, '--apply'),
    run(environment, '--days', '3651', '--apply'),
    run(environment, '--days', '30', '--from-type', 'EARN', '--apply'),
    run(environment, '--days', '30', '--aply'),
    run({ ...environment, POINTS_GRACE_DAYS: 'x' }, '--days', '30', '--apply'),
  ]);
  assert.deepEqual(
    refusals.map(({ code, lines }) => [code, lines.length]),
    refusals.map(() => [2, 1]),
  );
  assert.equal(existsSync(file), false);
});
