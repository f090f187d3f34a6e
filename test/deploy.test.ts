import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LIMITS } from '../src/platform/limits.ts';
import { loadConfig, SETTING_NAMES } from '../src/settings.ts';

/** What nodes must not be given in production, and what the image says. */
const NOT_PASSED = new Set(['AUTH_DEV_CODE', 'SEED_DEMO', 'PORT', 'HOST']);

const compose = readFileSync('deploy/compose.yaml', 'utf8');
const example = readFileSync('deploy/.env.example', 'utf8');
/** Name → value, of the lines that are commented out as well. */
const exampleValues = new Map(
  [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
);

describe('S-7 deploy/', () => {
  it('compose passes every setting to the nodes, and nothing that is none', () => {
    const environment = /^x-node-environment:[^\n]*\n((?: {2}.*\n)+)/m.exec(compose)![1]!;
    const passed = [...environment.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name!);
    // Each node has one of its own.
    passed.push('PUBLIC_ADDRESS');
    assert.deepEqual(passed.sort(), [...SETTING_NAMES].filter((name) => !NOT_PASSED.has(name)).sort());
    assert.equal(compose.match(/^ {6}PUBLIC_ADDRESS:/gm)?.length, 3);
  });

  it('.env.example names every value that compose asks for, and only those', () => {
    const asked = new Set([...compose.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map(([, name]) => name!));
    assert.deepEqual([...exampleValues.keys()].sort(), [...asked].sort());
  });

  it('.env.example tells the values that hold otherwise', () => {
    const secrets = () => randomBytes(32).toString('hex');
    const required = { JWT_SECRET: secrets(), SEED_ENCRYPTION_KEY: secrets() };
    const optional = Object.fromEntries(
      [...exampleValues].filter(([name]) => SETTING_NAMES.has(name) && !(name in required)),
    );
    assert.ok(Object.keys(optional).length > 20);
    assert.deepEqual(loadConfig({ ...optional, ...required }), loadConfig(required));
  });

  it('every service has a limit of memory, a health check, and time to end', () => {
    const nodes = /^x-node: &node\n((?: {2}.*\n)+)/m.exec(compose)![1]!;
    const services = compose.slice(compose.indexOf('\nservices:'), compose.indexOf('\nnetworks:'));
    const blocks = [...services.matchAll(/^ {2}([a-z0-9]+):\n((?: {4}.*\n|\n)+)/gm)];
    assert.deepEqual(
      blocks.map(([, name]) => name),
      ['node1', 'node2', 'node3', 'nginx', 'mysql', 'redis', 'prometheus'],
    );
    for (const [, name, block] of blocks) {
      const said = block!.includes('<<: *node\n') ? nodes + block! : block!;
      assert.match(said, /^ +mem_limit: /m, name);
      assert.match(said, /^ +stop_grace_period: /m, name);
      // That of the nodes is in their image.
      if (said === block) assert.match(said, /^ +healthcheck:/m, name);
    }
    assert.match(readFileSync('Dockerfile', 'utf8'), /^HEALTHCHECK /m);
  });

  it('nginx lets through the largest bodies that nodes take', () => {
    const nginx = readFileSync('deploy/nginx/nginx.conf', 'utf8');
    const allowed = [...nginx.matchAll(/^ +location (=|~) (\S+) \{\n +client_max_body_size (\d+)m;/gm)];
    const megabytesAt = (path: string) => {
      const [, , , size] =
        allowed.find(([, how, at]) => (how === '=' ? at === path : new RegExp(at!).test(path))) ?? [];
      return Number(size ?? 0);
    };
    const largest = {
      '/api/v3/admin/prizes/1/coupons': LIMITS.couponUploadBytes,
      '/api/v3/admin/chat/words': LIMITS.wordListBytes,
      '/api/v3/admin/import/members': LIMITS.importBytes,
      '/api/v3/images': LIMITS.imageBytes,
    };
    for (const [path, bytes] of Object.entries(largest)) assert.ok(megabytesAt(path) * 2 ** 20 > bytes, path);
  });
});
