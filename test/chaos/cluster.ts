/** What a run breaks: MariaDB on a small volume, Redis, and three nodes, each with a clock of its own. */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { ServerProcess } from '../../loadtest/bench/processes.ts';
import { createSecrets, serverEnvironment } from '../../loadtest/bench/settings.ts';
import {
  freePort,
  startMariadb,
  startRedis,
  type MariadbServer,
  type RedisServer,
} from '../support/services.ts';

export const NODES = 3;
/** Room for what a run of some minutes writes; a filler takes the rest when the disk is to be full. */
const VOLUME_MB = 600;
const LONGEST_ON_VOLUME_MINUTES = 10;
/** The nodes' own account: whoever may do everything may also write to a database that is read-only. */
const ACCOUNT = { user: 'kaijiang', password: 'chaos-3f9a51c07be2' };
const PRELOADED = ['../support/clockShift.ts', './census.ts'].map(
  (path) => new URL(path, import.meta.url).href,
);

export interface Node {
  readonly name: string;
  readonly url: string;
  process: ServerProcess;
  isPaused: boolean;
  /** Is never killed: its process is as old as the run. */
  readonly isSpared: boolean;
  readonly metricsUrl: string;
  readonly censusFile: string;
  readonly clockFile: string;
  shiftMs: number;
  readonly environment: NodeJS.ProcessEnv;
}

export interface ClusterOptions {
  /** Of a node, in this repository: what `npm run build` has made of it, or its source. */
  script: string;
  /** Of the run. */
  minutes: number;
  /** Makes and fills the schema before the first node. */
  prepare(databaseUrl: string): Promise<void>;
}

export class ChaosCluster {
  static async start({ script, minutes, prepare }: ClusterOptions): Promise<ChaosCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-chaos-'));
    const volume = join(folder, 'volume');
    mkdirSync(volume);
    const isMounted =
      minutes <= LONGEST_ON_VOLUME_MINUTES &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${VOLUME_MB}m`, 'tmpfs', volume]).status === 0;
    const mariadb = await startMariadb(['--innodb-buffer-pool-size=128M'], volume);
    const redis = await startRedis();
    const admin = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' });
    const schema = await mariadb.createDatabase();
    await admin.query(`CREATE USER '${ACCOUNT.user}'@'%' IDENTIFIED BY '${ACCOUNT.password}'`);
    await admin.query(`GRANT ALL ON ${schema}.* TO '${ACCOUNT.user}'@'%'`);
    await admin.end();
    const url = `mysql://${ACCOUNT.user}:${ACCOUNT.password}@127.0.0.1:${mariadb.port}/${schema}`;
    await prepare(url);
    const log = createWriteStream(join(folder, 'nodes.log'));
    const cluster = new ChaosCluster({ folder, volume, isMounted, mariadb, redis, schema, url, log, script });
    await cluster.startNodes();
    return cluster;
  }

  readonly nodes: Node[] = [];
  readonly mariadb: MariadbServer;
  readonly redis: RedisServer;
  readonly databaseUrl: string;
  /** Where the disk of the database is; undefined: it cannot be made full. */
  readonly volume: string | undefined;
  readonly logFile: string;
  private readonly secrets = createSecrets();

  private constructor(
    private readonly parts: {
      folder: string;
      volume: string;
      isMounted: boolean;
      mariadb: MariadbServer;
      redis: RedisServer;
      schema: string;
      url: string;
      log: WriteStream;
      script: string;
    },
  ) {
    this.mariadb = parts.mariadb;
    this.redis = parts.redis;
    this.databaseUrl = parts.url;
    this.volume = parts.isMounted ? parts.volume : undefined;
    this.logFile = join(parts.folder, 'nodes.log');
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  get environment(): NodeJS.ProcessEnv {
    return serverEnvironment(this.databaseUrl, this.secrets);
  }

  async start(node: Node): Promise<void> {
    node.isPaused = false;
    node.process = await this.run(node);
  }

  /** Sets a node's clock that far from the system's. */
  shift(node: Node, shiftMs: number): void {
    node.shiftMs = shiftMs;
    writeFileSync(node.clockFile, String(shiftMs));
  }

  /** One statement by somebody who may do everything, on a connection of its own. */
  async administer<Row = unknown>(sql: string): Promise<Row[]> {
    const options = { host: '127.0.0.1', port: this.mariadb.port, user: 'root', database: this.parts.schema };
    const connection: Connection = await createConnection({ ...options, connectTimeout: 5000 });
    try {
      const [rows] = await connection.query(sql);
      return rows as Row[];
    } finally {
      await connection.end();
    }
  }

  /** Of all nodes to the database. */
  async cutConnections(): Promise<void> {
    await this.administer(`KILL USER ${ACCOUNT.user}`);
  }

  /** @param keepLog leaves the nodes' log where it is, for whoever wants to know why. */
  async stop({ keepLog }: { keepLog: boolean }): Promise<void> {
    const { folder, volume, isMounted, mariadb, redis, log } = this.parts;
    for (const { process } of this.nodes) process.resume();
    await Promise.all(this.nodes.map(({ process }) => process.stop()));
    await redis.stop();
    await mariadb.stop();
    await new Promise((resolve) => log.end(resolve));
    if (isMounted) spawnSync('umount', [volume]);
    if (!keepLog) rmSync(folder, { recursive: true, force: true });
  }

  private async startNodes(): Promise<void> {
    for (let at = 1; at <= NODES; at++) {
      const name = `node ${at}`;
      const port = await freePort();
      const metricsPort = await freePort();
      const clockFile = join(this.parts.folder, `clock-${at}`);
      const censusFile = join(this.parts.folder, `census-${at}`);
      writeFileSync(clockFile, '0');
      const environment = {
        ...serverEnvironment(this.databaseUrl, this.secrets, port),
        REDIS_URL: this.redis.url,
        PUBLIC_ADDRESS: `127.0.0.1:${port}`,
        AUTH_DEV_CODE: '123456',
        AUTH_LOGINS_PER_IP_PER_MINUTE: '1000000',
        AUTH_LOGINS_PER_NUMBER_PER_HOUR: '1000000',
        METRICS_PORT: String(metricsPort),
        CLOCK_FILE: clockFile,
        CENSUS_FILE: censusFile,
        NODE_OPTIONS: PRELOADED.map((url) => `--import=${url}`).join(' '),
      };
      const urls = { url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
      const node = { name, ...urls, isSpared: at === 1, clockFile, censusFile, environment };
      const started = { ...node, isPaused: false, shiftMs: 0, process: undefined as never };
      await this.start(started);
      this.nodes.push(started);
    }
  }

  private run(node: Node): Promise<ServerProcess> {
    const print = (text: string) => this.parts.log.write(text.replace(/^/gm, `${node.name}: `));
    return ServerProcess.start(this.parts.script, node.environment, { print });
  }
}
