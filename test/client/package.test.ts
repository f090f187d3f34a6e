import assert from 'node:assert/strict';
import { execFile, type ExecFileException } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { writeClientPackage } from '../../build/clientPackage.ts';
import { fencedIn } from '../../build/markdown.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';

const MODULES = resolve('node_modules');
const EXAMPLE = fencedIn('docs/client.md').find(({ language }) => language === 'js')!.text;

/** What a project of others writes, and what its compiler has to refuse. */
const TYPED = `
  import { KaijiangClient, KaijiangError, type CampaignState, type DrawReply, type Login } from 'kaijiang-client';
  import { verifyFile, verifyProof, type Verified } from 'kaijiang-client/verifier';

  export async function play(url: string): Promise<string> {
    const client = new KaijiangClient({ url, onStatus: (event) => console.log(event.status) });
    const login: Login = await client.login('13900000001', '123456');
    const id: number = login.user.user_id;
    const role: 'user' | 'staff' | 'admin' | 'super_admin' = login.user.role;
    const seat = await client.joinCampaign(1);
    seat.onState((state: CampaignState) => console.log(state.prizes.map((prize) => prize.name.length)));
    const reply: DrawReply = await seat.draw({ drawCount: 2 });
    const left: number = reply.draws_left_today ?? 0;
    const first: string | undefined = reply.draws[0]?.prize?.name;
    const chat = await client.joinChat(1, { onSaid: ({ seq }) => console.log(seq.toFixed()) });
    const sent: number = (await chat.say('hi')).seq;
    client.track({ kind: 'page', name: 'home' });
    const verified: Verified = await verifyFile(new Blob([]));
    const verdict: 'valid' | 'sealed' | 'invalid' = verifyProof('').verdict;
    try {
      await seat.me();
    } catch (error) {
      if (error instanceof KaijiangError && error.code === 'POINTS_INSUFFICIENT') return error.message;
    }
    return [id, role, left, first, sent, verified.lines.length, verdict].join();
  }

  export async function refused(client: KaijiangClient): Promise<void> {
    const seat = await client.joinCampaign(1);
    // @ts-expect-error a count is a number
    await seat.draw({ drawCount: 'two' });
    // @ts-expect-error a draw has no such field
    console.log((await seat.draw()).draws[0]?.nothing);
    // @ts-expect-error names are text
    const name: number = seat.state.name;
    // @ts-expect-error the server's state is not for others to change
    seat.state.draw_no = 1;
    // @ts-expect-error there is no such code
    if (new KaijiangError('BUSY').code === 'NONSENSE') console.log(name);
  }
`;

interface Run {
  code: ExecFileException['code'];
  output: string;
}

/** @returns once it has ended, however it did */
function run(file: string, parameters: readonly string[], cwd: string): Promise<Run> {
  return new Promise((done) => {
    execFile(file, parameters, { cwd, encoding: 'utf8' }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    );
  });
}

onSqlite('S-10 the client as a package', (_open, openUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-package-'));
  const made = join(folder, 'made');
  const project = join(folder, 'project');
  const installed = join(project, 'node_modules/kaijiang-client');
  let server: RunningServer;

  before('it is packed, and unpacked in a project that has nothing else', async function () {
    this.timeout(120_000);
    await writeClientPackage(made);
    const packed = await run('npm', ['pack', '--silent', '--offline', '--pack-destination', folder], made);
    assert.equal(packed.code, 0, packed.output);
    mkdirSync(installed, { recursive: true });
    const unpacking = ['-xzf', join(folder, packed.output.trim()), '--strip-components=1', '-C', installed];
    assert.equal((await run('tar', unpacking, folder)).code, 0);
    // As npm lays it, without asking a registry: its one dependency.
    mkdirSync(join(project, 'node_modules/@colyseus'));
    symlinkSync(join(MODULES, '@colyseus/sdk'), join(project, 'node_modules/@colyseus/sdk'));
    writeFileSync(join(project, 'package.json'), '{"type": "module"}');
    server = await startServer(await openUrl());
  });
  after(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has the version of the product, the SDK as its one dependency, and no file but what it is imported by', () => {
    const product = JSON.parse(readFileSync('package.json', 'utf8'));
    const {
      version,
      dependencies,
      private: isPrivate,
    } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    assert.deepEqual([version, isPrivate], [product.version, undefined]);
    assert.deepEqual(dependencies, { '@colyseus/sdk': product.dependencies['@colyseus/sdk'] });
    assert.deepEqual(readdirSync(installed).sort(), [
      'LICENSE',
      'README.md',
      'client.js',
      'package.json',
      'types',
      'verifier.js',
    ]);
    for (const name of readdirSync(join(installed, 'types'), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(installed, 'types', name), 'utf8');
      const imported = [...text.matchAll(/(?:from|import\() ?['"]([^'"]+)['"]/g)].map(([, from]) => from!);
      assert.deepEqual(
        imported.filter((from) => from !== '@colyseus/sdk' && !/^\.\/\w+\.js$/.test(from)),
        [],
        name,
      );
      assert.doesNotMatch(text.replaceAll(/\/\*[^]*?\*\//g, ''), /\bany\b|\bz\./, name);
    }
  });

  for (const [resolution, module] of [
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ]) {
    it(`is typed for moduleResolution ${resolution}`, async () => {
      writeFileSync(join(project, 'typed.ts'), TYPED);
      const compilerOptions = {
        ...{
          strict: true,
          noEmit: true,
          target: 'es2022',
          lib: ['es2022', 'dom'],
          types: [],
          skipLibCheck: false,
        },
        ...{ module, moduleResolution: resolution },
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
      const compiler = join(MODULES, 'typescript/bin/tsc');
      const { output } = await run(process.execPath, [compiler, '-p', '.'], project);
      // The declarations of the SDK have faults of their own, which skipLibCheck passes over; ours have none.
      const faults = output
        .split('\n')
        .filter((line) => /error TS/.test(line) && !/node_modules\/@colyseus\//.test(line));
      assert.deepEqual(faults, []);
      assert.match(output, /@colyseus\/sdk\/build\/HTTP\.d\.ts/, 'nothing was looked at');
    }).timeout(60_000);
  }

  it('logs in, draws, and verifies the draw, as its README says', async () => {
    writeFileSync(join(project, 'example.js'), EXAMPLE.replace('http://localhost:2567', server.origin));
    const { code, output } = await run(process.execPath, ['example.js'], project);
    assert.equal(code, 0, output);
    assert.match(
      output,
      /^1 .+\nbalance \d+(\.\d+)?\nsealed commitment: waits, roll: waits, table: agrees, chain: agrees\n$/,
    );
  });

  it('verifies the whole of a campaign, whose seeds are published, and finds a difference', async () => {
    const { token } = await server.login('13800000000');
    assert.equal((await server.api('POST', '/admin/campaigns/1/fairness/rotate', { token })).code, 'OK');
    writeFileSync(
      join(project, 'verify.js'),
      `import { verifyFile } from 'kaijiang-client/verifier';
       const log = await (await fetch('${server.origin}/api/v3/lottery/campaigns/1/fairness-export')).text();
       for (const text of [log, log.replace(/"roll":\\s*\\d+/, '"roll":1')]) {
         const { verdict, lines } = await verifyFile(new Blob([text]));
         console.log(verdict, lines[0]);
       }`,
    );
    const { output } = await run(process.execPath, ['verify.js'], project);
    assert.match(output, /^0 .*1 draws?.*\n1 .*\n$/);
  });

  it('is put into a page by a bundler, with nothing of Node and a size of its own', async () => {
    writeFileSync(join(project, 'page.js'), "export { KaijiangClient } from 'kaijiang-client';");
    const { outputFiles } = await build({
      entryPoints: [join(project, 'page.js')],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
    });
    const { text } = outputFiles[0]!;
    assert.ok(text.length < 250 * 1024, `${text.length} bytes`);
    assert.doesNotMatch(text, /from ?["']node:|ZodError/);
  });
});
