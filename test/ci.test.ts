import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function run(file: string, ...parameters: string[]) {
  const { stdout, status } = spawnSync(file, parameters, { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

const filesOf = (part: string) => (statSync(part).isDirectory() ? globSync(`${part}/**/*.test.ts`) : [part]);

describe('.ci/', () => {
  it('runs every test file exactly once', () => {
    const { lines, status } = run('.ci/suites');
    assert.equal(status, 0);
    const taken = lines.flatMap((suite) => suite.split(' ').flatMap(filesOf));
    assert.deepEqual(taken.toSorted(), globSync('test/**/*.test.ts').toSorted());
    for (const suite of lines) assert.ok(suite.split(' ').every((part) => filesOf(part).length > 0));
  });

  describe('adds up what the suites report', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-ci-'));
    after(() => rmSync(folder, { recursive: true }));
    const report = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    };

    it('of the last line of each kind, after what failed', () => {
      const calm = report('calm', '\n  ..\n\n  12 passing (3s)\n');
      const loud = report(
        'loud',
        '  99 passing (1m)\n\n  30 passing (1m)\n  4 pending\n  2 failing\n\n  1) a\n',
      );
      assert.deepEqual(run('.ci/totals', calm, loud), {
        lines: ['  2 failing', '', '  1) a', '42 passed, 2 failed, 4 skipped'],
        status: 0,
      });
    });

    it('and fails where one came to no end', () => {
      const calm = report('calm', '  12 passing (3s)\n');
      for (const text of ['', '  0 passing (3ms)\n', 'Error: 12 passing\n']) {
        const { lines, status } = run('.ci/totals', calm, report('broken', text));
        assert.deepEqual([lines, status], [['12 passed, 0 failed, 0 skipped'], 1]);
      }
    });
  });
});
