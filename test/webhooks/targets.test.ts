import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AppError } from '../../src/platform/errors.ts';
import { Targets } from '../../src/webhooks/targets.ts';

const REFUSED = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f.0.0.1', '017700000001', '0.0.0.0', '0.1.2.3', '10.0.0.1'],
  ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '100.100.100.200'],
  ...['192.0.0.1', '198.18.0.1', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  ...['[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]'],
  ...[
    '[64:ff9b::7f00:1]',
    '[64:ff9b::10.0.0.1]',
    '[64:ff9b:1::808:808]',
    '[2002:7f00:1::]',
    '[2002:808:808::]',
  ],
  ...['[2001::1]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[2001:db8::1]'],
  ...[
    '[4000::1]',
    '[100::1]',
    '[::10.0.0.1]',
    '127.0.0.1.',
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    '１２７.0.0.1',
  ],
];
const PUBLIC = [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '[2606:4700::1111]',
  '[64:ff9b::808:808]',
  '[::ffff:8.8.8.8]',
];

const outcome = async (targets: Targets, url: string) => {
  try {
    await targets.check(url);
    return 'taken';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    assert.deepEqual(
      (error.details as { path: string }[]).map(({ path }) => path),
      ['url'],
    );
    return error.code;
  }
};

describe('where events may be sent', () => {
  for (const host of REFUSED)
    it(`E-6 not to ${host}`, async () => {
      assert.equal(await outcome(new Targets([]), `https://${host}/events`), 'VALIDATION_FAILED');
      assert.equal(await outcome(new Targets([]), `https://${host}:8443`), 'VALIDATION_FAILED');
    });

  it('E-6 to public addresses, over https alone', async () => {
    for (const host of PUBLIC) {
      assert.equal(await outcome(new Targets([]), `https://${host}/events`), 'taken', host);
      assert.equal(await outcome(new Targets([]), `http://${host}/events`), 'VALIDATION_FAILED', host);
    }
  });

  it('E-6 never by another scheme, nor with credentials', async () => {
    const wrong = [
      'ftp://8.8.8.8',
      'file:///etc/passwd',
      'gopher://8.8.8.8',
      'javascript:alert(1)',
      '8.8.8.8',
      '//8.8.8.8',
    ];
    for (const url of [
      ...wrong,
      'https://',
      'https://a:b@8.8.8.8',
      'https://a@8.8.8.8',
      'https://[::1',
      'https://%00/',
    ])
      assert.equal(await outcome(new Targets([]), url), 'VALIDATION_FAILED', url);
  });

  it('E-6 over http and to other addresses where the setting names the network', async () => {
    const targets = new Targets(['127.0.0.0/8', 'fd00::/8', '10.0.0.7', '::ffff:192.168.0.0/112']);
    for (const host of [
      '127.0.0.1:9000',
      '127.255.1.1',
      '[::ffff:127.0.0.1]',
      '[fd00::1]',
      '10.0.0.7',
      '192.168.3.4',
    ])
      for (const scheme of ['http', 'https'])
        assert.equal(await outcome(targets, `${scheme}://${host}/`), 'taken', host);
    for (const host of ['10.0.0.8', '[::1]', '[fc00::1]', '192.169.0.1'])
      assert.equal(await outcome(targets, `http://${host}/`), 'VALIDATION_FAILED', host);
  });

  it('E-6 a name counts as what it resolves to, and connects to nothing else', async () => {
    const names: Record<string, string[]> = {
      'inside.example': ['127.0.0.1'],
      'mixed.example': ['10.0.0.1', '8.8.8.8', '::1'],
      'outside.example': ['8.8.4.4'],
    };
    const resolve = (name: string) =>
      names[name] === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(names[name]);
    const targets = new Targets([], resolve);
    assert.equal(await outcome(targets, 'https://inside.example'), 'VALIDATION_FAILED');
    assert.equal(await outcome(targets, 'https://inside.example./'), 'VALIDATION_FAILED');
    assert.equal(await outcome(targets, 'https://outside.example'), 'taken');
    assert.equal(await outcome(targets, 'http://outside.example'), 'VALIDATION_FAILED');
    assert.deepEqual(await targets.addressesOf(new URL('https://mixed.example')), ['8.8.8.8']);
    // It may come to be known; every try asks again.
    assert.equal(await outcome(targets, 'https://new.example'), 'taken');
    assert.equal(await outcome(targets, 'http://new.example'), 'VALIDATION_FAILED');
  });

  it('E-6 a name server that is silent holds nobody up for long', async () => {
    const targets = new Targets([], () => new Promise(() => undefined));
    const startedAt = performance.now();
    assert.equal(await outcome(targets, 'https://silent.example'), 'taken');
    assert.ok(performance.now() - startedAt < 4000);
  });

  it('E-6 localhost is found by its name where 127.0.0.0/8 is allowed', async () => {
    assert.equal(await outcome(new Targets(['127.0.0.0/8']), 'http://localhost:9000/'), 'taken');
  });
});
