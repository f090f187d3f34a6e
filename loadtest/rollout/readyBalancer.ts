import { setTimeout as sleep } from 'node:timers/promises';
import { Balancer } from '../../test/client/balancer.ts';

const LOOK_MS = 200;
const PATIENCE_MS = 1000;

/** Sends new connections to the nodes that say they are ready, as balancers with health checks do. */
export class ReadyBalancer {
  static async start(urls: () => readonly string[]): Promise<ReadyBalancer> {
    return new ReadyBalancer(await Balancer.start(), urls);
  }

  private isOver = false;
  private readonly looking: Promise<void>;
  private ready = new Set<string>();

  private constructor(
    private readonly balancer: Balancer,
    private readonly urls: () => readonly string[],
  ) {
    this.looking = this.look();
  }

  get origin(): string {
    return this.balancer.origin;
  }

  isReady(url: string): boolean {
    return this.ready.has(url);
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.looking;
    await this.balancer.close();
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const urls = this.urls();
      const answers = await Promise.all(urls.map(isReady));
      this.ready = new Set(urls.filter((_, at) => answers[at]));
      this.balancer.pointTo(...this.ready);
      await sleep(LOOK_MS);
    }
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}
