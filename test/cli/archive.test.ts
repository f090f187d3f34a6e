import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryDrawPack } from '../../entities/lottery/LotteryDrawPack.ts';
import { audit } from '../../src/books/audit.ts';
import { verify } from '../../src/books/verify.ts';
import { FairnessExports } from '../../src/lottery/fairnessExport.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { endCampaigns } from '../books/packedBooks.ts';
import { openCampaign, SEED_KEY } from '../books/playedBooks.ts';
import { forEachDatabase, urlOf } from '../support/databases.ts';
import { createCampaign, createUsers } from '../support/factories.ts';

const DELAY_MS = 60_000;
const DAY_MS = 86_400_000;
const DRAWS = 6400;

/** As npm runs it. */
function start(environment: NodeJS.ProcessEnv, ...parameters: string[]) {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const [, ...given] = scripts['archive']!.split(' ');
  const child = spawn(process.execPath, [...given, ...parameters], {
    env: { ...process.env, ...environment },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => lines.push(...text.toString().trim().split('\n')));
  return { child, lines, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function run(environment: NodeJS.ProcessEnv, ...parameters: string[]) {
  const { lines, ended } = start(environment, ...parameters);
  return { code: await ended, lines };
}

const dayOf = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

forEachDatabase('npm run archive', (open) => {
  let database: Database;
  let environment: NodeJS.ProcessEnv;
  let campaignId: number;
  let folder: string;

  const exported = async () => {
    const exports = new FairnessExports({
      database,
      seedKey: SEED_KEY,
      kept: { keptEntries: () => undefined },
    });
    let text = '';
    for await (const piece of exports.make(campaignId, '127.0.0.1')) text += piece.text.toString();
    return text;
  };
  const counts = async () => ({
    rows: await database.currentReader.count(LotteryDraw),
    packs: await database.currentReader.count(LotteryDrawPack),
  });

  before(async function () {
    this.timeout(DELAY_MS);
    database = await open();
    environment = { DATABASE_URL: urlOf(database), LEGAL_HOLD_DAYS: '' };
    const userIds = await createUsers(database, 40, { points: 1_000_000_00 });
    ({ campaignId } = await createCampaign(database, { campaign: { seed_rotation_draws: 1000 } }));
    const campaign = await openCampaign(database, campaignId);
    await Promise.all(
      Array.from({ length: DRAWS / 10 }, (_, at) =>
        campaign.draw({ userId: userIds[at % 40]! }, { request_id: `r${at}`, draw_count: 10 }),
      ),
    );
    await campaign.close();
    await endCampaigns(database, [campaignId]);
    await database.transaction((tx) =>
      tx.execute('UPDATE lottery_campaigns SET end_time = ?', [`${dayOf(150)} 00:00:00.000`]),
    );
  });

  after(() => folder !== undefined && rmSync(folder, { recursive: true }));

  it('RO-6 refuses what is held, and says what it would do without doing it', async function () {
    this.timeout(DELAY_MS);
    const [young, held, dry, older] = await Promise.all([
      run(environment, '--before', dayOf(90)),
      run({ ...environment, LEGAL_HOLD_DAYS: '3650' }, '--before', dayOf(120)),
      run(environment, '--before', dayOf(120), '--dry-run'),
      run(environment, '--before', dayOf(200)),
    ]);
    assert.equal(young.code, 2);
    assert.match(
      young.lines.join('\n'),
      /^LEGAL_HOLD: draws stay in their table for 100 days: --before .* is the latest$/,
    );
    assert.equal(held.code, 2);
    assert.match(
      held.lines.join('\n'),
      /^LEGAL_HOLD: LEGAL_HOLD_DAYS keeps everything for 3650 days as it is/,
    );
    assert.deepEqual([dry.code, dry.lines], [0, [`campaign ${campaignId}: ${DRAWS} draws to pack`]]);
    assert.deepEqual([older.code, older.lines], [0, ['0 draws of 0 campaigns packed']]);
    assert.deepEqual(await counts(), { rows: DRAWS, packs: 0 });
  });

  it('RO-6 writes a copy before anything is packed, and packs nothing where it is altered or missing', async function () {
    this.timeout(DELAY_MS);
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-archive-'));
    const file = join(folder, `campaign-${campaignId}.json.gz`);
    const given = ['--before', dayOf(120), '--to', folder];
    const withKey = { ...environment, SEED_ENCRYPTION_KEY: SEED_KEY.toString('hex') };
    // As of a process that died before it had written the hash.
    const { child, ended } = start(withKey, ...given);
    while (!existsSync(file) && child.exitCode === null) await sleep(1);
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(await counts(), { rows: DRAWS, packs: 0 });
    rmSync(`${file}.sha256`, { force: true });
    const whole = readFileSync(file);
    writeFileSync(file, 'altered');
    const altered = await run(withKey, ...given);
    assert.equal(altered.code, 1);
    assert.match(altered.lines[0]!, /0 of 6400 draws packed; .* is there, is another one, and has no /);
    writeFileSync(file, whole);
    writeFileSync(`${file}.sha256`, `${createHash('sha256').update(whole).digest('hex')}  x\n`);
    rmSync(file);
    const missing = await run(withKey, ...given);
    assert.equal(missing.code, 1);
    assert.match(missing.lines[0]!, /0 of 6400 draws packed; .* is missing$/);
    assert.deepEqual(await counts(), { rows: DRAWS, packs: 0 });
    writeFileSync(file, whole);
    const lines: string[] = [];
    assert.equal(await verify({ file }, (line) => lines.push(line)), 0, lines.join('\n'));
    assert.match(lines[0]!, /6,400 draws/);
    const cut = `${file}.cut.gz`;
    writeFileSync(cut, whole.subarray(0, whole.length - 100));
    assert.equal(await verify({ file: cut }, () => undefined), 2);
  });

  it('RO-6 killed at any moment it loses nothing and doubles nothing, and goes on when it is run again', async function () {
    this.timeout(2 * DELAY_MS);
    const before = await exported();
    const withKey = { ...environment, SEED_ENCRYPTION_KEY: SEED_KEY.toString('hex') };
    for (const pauseMs of [3, 45]) {
      const { packs } = await counts();
      const given = ['--before', dayOf(120), '--pause', '20', '--to', folder];
      const { child, ended } = start(withKey, ...given);
      while ((await counts()).packs < packs + 2) await sleep(2);
      await sleep(pauseMs);
      child.kill('SIGKILL');
      assert.equal(await ended, null, 'it was killed while it worked');
      const now = await counts();
      assert.ok(now.rows > 0 && now.packs >= packs + 2, JSON.stringify(now));
      assert.equal(await exported(), before);
    }
    const last = await run(withKey, '--before', dayOf(120), '--pause', '0', '--to', folder);
    assert.equal(last.code, 0, last.lines.join('\n'));
    assert.equal(last.lines[0], `campaign ${campaignId}: its file is there, and whole`);
    assert.match(last.lines.at(-1)!, /^\d+ draws of 1 campaigns packed$/);
    assert.deepEqual(await counts(), { rows: 0, packs: DRAWS / 320 });
    assert.equal(await exported(), before);
    const lines: string[] = [];
    const code = await audit({ databaseUrl: urlOf(database), seedKey: SEED_KEY }, (line) => lines.push(line));
    assert.equal(code, 0, lines.join('\n'));
    const again = await run(environment, '--before', dayOf(120));
    assert.deepEqual([again.code, again.lines], [0, ['0 draws of 0 campaigns packed']]);
  });
});

it('RO-6 npm run archive refuses wrong options in a line', async function () {
  this.timeout(DELAY_MS);
  const environment = { DATABASE_URL: 'sqlite:/nowhere/archive.db' };
  const refusals = await Promise.all([
    run(environment),
    run(environment, '--before', '2025'),
    run(environment, '--before', '2025-13-01'),
    run(environment, '--before', '2025-01-01', '--pause', 'x'),
    run(environment, '--before', '2025-01-01', '--now'),
    run({ ...environment, LEGAL_HOLD_DAYS: 'x' }, '--before', '2025-01-01'),
  ]);
  assert.deepEqual(
    refusals.map(({ code, lines }) => [code, lines.length]),
    refusals.map(() => [2, 1]),
  );
});
