import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '../src/config.ts';

/** As `openssl rand -hex 32` makes them. */
const randomSecret = () => randomBytes(32).toString('hex');
const SECRETS = { JWT_SECRET: randomSecret(), SEED_ENCRYPTION_KEY: randomSecret() };
const PRODUCTION = { ...SECRETS, NODE_ENV: 'production', SMS_SENDER: 'console' };
const ALIYUN = {
  SMS_SENDER: 'aliyun',
  ALIYUN_ACCESS_KEY_ID: 'LTAI5tExample',
  ALIYUN_ACCESS_KEY_SECRET: 'access-key-secret',
  ALIYUN_SMS_SIGN_NAME: '开奖',
  ALIYUN_SMS_TEMPLATE_CODE: 'SMS_154950909',
};

/** The start stops with one line that begins with the setting's name and does not show its value. */
function assertNamed(environment: NodeJS.ProcessEnv, setting: string): void {
  const value = environment[setting];
  assert.throws(
    () => loadConfig({ ...SECRETS, ...environment }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, new RegExp(`^${setting}\\b[^\\n]*$`));
      if (value !== undefined && value.length > 8) assert.ok(!error.message.includes(value), error.message);
      return true;
    },
    `${setting}=${value}`,
  );
}

/** Whatever the repository's files give as a secret, as plain text or repeated. */
function secretsOfTheRepository(): string[] {
  const given =
    /(?:JWT_SECRET|SEED_ENCRYPTION_KEY|SEED_KEY|SECRET|[sS]ecret)['"]?\s*[:=]\s*(?:(['"`])(.+?)\1(?:\.repeat\((\d+)\))?|([\w+/=-]{32,}))/g;
  return ['test', 'deploy', 'loadtest', 'sim', '.ci', 'README.md', 'README.zh-CN.md'].flatMap((name) =>
    filesOf(name).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(given)].map(([, , quoted, times = '1', plain]) =>
        (quoted ?? plain ?? '').repeat(Number(times)),
      ),
    ),
  );
}

function filesOf(name: string): string[] {
  if (statSync(name).isFile()) return [name];
  return readdirSync(name, { recursive: true, encoding: 'utf8' })
    .map((file) => join(name, file))
    .filter((file) => statSync(file).isFile());
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
      requestsPerMinute: 30_000,
      joinsPerMinute: 60,
      connectionsPerAddress: 2000,
      campaignClientLimit: 2000,
      drawRatePerSecond: 20,
      seedDemo: undefined,
      businessTimezone: 'Asia/Shanghai',
      snapshotIntervalMs: 5000,
    });
  });

  it('of others that only sound like ours are left alone', () => {
    for (const name of ['REQUESTS_CA_BUNDLE', 'HTTP_PROXY', 'API_KEY', 'REDIS_HOME', 'SERVER_NAME'])
      assert.doesNotThrow(() => loadConfig({ ...SECRETS, [name]: 'x' }), name);
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
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_URL', 'sqlite:.'],
    ['DATABASE_URL', 'sqlite:/var/lib/'],
    ['DATABASE_URL', 'mysql://kj:top100%Secret@127.0.0.1:3306/kj'],
    ['DATABASE_URL', 'mysql://kj:top/secret@127.0.0.1:3306/kj'],
    ['DATABASE_URL', 'mysql://kj:top#secret@127.0.0.1:3306/kj'],
    ['DATABASE_URL', 'mysql://kj:secret@127.0.0.1:99999/kj'],
    ['DATABASE_URL', 'mysql://kj:secret@127.0.0.1:0/kj'],
    ['DATABASE_URL', 'mysql://kj:secret@:3306/kj'],
    ['DATABASE_URL', 'mysql://kj:secret@127.0.0.1/kj/more'],
    ['DATABASE_URL', 'mysql://kj:secret@127.0.0.1/k%j'],
    ['DATABASE_REPLICA_URLS', 'mysql://kj:secret@r1:3306/kj,mysql://kj:secret@r2:70000/kj'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'redis://127.0.0.1:99999'],
    ['REDIS_URL', 'redis://:top100%Secret@127.0.0.1'],
    ['REDIS_URL', 'redis://127.0.0.1:6379/first'],
    ['REDIS_URL', 'redis://127.0.0.1:6379?ssl_ca=/ca.pem'],
    ['REDIS_URL', 'rediss://127.0.0.1:6379?ssl=false'],
    ['PUBLIC_ADDRESS', 'a b'],
    ['PUBLIC_ADDRESS', 'http://node-1.example.com'],
    ['PUBLIC_ADDRESS', 'node-1.example.com:99999'],
    ['PUBLIC_ADDRESS', 'node-1.example.com?a=b'],
    ['CORS_ORIGINS', 'https://a.example.com,nonsense'],
    ['CORS_ORIGINS', 'https://a.example.com/app'],
    ['CORS_ORIGINS', 'https://a.example.com?b'],
    ['CORS_ORIGINS', 'https://user@a.example.com'],
    ['CORS_ORIGINS', 'https://*.example.com'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'file://'],
    ['CORS_ORIGINS', 'a.example.com'],
    ['CORS_ORIGINS', 'localhost:3000'],
    ['CORS_ORIGINS', 'https://a.example.com:99999'],
    ['JWT_SECRET', 'short'],
    ['SEED_ENCRYPTION_KEY', 'ab'],
    ['AUTH_DEV_CODE', '12345'],
    ['SEED_DEMO', 'maybe'],
    ['BUSINESS_TIMEZONE', 'Asia/Nowhere'],
    ['SNAPSHOT_INTERVAL_MS', '1'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
    ['SMS_SENDER', 'pigeon'],
    ['ALIYUN_SMS_ENDPOINT', 'https://dysmsapi.aliyuncs.com'],
    ['FIRST_ADMIN_MOBILE', '12345678901'],
    ['FIRST_ADMIN_MOBILE', '1391234567'],
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
      'SMS_SENDERS',
      'ALIYUN_SMS_SIGN',
      'FIRST_ADMIN_PHONE',
    ]) {
      assertNamed({ [unknown]: 'x' }, unknown);
    }
  });

  it('that are misspelt stop the start with the nearest name', () => {
    const meant: Record<string, string> = {
      DATABSE_URL: 'DATABASE_URL',
      DATABASE_ULR: 'DATABASE_URL',
      REDIS_URI: 'REDIS_URL',
      CORS_ORIGIN: 'CORS_ORIGINS',
      TRUSTED_PROXY: 'TRUSTED_PROXIES',
      JWT_SECRETS: 'JWT_SECRET',
      SNAPSHOT_INTERVAL: 'SNAPSHOT_INTERVAL_MS',
      PUBLIC_ADRESS: 'PUBLIC_ADDRESS',
      REQUEST_PER_MINUTE: 'REQUESTS_PER_MINUTE',
    };
    for (const [name, setting] of Object.entries(meant)) {
      const expected = `${name} is not a setting of this version; did you mean ${setting}?`;
      assert.throws(() => loadConfig({ ...SECRETS, [name]: 'x' }), { message: expected });
    }
  });

  it('of other programs are left alone, also when a setting that was given is near', () => {
    const others =
      'HOSTNAME HOSTS PORTS REDIS_HOST REDIS_PORT REDIS_PORT_6379_TCP REDIS_SERVICE_HOST REDIS_TLS_URL LOG_FORMAT NODE_OPTIONS ' +
      'NODE_PATH NODE_EXTRA_CA_CERTS KUBERNETES_PORT AWS_REGION CI TERM SSL_CERT_FILE CORS_PROXY HTTP_PROXY DEBUG TZ';
    for (const name of others.split(' '))
      assert.doesNotThrow(() => loadConfig({ ...SECRETS, [name]: 'x' }), name);
    assert.equal(loadConfig({ ...SECRETS, LOG_LEVEL: 'warn', LOGLEVEL: 'x' }).logLevel, 'warn');
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

  it('A-3 production seeds no demo', () => {
    assertNamed({ ...PRODUCTION, SEED_DEMO: 'true' }, 'SEED_DEMO');
    assert.equal(loadConfig({ ...PRODUCTION, SEED_DEMO: 'false' }).seedDemo, false);
  });

  it('A-3 production requires its secrets and refuses a universal code', () => {
    assert.equal(loadConfig(PRODUCTION).production, true);
    assert.equal(loadConfig(PRODUCTION).devCode, undefined);
    assertNamed({ ...PRODUCTION, JWT_SECRET: undefined }, 'JWT_SECRET');
    assertNamed({ ...PRODUCTION, SEED_ENCRYPTION_KEY: undefined }, 'SEED_ENCRYPTION_KEY');
    assertNamed({ ...PRODUCTION, JWT_SECRET: 'short' }, 'JWT_SECRET');
    assertNamed({ ...PRODUCTION, AUTH_DEV_CODE: '123456' }, 'AUTH_DEV_CODE');
    assertNamed({ ...PRODUCTION, SMS_SENDER: undefined }, 'SMS_SENDER');
  });

  it('A-3 production refuses secrets that can be guessed', () => {
    const weak = [
      'j'.repeat(40),
      'ab'.repeat(20),
      '12345678901234567890123456789012',
      'abcdefghijklmnopqrstuvwxyz0123456789',
      'zyxwvutsrqponmlkjihgfedcba9876543210',
      'correct horse battery correct horse battery',
      '01189998819991197253011899988199911972530118999',
      'my-very-own-Secret-for-this-shop-9fX2',
      'please-ChangeMe-before-going-live-9fX2',
      '0123456789abcdef'.repeat(4),
    ];
    for (const JWT_SECRET of weak) assertNamed({ ...PRODUCTION, JWT_SECRET }, 'JWT_SECRET');
    const weakKeys = [
      '00'.repeat(32),
      '07'.repeat(32),
      '0123456789abcdef'.repeat(4),
      Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('hex'),
      Buffer.from(Array.from({ length: 32 }, (_, at) => 255 - 3 * at)).toString('hex'),
      '9f3c1d5e7b2a4680'.repeat(4),
      `${'00'.repeat(24)}9f3c1d5e7b2a4680`,
    ];
    for (const key of weakKeys)
      assertNamed({ ...PRODUCTION, SEED_ENCRYPTION_KEY: key }, 'SEED_ENCRYPTION_KEY');
    const { JWT_SECRET } = SECRETS;
    assertNamed({ ...PRODUCTION, SEED_ENCRYPTION_KEY: JWT_SECRET }, 'SEED_ENCRYPTION_KEY');
  });

  it('A-3 production refuses every secret of this repository', () => {
    const known = secretsOfTheRepository().filter((secret) => Buffer.byteLength(secret) >= 32);
    assert.ok(known.includes('test-secret-of-more-than-thirty-two-bytes'), 'the search finds none');
    assert.ok(known.includes('07'.repeat(32)), 'the search finds no repeated ones');
    for (const JWT_SECRET of known) assertNamed({ ...PRODUCTION, JWT_SECRET }, 'JWT_SECRET');
  });

  it('A-3 production takes secrets that were made at random', () => {
    for (let i = 0; i < 300; i++) {
      loadConfig({ ...PRODUCTION, JWT_SECRET: randomSecret(), SEED_ENCRYPTION_KEY: randomSecret() });
      loadConfig({ ...PRODUCTION, JWT_SECRET: randomBytes(32).toString('base64') });
    }
  });

  it('A-3 production refuses a database that is open to whoever reaches it', () => {
    for (const credentials of [
      '',
      'root@',
      'root:@',
      'kaijiang@',
      'root:root@',
      'shop:shop@',
      'app:123456@',
    ]) {
      const url = `mysql://${credentials}db:3306/kaijiang`;
      assertNamed({ ...PRODUCTION, DATABASE_URL: url }, 'DATABASE_URL');
      const replicas = { DATABASE_REPLICA_URLS: `mysql://app:9fX2kQ7@r1:3306/kaijiang,${url}` };
      assertNamed({ ...PRODUCTION, ...replicas }, 'DATABASE_REPLICA_URLS');
      assert.equal(loadConfig({ ...SECRETS, DATABASE_URL: url }).databaseUrl, url);
    }
    const url = 'mysql://kaijiang:9f:X2@kQ7@db:3306/kaijiang';
    assert.equal(loadConfig({ ...PRODUCTION, DATABASE_URL: url }).databaseUrl, url);
  });

  it('A-3 the Aliyun account is given as a whole or not at all', () => {
    const { aliyunSms } = loadConfig({ ...PRODUCTION, ...ALIYUN });
    assert.deepEqual(aliyunSms, {
      accessKeyId: ALIYUN.ALIYUN_ACCESS_KEY_ID,
      accessKeySecret: ALIYUN.ALIYUN_ACCESS_KEY_SECRET,
      signName: ALIYUN.ALIYUN_SMS_SIGN_NAME,
      templateCode: ALIYUN.ALIYUN_SMS_TEMPLATE_CODE,
      endpoint: 'dysmsapi.aliyuncs.com',
    });
    for (const name of Object.keys(ALIYUN).slice(1)) assertNamed({ ...ALIYUN, [name]: '' }, name);
    assert.equal(loadConfig({ ...SECRETS, ...ALIYUN, SMS_SENDER: 'console' }).aliyunSms, undefined);
  });

  it('A-9 the first administrator may be written with +86', () => {
    const { firstAdminMobile } = loadConfig({ ...PRODUCTION, FIRST_ADMIN_MOBILE: '+8613712345678' });
    assert.equal(firstAdminMobile, '13712345678');
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
