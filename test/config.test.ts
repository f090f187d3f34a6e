import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '../src/config.ts';

const SECRETS = { JWT_SECRET: 'j'.repeat(32), SEED_ENCRYPTION_KEY: 'ab'.repeat(32) };
const PRODUCTION = { ...SECRETS, NODE_ENV: 'production' };

/** The start stops with one line that begins with the setting's name. */
function assertNamed(environment: NodeJS.ProcessEnv, setting: string): void {
  assert.throws(
    () => loadConfig({ ...SECRETS, ...environment }),
    (error) =>
      error instanceof ConfigError && error.message.startsWith(setting) && !error.message.includes('\n'),
  );
}

describe('settings', () => {
  it('have the defaults of the wire contract', () => {
    const { seedKey, ...config } = loadConfig(SECRETS);
    assert.equal(seedKey.toString('hex'), SECRETS.SEED_ENCRYPTION_KEY);
    assert.deepEqual(config, {
      production: false,
      port: 2567,
      host: '127.0.0.1',
      logLevel: 'info',
      databaseUrl: 'sqlite:./data/kaijiang.db',
      databaseReplicaUrls: [],
      databasePoolSize: 10,
      redisUrl: undefined,
      publicAddress: undefined,
      corsOrigins: [],
      trustedProxies: [],
      jwtSecret: SECRETS.JWT_SECRET,
      devCode: '123456',
      accessTokenSeconds: 7200,
      refreshTokenSeconds: 604_800,
      codesPerIpPerHour: 30,
      loginsPerIpPerMinute: 60,
      drawRatePerSecond: 20,
      seedDemo: undefined,
      businessTimezone: 'Asia/Shanghai',
      snapshotIntervalMs: 5000,
    });
  });

  it('are read from the environment', () => {
    const config = loadConfig({
      ...SECRETS,
      PORT: '8080',
      HOST: '0.0.0.0',
      DATABASE_URL: 'mysql://user:pass@db:3306/kaijiang',
      DATABASE_REPLICA_URLS: 'mysql://user:pass@r1:3306/kaijiang, mysql://user:pass@r2:3306/kaijiang',
      REDIS_URL: 'redis://cache:6379',
      PUBLIC_ADDRESS: 'node-1.example.com:443',
      CORS_ORIGINS: 'https://a.example.com,https://b.example.com',
      SEED_DEMO: 'false',
      BUSINESS_TIMEZONE: 'Asia/Urumqi',
      DRAW_RATE_PER_SECOND: '5',
      AUTH_DEV_CODE: '654321',
    });
    assert.deepEqual([config.port, config.host, config.seedDemo], [8080, '0.0.0.0', false]);
    assert.equal(config.databaseUrl, 'mysql://user:pass@db:3306/kaijiang');
    assert.equal(config.databaseReplicaUrls[1], 'mysql://user:pass@r2:3306/kaijiang');
    assert.deepEqual(
      [config.redisUrl, config.publicAddress],
      ['redis://cache:6379', 'node-1.example.com:443'],
    );
    assert.deepEqual(config.corsOrigins, ['https://a.example.com', 'https://b.example.com']);
    assert.deepEqual(
      [config.businessTimezone, config.drawRatePerSecond, config.devCode],
      ['Asia/Urumqi', 5, '654321'],
    );
  });

  it('that are empty count as absent, but an empty AUTH_DEV_CODE switches the code off', () => {
    assert.equal(loadConfig({ ...SECRETS, PORT: '', REDIS_URL: '' }).port, 2567);
    assert.equal(loadConfig({ ...SECRETS, AUTH_DEV_CODE: '' }).devCode, undefined);
  });

  it('of other programs are left alone', () => {
    assert.equal(
      loadConfig({ ...SECRETS, PATH: '/bin', HOME: '/', npm_config_x: '1', REDIS: 'x' }).port,
      2567,
    );
  });

  const MALFORMED: [setting: string, value: string][] = [
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['DATABASE_URL', 'postgres://localhost/kaijiang'],
    ['DATABASE_URL', 'sqlite:'],
    ['DATABASE_URL', 'mysql://user@host'],
    ['DATABASE_REPLICA_URLS', 'mysql://user@host/kaijiang,nonsense'],
    ['DATABASE_POOL_SIZE', '1'],
    ['REDIS_URL', 'localhost:6379'],
    ['PUBLIC_ADDRESS', 'a b'],
    ['CORS_ORIGINS', 'https://a.example.com,nonsense'],
    ['JWT_SECRET', 'short'],
    ['SEED_ENCRYPTION_KEY', 'ab'],
    ['AUTH_DEV_CODE', '12345'],
    ['SEED_DEMO', 'maybe'],
    ['BUSINESS_TIMEZONE', 'Asia/Nowhere'],
    ['SNAPSHOT_INTERVAL_MS', '1'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
  ];
  for (const [setting, value] of MALFORMED) {
    it(`${setting}=${value} stops the start by name`, () => assertNamed({ [setting]: value }, setting));
  }

  it('that look like ours and are not stop the start by name', () => {
    for (const unknown of [
      'DRAW_RATE',
      'JWT_SECRETS',
      'DATABASE_URLS',
      'AUTH_CODE',
      'SEED_DATA',
      'PUBLIC_URL',
    ]) {
      assertNamed({ [unknown]: 'x' }, unknown);
    }
  });

  it('A-3 production requires its secrets and refuses a universal code', () => {
    assert.equal(loadConfig(PRODUCTION).production, true);
    assert.equal(loadConfig(PRODUCTION).devCode, undefined);
    assertNamed({ NODE_ENV: 'production', JWT_SECRET: undefined }, 'JWT_SECRET');
    assertNamed({ NODE_ENV: 'production', SEED_ENCRYPTION_KEY: undefined }, 'SEED_ENCRYPTION_KEY');
    assertNamed({ NODE_ENV: 'production', JWT_SECRET: 'short' }, 'JWT_SECRET');
    assertNamed({ NODE_ENV: 'production', AUTH_DEV_CODE: '123456' }, 'AUTH_DEV_CODE');
  });

  describe('in an empty folder', () => {
    const home = process.cwd();
    let folder: string;
    before('enters it', () => {
      folder = mkdtempSync(join(tmpdir(), 'kaijiang-config-'));
      process.chdir(folder);
    });
    after('leaves it', () => {
      process.chdir(home);
      rmSync(folder, { recursive: true });
    });

    it('secrets are made once outside production and kept where only the owner reads them', () => {
      const first = loadConfig({});
      const second = loadConfig({});
      assert.match(first.jwtSecret, /^[0-9a-f]{64}$/);
      assert.equal(first.seedKey.length, 32);
      assert.notEqual(first.seedKey.toString('hex'), first.jwtSecret);
      assert.deepEqual([second.jwtSecret, second.seedKey], [first.jwtSecret, first.seedKey]);
      for (const name of ['jwt-secret', 'seed-key'])
        assert.equal(statSync(join('data', name)).mode & 0o777, 0o600);
    });

    it('production makes none', () => {
      rmSync('data', { recursive: true });
      assert.throws(() => loadConfig({ NODE_ENV: 'production' }), ConfigError);
      assert.equal(existsSync('data'), false);
    });
  });
});
