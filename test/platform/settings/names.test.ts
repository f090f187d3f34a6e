import assert from 'node:assert/strict';
import { loadConfig } from '../../../src/settings.ts';
import { assertNamed, SECRETS } from './given.ts';

describe('names of settings', () => {
  it('of others that only sound like ours are left alone', () => {
    for (const name of ['REQUESTS_CA_BUNDLE', 'HTTP_PROXY', 'API_KEY', 'REDIS_HOME', 'SERVER_NAME'])
      assert.doesNotThrow(() => loadConfig({ ...SECRETS, [name]: 'x' }), name);
  });

  it('of other programs are left alone', () => {
    assert.equal(
      loadConfig({ ...SECRETS, PATH: '/bin', HOME: '/', npm_config_x: '1', REDIS: 'x' }).port,
      2567,
    );
  });

  it('of services beside, as Kubernetes and links of containers tell them, are left alone', () => {
    for (const service of [
      'DATABASE',
      'REDIS',
      'PUBLIC',
      'LOTTERY',
      'AUTH',
      'SEED',
      'DATABASE_URL',
      'CORS_ORIGIN',
    ]) {
      const told = {
        [`${service}_SERVICE_HOST`]: '10.0.0.1',
        [`${service}_SERVICE_PORT`]: '3306',
        [`${service}_SERVICE_PORT_MYSQL_X`]: '33060',
        [`${service}_PORT`]: 'tcp://10.0.0.1:3306',
        [`${service}_PORT_3306_TCP`]: 'tcp://[fd00::1]:3306',
        [`${service}_PORT_3306_TCP_PROTO`]: 'tcp',
        [`${service}_PORT_3306_TCP_PORT`]: '3306',
        [`${service}_PORT_53_UDP_ADDR`]: '10.0.0.1',
      };
      for (const [name, value] of Object.entries(told))
        assert.doesNotThrow(() => loadConfig({ ...SECRETS, [name]: value }), name);
    }
  });

  it('that somebody wrote are not taken for those of a service', () => {
    for (const [name, value] of Object.entries({
      DATABASE_PORT: '3306',
      DATABASE_HOST: '10.0.0.1',
      DATABASE_PORT_3306: 'tcp://10.0.0.1:3306',
      PUBLIC_SERVICE: 'shop',
    }))
      assertNamed({ [name]: value }, name);
  });

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
});
