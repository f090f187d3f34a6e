/** S-7 deploy/pm2: what PM2 is told, and that the nodes it starts are nodes of one installation. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { loadConfig, SETTING_NAMES, type Config } from '../../src/settings.ts';

/** What PM2 takes of an app, as far as it is used here; it passes over what it does not know. */
const FIELDS: Record<string, 'string' | 'number' | 'boolean' | 'object'> = {
  name: 'string',
  cwd: 'string',
  script: 'string',
  interpreter: 'string',
  interpreter_args: 'string',
  exec_mode: 'string',
  instances: 'number',
  kill_timeout: 'number',
  treekill: 'boolean',
  min_uptime: 'number',
  max_restarts: 'number',
  exp_backoff_restart_delay: 'number',
  max_memory_restart: 'string',
  merge_logs: 'boolean',
  env: 'object',
};

interface App {
  name: string;
  cwd: string;
  script: string;
  interpreter: string;
  interpreter_args: string;
  exec_mode: string;
  instances: number;
  kill_timeout: number;
  env: Record<string, string>;
}

const load = createRequire(import.meta.filename);
const ECOSYSTEM = load.resolve('../../deploy/pm2/ecosystem.config.cjs');
const { apps } = load(ECOSYSTEM) as { apps: App[] };
const conf = readFileSync('deploy/pm2/nodes.conf', 'utf8');

/** Of src/shutdown.ts. */
const CLOSING_MS = 10_000;

/** With what the file of settings has beside. */
function configOf(env: Record<string, string>): Config {
  const secret = () => randomBytes(32).toString('hex');
  return loadConfig({
    DATABASE_URL: `mysql://kaijiang:${secret()}@127.0.0.1:3306/kaijiang`,
    REDIS_URL: 'redis://127.0.0.1:6379',
    JWT_SECRET: secret(),
    SEED_ENCRYPTION_KEY: secret(),
    SMS_SENDER: 'console',
    ...env,
  });
}

describe('S-7 deploy/pm2', () => {
  it('has nothing that PM2 does not know', () => {
    for (const app of apps)
      for (const [field, value] of Object.entries(app)) assert.equal(typeof value, FIELDS[field], field);
  });

  it('each node is a process of its own, with a port and an address that no other has', () => {
    assert.ok(apps.length > 1);
    const configs = apps.map(({ env }) => {
      assert.deepEqual(
        Object.keys(env).filter((name) => !SETTING_NAMES.has(name)),
        [],
      );
      return configOf(env);
    });
    for (const { exec_mode, instances } of apps) assert.deepEqual([exec_mode, instances], ['fork', 1]);
    for (const told of ['port', 'metricsPort', 'publicAddress'] as const)
      assert.equal(new Set(configs.map((config) => config[told])).size, apps.length, told);
    const ports = configs.flatMap(({ port, metricsPort }) => [port, metricsPort]);
    assert.equal(new Set(ports).size, 2 * apps.length);
    assert.ok(configs.every(({ production, host }) => production && host === '127.0.0.1'));
  });

  it('nginx knows each of them by the path of its address, and no other', () => {
    const known = [...conf.matchAll(/^ {2}(node\d+) 127\.0\.0\.1:(\d+);$/gm)].map(([, node, port]) => [
      node,
      port,
    ]);
    assert.deepEqual(
      known,
      apps.map(({ env }) => [env['PUBLIC_ADDRESS']!.split('/')[1], env['PORT']]),
    );
    const upstream = [...conf.matchAll(/^ {2}server 127\.0\.0\.1:(\d+) /gm)].map(([, port]) => port);
    assert.deepEqual(
      upstream,
      apps.map(({ env }) => env['PORT']),
    );
  });

  it('Prometheus is told of each of them', () => {
    const [group, ...others] = parse(readFileSync('deploy/pm2/nodes.yaml', 'utf8')) as {
      targets: string[];
    }[];
    assert.deepEqual(others, []);
    assert.deepEqual(
      group!.targets,
      apps.map(({ env }) => `127.0.0.1:${env['METRICS_PORT']}`),
    );
  });

  it('what the file of settings takes of .env.example is known to a node', () => {
    const taken = readFileSync('deploy/.env.example', 'utf8').split(/^REDIS_PASSWORD=.*\n/m)[1]!;
    const names = [...taken.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!);
    assert.ok(names.includes('JWT_SECRET'));
    assert.deepEqual(
      names.filter((name) => !SETTING_NAMES.has(name)),
      [],
    );
  });

  it('a trial is no production, and nothing else is none', () => {
    const modes = ['on', 'off', ''].map((trial) => {
      delete load.cache[ECOSYSTEM];
      process.env['KAIJIANG_TRIAL'] = trial;
      return new Set((load(ECOSYSTEM) as { apps: App[] }).apps.map(({ env }) => env['NODE_ENV']));
    });
    delete process.env['KAIJIANG_TRIAL'];
    assert.deepEqual(modes, [new Set(['development']), new Set(['production']), new Set(['production'])]);
  });

  it('it runs what the build makes on the pinned runtime, and gives it the time that its end takes', () => {
    for (const { cwd, script, interpreter, interpreter_args, kill_timeout, env } of apps) {
      assert.equal(resolve(cwd), resolve('.'));
      assert.ok(existsSync(script.replace(/^dist\/(.*)\.js$/, '$1.ts')), script);
      assert.equal(resolve(interpreter), resolve('node_modules/node/bin/node'));
      assert.ok(existsSync(interpreter));
      assert.match(interpreter_args, /^--env-file=\//);
      // Waiting, sending guests away, and closing; with some to spare.
      const { drainWaitMs, drainSpreadMs } = configOf(env);
      assert.ok(drainWaitMs > 0 && kill_timeout >= drainWaitMs + drainSpreadMs + CLOSING_MS + 5000);
    }
  });
});
