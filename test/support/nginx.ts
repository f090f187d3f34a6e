/** The load balancer of deploy/nginx with its own settings, but for where it listens, keeps its files and finds its nodes. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from './serverProcess.ts';
import { freePort, requireBinary } from './services.ts';

export interface Nginx {
  origin: string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Ports on 127.0.0.1; those of nodes that are left out are closed. */
  nodes: readonly number[];
  /** In place of nodes.conf, as it is. */
  nodesConf?: string;
  /** Changes to nginx.conf; each text must be in it. */
  replaced?: Readonly<Record<string, string>>;
}

const CONFIGURATION = 'deploy/nginx';
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export async function startNginx({ nodes, nodesConf, replaced = {} }: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-nginx-'));
  chmodSync(folder, 0o755);
  cpSync(CONFIGURATION, folder, { recursive: true });
  const port = await freePort();
  const temporary = TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ');
  change(join(folder, 'nginx.conf'), {
    'pid /var/run/nginx.pid;': `pid ${join(folder, 'pid')};`,
    'http {\n': `http {\n  ${temporary}\n`,
    'listen 80 default_server;': `listen 127.0.0.1:${port};`,
    ...replaced,
  });
  if (nodesConf === undefined) change(join(folder, 'nodes.conf'), await addressesOf(nodes));
  else writeFileSync(join(folder, 'nodes.conf'), nodesConf);
  const origin = `http://127.0.0.1:${port}`;
  const server = new ServerProcess({
    folder,
    command: requireBinary('nginx'),
    parameters: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log'), '-g', flags()],
    answers: () =>
      fetch(`${origin}/balancer-health`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  await server.start();
  return { origin, stop: () => server.remove() };
}

async function addressesOf(nodes: readonly number[]): Promise<Record<string, string>> {
  const addresses: Record<string, string> = {};
  for (const at of [0, 1, 2])
    addresses[`172.30.27.1${at + 1}:2567`] = `127.0.0.1:${nodes[at] ?? (await freePort())}`;
  return addresses;
}

function change(file: string, replaced: Readonly<Record<string, string>>): void {
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text);
}

/** In front, with one worker; as root its workers would be somebody else, who may not write into the folder. */
function flags(): string {
  return process.getuid?.() === 0 ? 'daemon off; user root;' : 'daemon off;';
}
