import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { SETTING_NAMES } from '../../src/settings.ts';

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
/** Settings of the first two versions that none of them names. */
const FIRST = new Set([
  'NODE_ENV',
  'PORT',
  'HOST',
  'LOG_LEVEL',
  'DATABASE_URL',
  'REDIS_URL',
  'PUBLIC_ADDRESS',
  'TRUSTED_PROXIES',
  'CORS_ORIGINS',
  'JWT_SECRET',
  'FIRST_ADMIN_MOBILE',
  'AUTH_DEV_CODE',
  'AUTH_ACCESS_TOKEN_SECONDS',
  'AUTH_REFRESH_TOKEN_SECONDS',
  'AUTH_CODES_PER_IP_PER_HOUR',
  'AUTH_CODES_PER_NUMBER_PER_HOUR',
  'AUTH_CODES_PER_DEVICE_PER_HOUR',
  'AUTH_LOGINS_PER_IP_PER_MINUTE',
  'AUTH_LOGINS_PER_NUMBER_PER_HOUR',
  'AUTH_LOGINS_PER_DEVICE_PER_HOUR',
  'AUTH_FAILURES_BEFORE_LOCK',
  'AUTH_LOCK_SECONDS',
  'AUTH_ACCOUNTS_PER_DEVICE',
  'SMS_SENDER',
  'ALIYUN_ACCESS_KEY_ID',
  'ALIYUN_ACCESS_KEY_SECRET',
  'ALIYUN_SMS_SIGN_NAME',
  'ALIYUN_SMS_TEMPLATE_CODE',
  'ALIYUN_SMS_ENDPOINT',
  'SEED_ENCRYPTION_KEY',
  'BUSINESS_TIMEZONE',
  'SNAPSHOT_INTERVAL_MS',
  'SEED_DEMO',
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

  it('names each setting that is newer than the first ones', () => {
    const newer = [...SETTING_NAMES].filter((name) => !FIRST.has(name));
    const told = toldSettings();
    assert.deepEqual(
      newer.filter((name) => !told.has(name)),
      [],
    );
    // One that is told of is no first one, and one that is gone is none either.
    assert.deepEqual(
      [...FIRST].filter((name) => told.has(name) || !SETTING_NAMES.has(name)),
      [],
    );
  });

  it('the lock file and both READMEs go along', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.deepEqual([lock.version, lock.packages[''].version], [version, version]);
    for (const file of ['README.md', 'README.zh-CN.md'])
      assert.match(readFileSync(file, 'utf8'), /\]\(CHANGELOG\.md\)/, file);
  });
});

/** Under a heading of its own; `_REGION` after `IMAGES_BUCKET_ENDPOINT` is `IMAGES_BUCKET_REGION`. */
function toldSettings(): Set<string> {
  const told = new Set<string>();
  for (const [, section] of CHANGELOG.matchAll(/^### Settings\n([^]*?)(?=^##)/gm)) {
    let before = '';
    for (const [, name] of section!.matchAll(/`([A-Z_]+)`/g)) {
      if (!name!.startsWith('_')) before = name!.slice(0, name!.lastIndexOf('_'));
      told.add(name!.startsWith('_') ? before + name! : name!);
    }
  }
  return told;
}
