import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { verify } from '../../src/books/verify.ts';
import { exportedFiles } from '../verifier/exportedFiles.ts';

const AGREES = [
  'campaign 7: 1,600 draws in 3 epochs agree (1,200 rolls recomputed, 400 await their seed)',
  'agrees',
];

/** File → what is said of it, and the exit code. */
const SAID: Record<string, [string | string[] | RegExp, number]> = {
  'whole.json': [AGREES, 0],
  'other layout.json': [AGREES, 0],
  'with a mark.json': [AGREES, 0],
  'roll.json': [/^campaign 7: log_no 705: roll: expected \d+, published 1$/, 1],
  'seed.json': [/^campaign 7: log_no 705: roll: expected \d+, published \d+$/, 1],
  'rewritten.json': [/^campaign 7: log_no 705: (rolled_)?prize_id: expected .+, published 4$/, 1],
  'format.json': [/^campaign 7: log_no 705: roll: expected .*number.*, published 1$/, 1],
  'longer.json': ['campaign 7: log_length: expected 1608, published 1607', 1],
  'shorter.json': ['campaign 7: log_length: expected 1607, published 1608', 1],
  'hash.json': [/^hash.json: epochs.0.server_seed_hash: expected must be 64 .*, published zz/, 1],
  'cut.json': ['cut.json is cut off', 2],
  'cut at an entry.json': ['cut at an entry.json is cut off', 2],
  'broken.json': ['broken.json is not JSON: entry 705 of the log cannot be parsed', 2],
  'empty.json': ['empty.json is empty', 2],
  'text.json': ['text.json is not JSON: it cannot be parsed', 2],
  'other.json': ['other.json is no fairness export: it has no `fairness` and `log`', 2],
  'list.json': ['list.json is no fairness export: it has no `fairness` and `log`', 2],
  'refusal.json': ['refusal.json is no fairness export: it has no `fairness` and `log`', 2],
  'two logs.json': ['two logs.json is no fairness export: it has more than one `log`', 2],
  'log alone.json': ['log alone.json is no fairness export: it has no `fairness` and `log`', 2],
};

describe('verify of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-verify-'));
  const files = exportedFiles();
  before(() => {
    for (const [name, json] of Object.entries(files)) writeFileSync(join(folder, name), json);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (name: string) => {
    const lines: string[] = [];
    const code = await verify({ file: join(folder, name) }, (line) =>
      lines.push(line.replace(`${folder}/`, '')),
    );
    return { code, lines };
  };

  it('L-5 each of them is expected to be something', () => {
    assert.deepEqual(Object.keys(SAID), Object.keys(files));
  });

  for (const [name, [said, code]] of Object.entries(SAID)) {
    it(`L-5 of ${name} is what is said of the same log of a server`, async () => {
      const { code: exit, lines } = await run(name);
      if (said instanceof RegExp) assert.match(lines.join('\n'), said);
      else assert.deepEqual(lines, [said].flat());
      assert.equal(exit, code);
    });
  }

  it('L-5 a file that is not there, or is none, is named in one line', async () => {
    assert.deepEqual(await run('none.json'), { code: 2, lines: ['none.json does not exist'] });
    mkdirSync(join(folder, 'folder'));
    assert.deepEqual(await run('folder'), { code: 2, lines: ['folder is not a file'] });
  });

  it('L-5 the command needs no server, and one of --file and --campaign', async () => {
    const file = join(folder, 'whole.json');
    assert.deepEqual(await command(['--file', file]), [0, [`reading ${file}`, ...AGREES].join('\n'), '']);
    const refused: [string[], string][] = [
      [[], 'one --campaign ID or one --file FILE is required'],
      [['--file', file, '--campaign', '1'], 'one --campaign ID or one --file FILE is required'],
      [['--file', file, '--file', file], 'one --campaign ID or one --file FILE is required'],
      [['--file'], '--file FILE is required'],
      [['--file', file, '--url', 'http://localhost'], '--url names a server, and --file needs none'],
      [['--campaign', 'x'], '--campaign ID is required'],
      [['--campaign', '1', '--url', 'x'], '--url must be http://host:port'],
      [[file], `${file} is not an option; there are --campaign ID, --url URL and --file FILE`],
    ];
    for (const [given, said] of refused)
      assert.deepEqual(await command(given), [2, '', said], given.join(' '));
  }).timeout(60_000);
});

/** Exit code, what it printed, and what it complained of. */
async function command(given: string[]): Promise<[number, string, string]> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/verify.ts', ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const [code, out, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return [code, out.trimEnd(), complaint.trimEnd()];
}
