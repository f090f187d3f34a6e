import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/settings.ts';
import { assertNamed, PRODUCTION, randomSecret, SECRETS } from './given.ts';

const ALIYUN = {
  SMS_SENDER: 'aliyun',
  ALIYUN_ACCESS_KEY_ID: 'LTAI5tExample',
  ALIYUN_ACCESS_KEY_SECRET: 'access-key-secret',
  ALIYUN_SMS_SIGN_NAME: '开奖',
  ALIYUN_SMS_TEMPLATE_CODE: 'SMS_154950909',
};

/** Whatever the repository's files give as a secret, as plain text or repeated. */
function secretsOfTheRepository(): string[] {
  const given =
    /(?:JWT_SECRET|SEED_ENCRYPTION_KEY|SEED_KEY|SECRET|[sS]ecret)['"]?\s*[:=]\s*(?:(['"`])(.+?)\1(?:\.repeat\((\d+)\))?|([\w+/=-]{32,}))/g;
  return ['test', 'deploy', 'loadtest', '.ci', 'README.md', 'README.zh-CN.md'].flatMap((name) =>
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

describe('settings in production', () => {
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
    const strong = 'mysql://kaijiang:9f:X2@kQ7@db:3306/kaijiang?ssl_ca=/etc/ssl/shop@home:ca.pem';
    assert.equal(loadConfig({ ...PRODUCTION, DATABASE_URL: strong }).databaseUrl, strong);
    for (const credentials of [
      '',
      'root@',
      'root:@',
      'kaijiang@',
      'root:root@',
      'shop:shop@',
      'app:123456@',
      // Weak as well where it is written with % or followed by an @.
      'root:%72oot@',
      's%68op:shop@',
    ]) {
      const url = `mysql://${credentials}db:3306/kaijiang`;
      const withCa = `${url}?ssl_ca=/etc/ssl/shop@home:ca.pem`;
      assertNamed({ ...PRODUCTION, DATABASE_URL: withCa }, 'DATABASE_URL');
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
});
