/** What is done with each block of commands, and why. A block that is not here fails the test, and so does one here that nobody tells of. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { PM2_AND_WATCH } from './pm2AndWatch.ts';

/** What runs, and with what. */
export interface Place {
  origin: string;
  /** Access token of an administrator. */
  token: string;
  /** API key of a till. */
  key: string;
}

interface Classified {
  commands: readonly string[];
  why: string;
}

/** Run as it stands, but for the address of the server. */
export interface Ran extends Classified {
  kind: 'ran';
  /** What it prints. */
  prints: RegExp;
  /** Of long work a short one: what is written → what is run. */
  less?: Record<string, string>;
  /** Files that it is told to have: name → text. */
  files?: Record<string, string>;
}

/** Where it needs what tests have not: what of it can be looked at. */
export interface LookedAt extends Classified {
  kind: 'looked at';
  look: () => void;
}

export const CLASSIFIED: readonly (Ran | LookedAt)[] = [
  {
    commands: ['npm ci && npm start', 'npm ci && npm test'],
    kind: 'looked at',
    why: 'CI begins with the first halves; the rest is the server of this suite, and the test itself',
    look: () => {
      const { start, test } = scripts();
      assert.equal(start, 'npm run --silent build && node dist/src/index.js');
      assert.equal(test, 'mocha');
      assert.match(readFileSync('.ci/run', 'utf8'), /^npm ci /m);
    },
  },
  {
    commands: ['campaign --room campaign', 'talk --room chat', 'notifications --room notifications'].map(
      (scenario) =>
        `npx tsx loadtest/scenarios/${scenario.replace(' ', '.ts ')} --numClients 50 --endpoint ws://127.0.0.1:2567`,
    ),
    kind: 'looked at',
    why: 'they draw until they are ended; test/loadtest/scenario.test.ts runs them with few clients',
    look: () => {
      const tester = readFileSync('node_modules/@colyseus/loadtest/build/index.mjs', 'utf8');
      for (const option of ['room', 'numClients', 'endpoint']) assert.ok(tester.includes(option), option);
      for (const name of ['campaign', 'talk', 'notifications'])
        assert.ok(existsSync(`loadtest/scenarios/${name}.ts`), name);
    },
  },
  {
    commands: [
      `curl -X POST 'http://localhost:2567/api/v3/admin/import/members?dry_run=true' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: text/csv' --data-binary @members.csv`,
    ],
    kind: 'ran',
    why: 'takes a moment',
    files: { 'members.csv': 'external_id,mobile,nickname,points\nM1,13712345678,Anna,12.5\n' },
    prints: /"job_id":/,
  },
  {
    commands: [
      `curl -X POST http://localhost:2567/api/v3/points/earn -H "Authorization: Bearer $KEY" -H 'Idempotency-Key: bill-1001' -H 'Content-Type: application/json' -d '{"user_id":4,"amount":12.5,"reason":"bill 1001","source":"pos"}'`,
    ],
    kind: 'ran',
    why: 'takes a moment',
    prints: /"code":"OK".*"balance":10012\.5/,
  },
  {
    commands: [
      `curl -X POST http://localhost:2567/api/v3/points/pay -H "Authorization: Bearer $KEY" -H 'Idempotency-Key: T01-0042' -H 'Content-Type: application/json' -d '{"user_id":4,"bill_no":"T01-20260301-0042","bill_amount":168.5}'`,
      `curl -X POST http://localhost:2567/api/v3/points/pay/T01-20260301-0042/refund -H "Authorization: Bearer $KEY" -H 'Idempotency-Key: T01-0042-r1' -H 'Content-Type: application/json' -d '{"amount":68.5}'`,
    ],
    kind: 'ran',
    why: 'takes a moment',
    prints: /"code":"OK"[^]*"code":"OK"/,
  },
  {
    commands: [
      'cd deploy',
      'cp .env.example .env && chmod 600 .env',
      'docker compose up -d --build --wait',
      'curl http://localhost/ready',
    ],
    kind: 'looked at',
    why: 'needs docker, and minutes',
    look: () => {
      assert.ok(existsSync('deploy/.env.example'));
      assert.ok(existsSync('Dockerfile'));
      const { services } = compose();
      for (const [name, { image, build }] of Object.entries(services))
        assert.ok(image !== undefined || build !== undefined, name);
      assert.ok(services['nginx']!.ports!.some((port) => /^(\$\{\w+:-)?80\}?:/.test(port)));
      assert.match(
        readFileSync('deploy/nginx/nginx.conf', 'utf8'),
        /location \/ \{\s+proxy_pass http:\/\/nodes;/,
      );
    },
  },
  {
    commands: [
      'docker compose up -d node4 --wait && docker compose exec nginx nginx -s reload -c /etc/kaijiang/nginx.conf',
    ],
    kind: 'looked at',
    why: 'needs docker, and the node that the three edits before it add',
    look: () => {
      const { services } = compose();
      assert.deepEqual(
        Object.keys(services).filter((name) => /^node\d/.test(name)),
        ['node1', 'node2', 'node3'],
      );
      assert.ok(services['nginx']!.volumes!.some((volume) => /:\/etc\/kaijiang(:ro)?$/.test(volume)));
    },
  },
  {
    commands: [
      'docker compose build',
      'for node in node1 node2 node3; do docker compose up -d --no-deps --wait "$node"; done',
      'docker compose exec node1 node dist/src/cli/audit.js',
    ],
    kind: 'looked at',
    why: 'needs docker; the audit is run by the block of the operators',
    look: () => {
      assert.deepEqual(
        Object.keys(compose().services).filter((name) => name.startsWith('node')),
        ['node1', 'node2', 'node3'],
      );
      assert.ok(existsSync('src/cli/audit.ts'));
    },
  },
  {
    commands: [
      "docker compose exec node1 sh -c 'node dist/src/cli/backup.js --to data/backups/$(date -u +%Y-%m-%d-%H%M)'",
    ],
    kind: 'looked at',
    why: 'needs docker; test/backup makes backups',
    look: () => {
      assert.ok(existsSync('src/cli/backup.ts'));
      assert.match(readFileSync('deploy/compose.yaml', 'utf8'), /:\/app\/data\/backups'/);
      assert.match(readFileSync('Dockerfile', 'utf8'), /install -d .* data\/backups\n/);
    },
  },
  {
    commands: [
      'docker compose stop node1 node2 node3',
      `docker compose exec mysql sh -c 'MYSQL_PWD="$MYSQL_PASSWORD" mysql -h 127.0.0.1 -u kaijiang -e "DROP DATABASE kaijiang; CREATE DATABASE kaijiang"'`,
      'docker compose run --rm node1 node dist/src/cli/restore.js --from data/backups/2026-11-30-1800',
      'docker compose run --rm node1 node dist/src/cli/audit.js',
      'docker compose up -d --wait',
      'docker compose exec node1 node dist/src/cli/verify.js --campaign 1',
    ],
    kind: 'looked at',
    why: 'needs docker; the drill of test/backup goes the same way',
    look: () => {
      for (const name of ['restore', 'audit', 'verify']) assert.ok(existsSync(`src/cli/${name}.ts`), name);
      assert.match(
        readFileSync('deploy/compose.yaml', 'utf8'),
        /MYSQL_DATABASE: kaijiang\n +MYSQL_USER: kaijiang\n/,
      );
    },
  },
  {
    commands: [
      'docker build -t REGISTRY/kaijiang:VERSION . && docker push REGISTRY/kaijiang:VERSION',
      'cd deploy/kubernetes',
      'cp secrets.example.yaml secrets.yaml',
      'kubectl create namespace kaijiang && kubectl apply -f secrets.yaml',
      'kubectl -n kaijiang create secret tls kaijiang-tls --cert=fullchain.pem --key=key.pem',
      'kubectl apply -k .',
      'kubectl -n kaijiang exec kaijiang-0 -- node dist/src/cli/doctor.js',
    ],
    kind: 'looked at',
    why: 'needs a cluster; test/deploy/kubernetes.test.ts holds the manifests against its schemas',
    look: () => {
      const folder = 'deploy/kubernetes';
      for (const file of ['secrets.example.yaml', 'kustomization.yaml'])
        assert.ok(existsSync(`${folder}/${file}`));
      assert.match(readFileSync('deploy/.gitignore', 'utf8'), /^kubernetes\/secrets\.yaml$/m);
      assert.match(readFileSync(`${folder}/kustomization.yaml`, 'utf8'), /^namespace: kaijiang$/m);
      assert.match(readFileSync(`${folder}/ingress.yaml`, 'utf8'), /secretName: kaijiang-tls$/m);
      assert.match(
        readFileSync(`${folder}/nodes.yaml`, 'utf8'),
        /^kind: StatefulSet\nmetadata:\n {2}name: kaijiang$/m,
      );
      assert.ok(existsSync('src/cli/doctor.ts'));
    },
  },
  ...PM2_AND_WATCH,
  {
    commands: ['npm run points:soak -- --operations 100000 --seed 7 --database mariadb'],
    kind: 'ran',
    why: 'as many operations take half an hour: fewer, and without MariaDB',
    less: { 100000: '40', mariadb: 'sqlite' },
    prints: /nothing was violated/,
  },
  {
    commands: ['npm run pack:client'],
    kind: 'ran',
    why: 'takes seconds; test/client/package.test.ts uses the package',
    prints: /^dist\/kaijiang-client\.tgz$/m,
  },
  {
    commands: [
      'API=http://localhost:2567/api/v3',
      `TOKEN=$(curl -sS $API/auth/login -H 'Content-Type: application/json' -d '{"mobile":"13900000001","code":"123456"}' | node -pe 'JSON.parse(require("fs").readFileSync(0)).data.access_token')`,
      `curl -sS $API/lottery/draw -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"campaign_id":1,"draw_count":1,"request_id":"bill-1001-draw-1"}'`,
    ],
    kind: 'ran',
    why: 'takes a moment',
    prints: /"code":"OK".*"draws":\[\{"draw_id":1\d{10}/,
  },
  {
    commands: [
      'curl -fsS http://localhost:2567/health',
      'curl -fsS http://localhost:2567/ready',
      'npm run audit',
    ],
    kind: 'ran',
    why: 'takes seconds',
    prints: /"ok"[^]*"ready"[^]*books balance/,
  },
  {
    commands: ['npm run verify -- --campaign 1 --url http://localhost:2567'],
    kind: 'ran',
    why: 'takes seconds',
    prints: /campaign 1: \d+ draws/,
  },
  {
    commands: [
      'curl -sS http://localhost:2567/api/v3/lottery/campaigns/1/fairness-export -o campaign-1.json',
      'npm run verify -- --file campaign-1.json',
    ],
    kind: 'ran',
    why: 'takes seconds',
    prints: /campaign 1: \d+ draws/,
  },
];

export function scripts(): Record<string, string> {
  return (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
}

interface Compose {
  services: Record<string, { image?: string; build?: unknown; ports?: string[]; volumes?: string[] }>;
}

function compose(): Compose {
  return parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as Compose;
}
