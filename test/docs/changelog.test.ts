import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const CHANGELOG = readFileSync('CHANGELOG.md', 'utf8');
const KINDS = new Set([
  'Added',
  'Changed',
  'Deprecated',
  'Removed',
  'Fixed',
  'Security',
  'Settings',
  'Wire',
  'Upgrading',
]);
const headings = [...CHANGELOG.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);

describe('S-10 the changelog', () => {
  it('has what is to come first, then the version of the package, then those before it', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [unreleased, ...released] = headings;
    assert.equal(unreleased, 'Unreleased');
    const versions = released.map((heading) => /^(\d+)\.(\d+)\.(\d+) - (\d{4}-\d{2}-\d{2})$/.exec(heading));
    assert.ok(
      versions.every((found) => found !== null),
      released.join(),
    );
    assert.equal(released[0]!.split(' ')[0], version);
    const ranks = versions.map((found) =>
      found.slice(1, 4).reduce((rank, part) => rank * 1000 + Number(part), 0),
    );
    assert.deepEqual(
      ranks,
      ranks.toSorted((a, b) => b - a),
    );
    const days = versions.map((found) => found[4]!);
    assert.deepEqual(days, days.toSorted().toReversed());
  });

  it('says of each version what is new by one of a few headings, and nothing twice', () => {
    const versions = CHANGELOG.split(/^## .+$/m).slice(1);
    for (const [at, text] of versions.entries()) {
      const kinds = [...text.matchAll(/^### (.+)$/gm)].map(([, kind]) => kind!);
      assert.ok(
        kinds.length > 0 && kinds.every((kind) => KINDS.has(kind)),
        `${headings[at]}: ${kinds.join()}`,
      );
      assert.equal(new Set(kinds).size, kinds.length, headings[at]);
    }
  });

  it('the lock file and both READMEs go along', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.deepEqual([lock.version, lock.packages[''].version], [version, version]);
    for (const file of ['README.md', 'README.zh-CN.md'])
      assert.match(readFileSync(file, 'utf8'), /\]\(CHANGELOG\.md\)/, file);
  });
});
