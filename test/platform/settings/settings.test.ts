import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../src/platform/settings/configError.ts';
import { loadConfig } from '../../../src/settings.ts';
import { assertNamed, PRODUCTION, SECRETS } from './given.ts';

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
      databaseReplicaLagMs: 5000,
      redisUrl: undefined,
      publicAddress: undefined,
      corsOrigins: [],
      trustedProxies: [],
      jwtSecret: SECRETS.JWT_SECRET,
      aliyunSms: undefined,
      firstAdminMobile: undefined,
      devCode: '123456',
      accessTokenSeconds: 7200,
      refreshTokenSeconds: 604_800,
      codesPerIpPerHour: 30,
      codesPerHour: 2000,
      codesPerNumberPerHour: 30,
      codesPerDevicePerHour: 30,
      loginsPerIpPerMinute: 300,
      loginsPerNumberPerHour: 600,
      loginsPerDevicePerHour: 600,
      failuresBeforeLock: 10,
      lockSeconds: 900,
      accountsPerDevice: 5,
      requestsPerMinute: 15_000,
      joinsPerMinute: 60,
      legalHoldDays: 0,
      connectionsPerAddress: 2000,
      loopLimitMs: 0,
      drainWaitMs: 0,
      drainSpreadMs: 0,
      campaignClientLimit: 2000,
      pointsDebt: 'on',
      pointsGraceDays: 7,
      pointsLifetimeDays: 0,
      pointsReminderDays: 7,
      pointsTransfersPerDay: 50_000,
      pointsTransferReview: 10_000,
      pointsBlockedWords: [],
      pointsLevels: [0, 20_000, 50_000, 100_000, 200_000],
      pointsExperience: 'amount / 100',
      pointsCheckInCap: 7,
      pointsReturnDays: 0,
      drawRatePerSecond: 20,
      chatRatePerSecond: 3,
      chatServiceHours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00' }],
      chatAnswerMinutes: 5,
      chatResolutionMinutes: 240,
      tradeFeeBp: 500,
      tradeOpenDays: 7,
      tradeEscrowHours: 72,
      tradeReview: 10_000,
      imagesFolder: './data/images',
      imagesBucket: undefined,
      seedDemo: undefined,
      businessTimezone: 'Asia/Shanghai',
      market: 'CN',
      fourEyes: true,
      breakGlassMs: 3_600_000,
      webhookAllowedNetworks: [],
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
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
      CHAT_RATE_PER_SECOND: '7',
      CHAT_SERVICE_HOURS: '09:00-12:00,13:30-21:00',
      CHAT_ANSWER_MINUTES: '10',
      CHAT_RESOLUTION_MINUTES: '60',
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
      [config.businessTimezone, config.drawRatePerSecond, config.chatRatePerSecond, config.devCode],
      ['Asia/Urumqi', 5, 7, '654321'],
    );
    const hours = config.chatServiceHours.map(({ from, to }) => [from, to]);
    assert.deepEqual(hours, [
      ['09:00', '12:00'],
      ['13:30', '21:00'],
    ]);
    assert.deepEqual([config.chatAnswerMinutes, config.chatResolutionMinutes], [10, 60]);
  });

  it('may name a file with an @ and a colon in it after the address', () => {
    const redis = 'rediss://:9fX2@cache:6379?ssl_ca=/etc/ssl/shop@home:70000';
    assert.equal(loadConfig({ ...SECRETS, REDIS_URL: redis }).redisUrl, redis);
    const mysql = 'mysql://kj:9fX2@db:3306/kj?ssl_ca=/etc/ssl/shop@home:70000';
    assert.equal(loadConfig({ ...SECRETS, DATABASE_URL: mysql }).databaseUrl, mysql);
  });

  it('R-5 a bucket of pictures is given whole, and by its own name', () => {
    const given = {
      IMAGES_BUCKET: 'shop-pictures',
      IMAGES_BUCKET_ENDPOINT: 'https://cos.example.com/',
      IMAGES_BUCKET_KEY_ID: 'AKID',
      IMAGES_BUCKET_SECRET: 'a secret',
    };
    assert.deepEqual(loadConfig({ ...SECRETS, ...given }).imagesBucket, {
      name: 'shop-pictures',
      endpoint: 'https://cos.example.com',
      region: 'us-east-1',
      keyId: 'AKID',
      secret: 'a secret',
      prefix: 'images/',
      byPath: false,
      redirects: false,
    });
    for (const name of Object.keys(given).filter((name) => name !== 'IMAGES_BUCKET')) {
      const { [name as keyof typeof given]: _, ...rest } = given;
      assertNamed({ ...rest }, name);
      assertNamed({ [name]: given[name as keyof typeof given] }, name);
    }
  });

  it('that are empty count as absent, but an empty AUTH_DEV_CODE switches the code off', () => {
    assert.equal(loadConfig({ ...SECRETS, PORT: '', REDIS_URL: '' }).port, 2567);
    assert.equal(loadConfig({ ...SECRETS, AUTH_DEV_CODE: '' }).devCode, undefined);
  });

  it('S-5 one of several nodes that is told no PUBLIC_ADDRESS takes the address it listens on, if there is one', () => {
    const of = (environment: NodeJS.ProcessEnv) =>
      loadConfig({ ...SECRETS, REDIS_URL: 'redis://cache:6379', ...environment }).publicAddress;
    assert.equal(of({ HOST: '10.0.0.7', PORT: '8080' }), '10.0.0.7:8080');
    assert.equal(of({ HOST: 'fd00::7' }), '[fd00::7]:2567');
    assert.equal(of({ HOST: '10.0.0.7', PUBLIC_ADDRESS: 'a.example.com' }), 'a.example.com');
    assert.equal(of({ HOST: '0.0.0.0' }), undefined);
    assert.equal(of({ HOST: '10.0.0.7', PORT: '0' }), undefined);
    assert.equal(of({ HOST: '127.0.0.1' }), '127.0.0.1:2567');
    assert.equal(of({ ...PRODUCTION, HOST: '127.0.0.1' }), undefined);
    assert.equal(loadConfig({ ...SECRETS, HOST: '10.0.0.7' }).publicAddress, undefined);
  });

  it('S-3 origins are kept as browsers write them', () => {
    const of = (CORS_ORIGINS: string) => loadConfig({ ...SECRETS, CORS_ORIGINS }).corsOrigins;
    assert.deepEqual(of('https://A.Example.com/, HTTPS://b.example.com:443, http://c.example.com:80/'), [
      'https://a.example.com',
      'https://b.example.com',
      'http://c.example.com',
    ]);
    assert.deepEqual(of('http://localhost:3000,https://奖.example,capacitor://Localhost,http://[::1]:80'), [
      'http://localhost:3000',
      'https://xn--1ts.example',
      'capacitor://localhost',
      'http://[::1]',
    ]);
  });

  it('an IPv6 HOST may be written as URLs have it', () => {
    assert.equal(loadConfig({ ...SECRETS, HOST: '[::1]' }).host, '::1');
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
