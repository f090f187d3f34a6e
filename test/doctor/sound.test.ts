/** RO-8 a sound installation, looked at by the command as operators run it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import type { Finding } from '../../src/doctor/finding.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase, onMariadb } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { needs, sharedRedis } from '../support/shared.ts';
import { KEYS, said, secret } from './examining.ts';

const DELAY_MS = 60_000;

interface Ran {
  code: number;
  lines: string[];
  text: string;
}

interface Running {
  cwd?: string;
  /** A command of the shell before it. */
  first?: string;
}

/** As npm runs it. */
async function doctor(
  environment: Record<string, string>,
  parameters: string[] = [],
  { cwd = process.cwd(), first = ':' }: Running = {},
): Promise<Ran> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  assert.equal(scripts['doctor'], 'node --import tsx src/cli/doctor.ts');
  const loader = pathToFileURL(createRequire(import.meta.filename).resolve('tsx')).href;
  const command = ['--import', loader, resolve('src/cli/doctor.ts'), ...parameters];
  const env = {
    PATH: process.env['PATH'],
    TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
    ...environment,
  };
  const shell = ['-c', `${first} && exec "$@"`, 'sh', process.execPath, ...command];
  return new Promise((settle) => {
    execFile('sh', shell, { env, cwd }, (error, stdout, stderr) => {
      const text = stdout + stderr;
      settle({ code: Number(error?.code ?? 0), lines: text.trim().split('\n'), text });
    });
  });
}

forEachDatabase('npm run doctor beside a node that runs', (_open, openUrl) => {
  needs('redis-server');
  let url: string;
  let node: ServerProcess;
  let folder: string;
  const environment = async () => ({
    ...KEYS,
    DATABASE_URL: url,
    REDIS_URL: (await sharedRedis()).url,
    PUBLIC_ADDRESS: node.origin.slice('http://'.length),
    IMAGES_FOLDER: join(folder, 'images'),
  });

  before(async function () {
    this.timeout(DELAY_MS);
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-doctor-'));
    url = await openUrl();
    node = await startServerProcess(url, { ...KEYS, REDIS_URL: (await sharedRedis()).url });
    // The demo has a campaign, and so a seed that is stored, once its room is there.
    const published = `${node.origin}/api/v3/lottery/campaigns/1/fairness`;
    await eventually(
      async () => assert.match(await (await fetch(published)).text(), /"server_seed_hash":/),
      DELAY_MS,
    );
  });
  after(async () => {
    await node?.end('SIGTERM');
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it('RO-8 finds all of it well', async function () {
    this.timeout(DELAY_MS);
    const { code, lines } = await doctor(await environment());
    assert.deepEqual(
      lines.filter((line) => !/^ok {4}[a-z0-9 ]+ {2}\S/.test(line)),
      [],
    );
    assert.equal(code, 0);
    const names = lines.map((line) => /^ok {4}([a-z0-9]+(?: [a-z0-9]+)*)/.exec(line)![1]!);
    const common = ['node', 'open files', 'settings', 'keys', 'time zone', 'data folder', 'image folder'];
    const database = url.startsWith('sqlite:')
      ? ['database', 'flush', 'schema', 'seeds']
      : ['database', 'session', 'flush', 'database clock', 'character set', 'schema', 'utf8mb4', 'seeds'];
    const redis = ['redis', 'redis eviction', 'redis memory', 'redis persistence', 'redis clock'];
    const nodes = ['nodes', 'versions', 'addresses', 'address', 'websocket'];
    assert.deepEqual(names, [...common, ...database, ...redis, ...nodes]);
  });

  it('RO-8 another key than the one that sealed the seeds is told of, as JSON as well', async function () {
    this.timeout(DELAY_MS);
    const { code, text } = await doctor({ ...(await environment()), SEED_ENCRYPTION_KEY: secret() }, [
      '--json',
    ]);
    const { sound, findings } = JSON.parse(text) as { sound: boolean; findings: Finding[] };
    assert.deepEqual([code, sound], [1, false]);
    const bad = findings.filter(({ level }) => level !== 'ok');
    assert.deepEqual(
      bad.map(({ name, level }) => [name, level]),
      [['seeds', 'fail']],
    );
    assert.match(bad[0]!.found, /^SEED_ENCRYPTION_KEY: .*another key/);
    assert.match((bad[0] as { remedy: string }).remedy, /backed up apart/);
  });
});

onMariadb('npm run doctor before the first start', (_open, _openUrl, openEmptyUrl) => {
  it('RO-8 leaves an empty database and folder as they are', async function () {
    this.timeout(DELAY_MS);
    const cwd = mkdtempSync(join(tmpdir(), 'kaijiang-doctor-'));
    const url = await openEmptyUrl();
    const { code, text } = await doctor({ DATABASE_URL: url }, [], { cwd });
    assert.equal(code, 0, text);
    assert.match(text, /^ok {4}keys .*JWT_SECRET and SEED_ENCRYPTION_KEY will be made by the first start$/m);
    assert.match(text, /^ok {4}schema .*empty: the first start makes it in \d+ steps$/m);
    assert.deepEqual(readdirSync(cwd), []);
    rmSync(cwd, { recursive: true });
    assert.equal((await said('schema', { DATABASE_URL: url })).found, /empty: .*/.exec(text)![0]);
  });
});

describe('npm run doctor', function () {
  this.timeout(DELAY_MS);

  it('RO-8 makes no SQLite file, and says what the first start will do', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'kaijiang-doctor-'));
    const { code, text } = await doctor({}, [], { cwd });
    assert.equal(code, 0, text);
    assert.match(text, /^ok {4}database .*the first start makes the file$/m);
    assert.ok(!existsSync(join(cwd, 'data')));
    rmSync(cwd, { recursive: true });
  });

  it('RO-8 a limit of open files that connections would meet', async () => {
    const { code, text } = await doctor({ ...KEYS }, [], { first: 'ulimit -n 1024' });
    assert.equal(code, 1, text);
    assert.match(
      text,
      /^fail {2}open files .*at most 1024, and each connection takes one\n +remedy: raise the limit to 16384/m,
    );
  });
});
