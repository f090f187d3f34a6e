/** Nodes of the product on one database and one Redis, each a process with an address that outlives it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type RedisServer } from '../../test/support/services.ts';
import type { LoadDiner } from './load.ts';
import type { BenchDiner } from './prepare.ts';
import type { ProbeCommand, ProbeReport } from './probe.ts';
import { ServerProcess } from './processes.ts';
import { serverEnvironment, type Secrets } from './settings.ts';

const OPENING_LIMIT_MS = 30_000;
const POLL_MS = 50;

export interface NodesOptions {
  count: number;
  databaseUrl: string;
  redis: RedisServer;
  secrets: Secrets;
  /** What the nodes are told besides. */
  environment?: NodeJS.ProcessEnv;
  /** Each with the probe that `ask` asks. */
  isProbed?: boolean;
  /** Another checkout, whose build they are of. */
  checkout?: string;
  /** Is given each line that a node prints, and whose build the node is of. */
  onLine?(line: string, checkout: string): void;
}

interface Node {
  port: number;
  process: ServerProcess;
}

export class Nodes {
  /** All at once, as after a deployment, so that they share the campaigns. */
  static async start(options: NodesOptions): Promise<Nodes> {
    // Whatever an earlier cluster has left in Redis.
    await options.redis.command('FLUSHALL');
    const ports: number[] = [];
    for (let at = 0; at < options.count; at++) ports.push(await freePort());
    const { checkout } = options;
    const start = async (port: number) => ({ port, process: await startNode(options, port, checkout) });
    return new Nodes(options, await Promise.all(ports.map(start)));
  }

  private constructor(
    private readonly options: NodesOptions,
    private readonly nodes: Node[],
  ) {}

  get urls(): string[] {
    return this.nodes.map(({ port }) => `http://127.0.0.1:${port}`);
  }

  get pids(): number[] {
    return this.nodes.map((node) => node.process.pid);
  }

  /** All of them, in the order of their urls. */
  ask(command: ProbeCommand): Promise<ProbeReport[]> {
    return Promise.all(this.nodes.map((node) => node.process.ask(command)));
  }

  /** Each diner joins through the next node and is sent to the owner's address, and the campaigns have as many of them each. */
  seat(diners: readonly BenchDiner[], campaignIds: readonly number[]): LoadDiner[] {
    const { urls } = this;
    return diners.map((diner, at) => ({
      ...diner,
      campaignId: campaignIds[at % campaignIds.length]!,
      url: urls[Math.floor(at / campaignIds.length) % urls.length]!,
    }));
  }

  /** The url of the node that has a campaign's room, or undefined while none has. */
  async ownerOf(campaignId: number): Promise<string | undefined> {
    const listing = await this.options.redis.command('HGET', 'roomcaches', `campaign-${campaignId}`);
    if (typeof listing !== 'string') return undefined;
    const { publicAddress } = JSON.parse(listing) as { publicAddress: string };
    return `http://${publicAddress}`;
  }

  /** Waits until every campaign has an owner. Returns how many each node has. */
  async shareOf(campaignIds: readonly number[]): Promise<number[]> {
    const untilMs = Date.now() + OPENING_LIMIT_MS;
    for (;;) {
      const owners: (string | undefined)[] = [];
      for (const campaignId of campaignIds) owners.push(await this.ownerOf(campaignId));
      if (!owners.includes(undefined)) {
        return this.urls.map((url) => owners.filter((owner) => owner === url).length);
      }
      if (Date.now() > untilMs) throw new Error('the nodes have not opened all campaigns');
      await sleep(POLL_MS);
    }
  }

  /** SIGKILL. Returns when it was sent. */
  async kill(url: string): Promise<number> {
    const killedMs = Date.now();
    await this.at(url).process.kill();
    return killedMs;
  }

  /** SIGTERM, and waits for the end. Returns when it was sent. */
  async end(url: string): Promise<number> {
    const endedMs = Date.now();
    await this.at(url).process.stop();
    return endedMs;
  }

  /** SIGTERM to a node that takes its time. @returns its exit code; null: it was killed, for it took longer. */
  async drain(url: string, patienceMs: number): Promise<number | null> {
    return this.at(url).process.stop(patienceMs);
  }

  /**
   * A fresh process at the address of one that has ended.
   * @param checkout whose build it is of; undefined: this one's
   */
  async replace(url: string, checkout = this.options.checkout): Promise<void> {
    const node = this.at(url);
    node.process = await startNode(this.options, node.port, checkout);
  }

  /** How many seats the nodes have, all rooms together, by their urls. */
  async seats(): Promise<Map<string, number>> {
    const seats = new Map(this.urls.map((url) => [url, 0]));
    const listings = (await this.options.redis.command('HVALS', 'roomcaches')) as string[];
    for (const listing of listings) {
      const { publicAddress, clients } = JSON.parse(listing) as { publicAddress: string; clients: number };
      const url = `http://${publicAddress}`;
      seats.set(url, (seats.get(url) ?? 0) + clients);
    }
    return seats;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.process.stop()));
  }

  private at(url: string): Node {
    const node = this.nodes[this.urls.indexOf(url)];
    if (node === undefined) throw new Error(`${url} is none of ${this.urls.join(', ')}`);
    return node;
  }
}

function startNode(
  { databaseUrl, redis, secrets, environment, isProbed = false, onLine }: NodesOptions,
  port: number,
  checkout = '.',
): Promise<ServerProcess> {
  const told = {
    ...serverEnvironment(databaseUrl, secrets, port),
    REDIS_URL: redis.url,
    PUBLIC_ADDRESS: `127.0.0.1:${port}`,
    ...environment,
  };
  return ServerProcess.start(join(checkout, 'src/index.ts'), told, {
    isProbed,
    ...(checkout === '.' ? {} : { cwd: checkout }),
    ...(onLine === undefined ? {} : { print: linesOf((line) => onLine(line, checkout)) }),
  });
}

/** Puts together what comes in pieces. */
function linesOf(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(onLine);
  };
}
