/** Blocks that need a machine of their own: what of them can be looked at. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const text = (file: string) => readFileSync(file, 'utf8');

export const PM2_AND_WATCH = [
  {
    commands: [
      'npm ci && npm run build && sudo npm install --global pm2',
      'sudo mysql -e "CREATE DATABASE kaijiang CHARACTER SET utf8mb4"',
      `sudo mysql -e "CREATE USER kaijiang@127.0.0.1 IDENTIFIED BY 'PASSWORD'; GRANT ALL ON kaijiang.* TO kaijiang@127.0.0.1"`,
      'sudo install -d -o "$USER" /etc/kaijiang && touch /etc/kaijiang/settings.env && chmod 600 /etc/kaijiang/settings.env',
      "sed '1,/^REDIS_PASSWORD/d' deploy/.env.example >> /etc/kaijiang/settings.env",
    ],
    kind: 'looked at',
    why: 'needs an administrator of the machine; test/deploy/pm2.test.ts holds what is left of .env.example against the settings',
    look: () => assert.match(text('deploy/.env.example'), /^REDIS_PASSWORD=$/m),
  },
  {
    commands: [
      'KAIJIANG_HOST=draw.example.com pm2 start deploy/pm2/ecosystem.config.cjs && pm2 save',
      "sed 's#/dev/stdout#/var/log/nginx/access.log#; s#/dev/stderr#/var/log/nginx/error.log#' deploy/nginx/nginx.conf | sudo tee /etc/nginx/nginx.conf >/dev/null",
      'sudo cp deploy/pm2/nodes.conf /etc/nginx/ && sudo nginx -t && sudo systemctl restart nginx',
      'NODE_ENV=production PUBLIC_ADDRESS=draw.example.com/node1 node_modules/node/bin/node --env-file=/etc/kaijiang/settings.env dist/src/cli/doctor.js',
    ],
    kind: 'looked at',
    why: 'needs PM2, systemd, a database with a password and Redis; test/deploy/pm2.test.ts looks at its files',
    look: () => {
      const conf = text('deploy/nginx/nginx.conf');
      // Each line once: sed takes the first of a line.
      assert.equal(conf.match(/\/dev\/(stdout|stderr)/g)?.length, conf.match(/^.*\/dev\/std.*$/gm)?.length);
      assert.match(conf, /^ +include nodes\.conf;$/m);
      assert.ok(existsSync('src/cli/doctor.ts'));
    },
  },
  {
    commands: [
      'for at in 1 2 3; do',
      'pm2 restart "kaijiang-$at" && until curl -fs "http://127.0.0.1:$((2566 + at))/ready"; do sleep 1; done',
      'done',
    ],
    kind: 'looked at',
    why: 'needs PM2, a database with a password and Redis; test/deploy/pm2.test.ts holds its file against the settings',
    look: () => {
      const { apps } = createRequire(import.meta.filename)('../../deploy/pm2/ecosystem.config.cjs') as {
        apps: { name: string; env: { PORT: string; PUBLIC_ADDRESS: string } }[];
      };
      assert.deepEqual(
        apps.map(({ name, env }) => [name, env.PORT, env.PUBLIC_ADDRESS]),
        [1, 2, 3].map((at) => [`kaijiang-${at}`, String(2566 + at), `draw.example.com/node${at}`]),
      );
    },
  },
  {
    commands: [
      'sudo apt-get install -y prometheus',
      'sudo cp deploy/prometheus/prometheus.yaml /etc/prometheus/prometheus.yml',
      'sudo cp deploy/prometheus/alerts.yaml deploy/pm2/nodes.yaml /etc/prometheus/',
      'promtool check config /etc/prometheus/prometheus.yml && sudo systemctl restart prometheus',
    ],
    kind: 'looked at',
    why: 'needs an administrator of the machine; test/deploy/monitoring.test.ts runs Prometheus with these files',
    look: () => {
      const configuration = text('deploy/prometheus/prometheus.yaml');
      for (const file of ['alerts.yaml', 'nodes.yaml']) assert.ok(configuration.includes(file), file);
    },
  },
  {
    commands: [
      'kubectl apply -k monitoring',
      '{',
      "printf '%s\\n' 'apiVersion: monitoring.coreos.com/v1' 'kind: PrometheusRule'",
      "printf '%s\\n' 'metadata: { name: kaijiang, namespace: kaijiang }' 'spec:'",
      "sed 's/^/  /' ../prometheus/alerts.yaml",
      '} | kubectl apply -f -',
    ],
    kind: 'looked at',
    why: 'needs a cluster with the operator of Prometheus; test/deploy/kubernetes.test.ts holds the object against its schema',
    look: () => assert.match(text('deploy/prometheus/alerts.yaml'), /^groups:$/m),
  },
  {
    commands: [
      'pm2 delete all',
      'export KAIJIANG_TRIAL=on KAIJIANG_SETTINGS=/etc/kaijiang/trial.env',
      'KAIJIANG_HOST=draw.example.com pm2 start deploy/pm2/ecosystem.config.cjs',
      'npm run loadtest -- --url http://draw.example.com --diners 20 --joined 30 --rate 3 --seconds 300',
    ],
    kind: 'looked at',
    why: 'needs PM2, and minutes; test/deploy/pm2.test.ts looks at what a trial is',
    look: () => {
      const usage = text('loadtest/arguments.ts');
      for (const option of ['--url', '--diners', '--joined', '--rate', '--seconds'])
        assert.ok(usage.includes(`  ${option} `), option);
    },
  },
] as const;
