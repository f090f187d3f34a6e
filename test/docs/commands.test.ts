import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fencedIn } from '../../build/markdown.ts';
import { ERRORS } from '../../src/platform/errors.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { DOCUMENTS, inlineScripts, toldBlocks } from './blocks.ts';
import { CLASSIFIED, scripts, type Ran } from './classified.ts';

const TOLD = 'http://localhost:2567';
/** What `npm` itself needs, or CI alone calls: no table has them. */
const UNTOLD = /^(build|build:web|start|test|format|check:\w+)$/;
const KEY = { name: 'till', permissions: ['points:pay', 'points:grant'] };

describe('S-10 the commands of the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-docs-'));
  const checkout = join(folder, 'checkout');
  const database = `sqlite:${join(folder, 'docs.db')}`;
  const modules = mkdtempSync(join(resolve('node_modules'), '.docs-'));
  let server: ServerProcess;
  let given: Record<string, string>;

  before('one server runs, and a checkout that commands may write to', async function () {
    this.timeout(90_000);
    mkdirSync(checkout);
    for (const name of [
      'build',
      'entities',
      'loadtest',
      'node_modules',
      'package.json',
      'rooms',
      'src',
      'test',
      'tsconfig.json',
    ])
      symlinkSync(resolve(name), join(checkout, name));
    server = await startServerProcess(database);
    const token = await login('13800000000');
    const made = await call<{ key: string }>('POST', '/admin/api-keys', token, KEY);
    given = { TOKEN: token, KEY: made.key };
  });
  after(async () => {
    await server?.end('SIGTERM');
    for (const made of [folder, modules]) rmSync(made, { recursive: true, force: true });
  });

  async function call<Data>(
    method: string,
    path: string,
    token: string | undefined,
    body: object,
  ): Promise<Data> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${server.origin}/api/v3${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify(body),
    });
    const { code, data } = (await answer.json()) as { code: string; data: Data };
    assert.equal(code, 'OK');
    return data;
  }

  async function login(mobile: string): Promise<string> {
    const body = { mobile, code: '123456' };
    return (await call<{ access_token: string }>('POST', '/auth/login', undefined, body)).access_token;
  }

  /** @returns what it has printed. @throws where it ends with anything but 0 */
  function run(file: string, parameters: readonly string[], cwd: string): Promise<string> {
    const environment = {
      PATH: process.env['PATH'],
      HOME: folder,
      // The checkout's own is a link.
      TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
      DATABASE_URL: database,
      SEED_ENCRYPTION_KEY: '09'.repeat(32),
      ...given,
    };
    return new Promise((done, fail) => {
      execFile(file, parameters, { cwd, env: environment, encoding: 'utf8' }, (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else fail(new Error(`${error.message}\n${stdout}${stderr}`));
      });
    });
  }

  const blocks = toldBlocks();
  const nameOf = (commands: readonly string[]) => commands.join('\n');

  it('each is classified, and nothing is that nobody is told of', () => {
    const known = new Set(CLASSIFIED.map(({ commands }) => nameOf(commands)));
    const unknown = blocks.filter(({ commands }) => !known.has(nameOf(commands)));
    assert.deepEqual(
      unknown.map(({ at, commands }) => [at.join(), ...commands]),
      [],
    );
    const told = new Set(blocks.map(({ commands }) => nameOf(commands)));
    assert.deepEqual(
      CLASSIFIED.map(({ commands }) => nameOf(commands)).filter((name) => !told.has(name)),
      [],
    );
    assert.equal(known.size, CLASSIFIED.length);
  });

  for (const classified of CLASSIFIED) {
    const [first] = classified.commands;
    if (classified.kind === 'looked at') {
      it(`${first} is looked at: ${classified.why}`, classified.look);
      continue;
    }
    it(`${first} is run`, async () => {
      const { text } = blocks.find(({ commands }) => nameOf(commands) === nameOf(classified.commands))!;
      assert.match(await runBlock(text, classified), classified.prints);
    }).timeout(60_000);
  }

  function runBlock(text: string, { files = {}, less = {} }: Ran): Promise<string> {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(checkout, name), content);
    const here = text.replaceAll(TOLD, server.origin);
    const script = Object.entries(less).reduce((done, [long, short]) => {
      assert.ok(done.includes(long), long);
      return done.replace(long, short);
    }, here);
    return run('bash', ['--norc', '-euo', 'pipefail', '-c', script], checkout);
  }

  it('each script that is named somewhere exists and knows the options that are named with it', () => {
    const named = inlineScripts(Object.keys(scripts()));
    assert.ok(named.length > 60);
    for (const { scripts: possible, options, at } of named) {
      for (const script of possible) assert.ok(script in scripts(), `${at} names ${script}`);
      const sources = possible.map(sourceOf);
      for (const option of options.filter((option) => option !== 'help')) {
        const known = new RegExp(`['"\`-]${option}\\b|\\b${option}\\??:`);
        assert.ok(
          sources.some((source) => known.test(source)),
          `${at}: ${possible.join()} --${option}`,
        );
      }
    }
  });

  it('each command of the image that is named is made of a file of the product', () => {
    const named = DOCUMENTS.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bdist\/(src\/[\w/]+)\.js\b/g)].map(
        ([, path]) => `${path}.ts`,
      ),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((path) => !existsSync(path)),
      [],
    );
  });

  it('both tables of commands have every script', () => {
    for (const file of ['README.md', 'README.zh-CN.md']) {
      const text = readFileSync(file, 'utf8');
      const missing = Object.keys(scripts()).filter(
        (name) => !UNTOLD.test(name) && !text.includes(`| \`npm run ${name}`),
      );
      assert.deepEqual(missing, [], file);
    }
  });

  for (const file of ['README.md', 'README.zh-CN.md', 'docs/fairness.md', 'docs/fairness.zh-CN.md']) {
    it(`the programs of ${file} run`, async () => {
      if (file.includes('fairness')) await publishSeeds();
      for (const { language, text, line } of fencedIn(file)) {
        if (!text.includes(TOLD) || !['js', 'ts'].includes(language)) continue;
        const program = join(
          modules,
          `${file.replaceAll(/\W/g, '-')}-${line}.${language === 'js' ? 'mjs' : 'mts'}`,
        );
        writeFileSync(
          program,
          text.replaceAll(TOLD, server.origin).replace("'./src/", `'${resolve('src')}/`),
        );
        const printed = await run(process.execPath, ['--import', 'tsx', program], process.cwd());
        if (file.includes('fairness')) assert.match(printed, /^(.*true\n){3}$/);
        else assert.match(printed, /draw_no|\d/);
      }
    }).timeout(60_000);
  }

  /** One draw at least, and its seed for everybody. */
  async function publishSeeds(): Promise<void> {
    const token = await login('13900000002');
    await call('POST', '/lottery/draw', token, { campaign_id: 1, draw_count: 1, request_id: 'docs-1' });
    await call('POST', '/admin/campaigns/1/fairness/rotate', given['TOKEN'], {});
  }

  it('the few lines that check the signature of a webhook do', async () => {
    const text = fencedIn('docs/integrators.md').find(({ language }) => language === 'js')!.text;
    const program = join(modules, 'webhook.mjs');
    writeFileSync(program, text);
    const { isGenuine } = await import(program);
    const secret = Buffer.alloc(32, 7);
    const told = `whsec_${secret.toString('base64')}`;
    const now = Math.floor(Date.now() / 1000);
    const signed = (timestamp: number, body: string, by = secret) => ({
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,AAAA v1,${createHmac('sha256', by).update(`evt_1.${timestamp}.${body}`).digest('base64')}`,
    });
    assert.equal(isGenuine(signed(now, '{}'), '{}', told), true);
    assert.equal(isGenuine(signed(now, '{}'), '{ }', told), false);
    assert.equal(isGenuine(signed(now - 3600, '{}'), '{}', told), false);
    assert.equal(isGenuine(signed(now, '{}', Buffer.alloc(32, 8)), '{}', told), false);
  });

  it('the table of errors has every code with its status', () => {
    const rows = [...readFileSync('docs/integrators.md', 'utf8').matchAll(/^\| `([A-Z_]+)` +\| (\d+) /gm)];
    const written = Object.fromEntries(rows.map(([, code, status]) => [code!, Number(status)]));
    assert.deepEqual(
      written,
      Object.fromEntries(Object.entries(ERRORS).map(([code, [status]]) => [code, status])),
    );
  });
});

/** The script's entry, with what it imports of its own. */
function sourceOf(script: string): string {
  const entry = /\S+\.ts\b/.exec(scripts()[script]!)?.[0];
  if (entry === undefined) return scripts()[script]!;
  const text = readFileSync(entry, 'utf8');
  const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path]) => join(dirname(entry), path!));
  return [text, ...imported.filter(existsSync).map((file) => readFileSync(file, 'utf8'))].join('\n');
}
