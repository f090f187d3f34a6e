/*
 * RO-3: nodes of two builds on one database and one Redis, while people draw, talk and open pages.
 *
 *   old old old → new old old → new new old → new old old → new new old → new new new
 *                 the first new   half of the    back, if      half of
 *                 node migrates   time           it starts     the time
 *
 * An old build that does not start on the schema of the new one says so and is replaced by the new one: its nodes that run go on.
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PreparedDatabase, Preparation } from '../bench/prepare.ts';
import { drainSettings, replaceNode, type Drain } from '../rollout/runRollout.ts';
import { onStage, type NodeEnd, type RolloutReport, type Stage } from '../rollout/stage.ts';

const OWN = resolve(import.meta.dirname, '../..');
const PREPARE = resolve(import.meta.dirname, 'prepareBy.ts');
/** So many that each node comes to own some of those whose owner ends, which are spread at random. */
const CAMPAIGNS = 40;
/** How such an old build says why. */
const NEWER_SCHEMA = /schema is of a newer version/;

export interface UpgradeOptions extends Drain {
  /** Checkout of the build before. */
  from: string;
  /** That comes after it; this checkout unless given. */
  to?: string;
  drawing: number;
  talking: number;
  visiting: number;
  /** Both builds side by side. */
  sideMs: number;
  print(line: string): void;
}

export interface UpgradeReport extends RolloutReport {
  /** Whether a node of the old build was started again beside the new one. */
  wentBack: boolean;
  /** Of each look while both builds ran: the seats at nodes of either. */
  seats: { old: number; new: number }[];
  sideBySideMs: number;
}

export async function runUpgrade(options: UpgradeOptions): Promise<UpgradeReport> {
  const { from, to = OWN, drawing, talking, visiting, print } = options;
  const nameOf = (checkout: string) => (checkout === from ? 'the old build' : 'the new build');
  let upgrade!: Upgrade;
  const report = await onStage(
    {
      ...{ drawing, talking, visiting, print, nameOf, campaigns: CAMPAIGNS },
      environment: drainSettings(options),
      checkout: from,
      prepare: (preparation) => prepareBy(from, preparation),
    },
    (stage) => {
      upgrade = new Upgrade(stage, { ...options, to });
      return upgrade.run();
    },
  );
  return { ...report, ...upgrade.seen };
}

class Upgrade {
  readonly seen = { wentBack: false, seats: [] as UpgradeReport['seats'], sideBySideMs: 0 };
  private readonly ends: NodeEnd[] = [];
  private readonly builds = new Map<string, 'old' | 'new'>();

  constructor(
    private readonly stage: Stage,
    private readonly options: UpgradeOptions & { to: string },
  ) {
    for (const url of stage.nodes.urls) this.builds.set(url, 'old');
  }

  async run(): Promise<NodeEnd[]> {
    const { sideMs } = this.options;
    const [first, second, third] = this.stage.nodes.urls as [string, string, string];
    await this.put(first, 'new');
    const startMs = performance.now();
    await this.beside(sideMs / 2);
    await this.put(second, 'new');
    await this.goBack(second);
    await this.beside(sideMs / 2);
    if (this.builds.get(second) === 'old') await this.put(second, 'new');
    this.seen.sideBySideMs = performance.now() - startMs;
    await this.put(third, 'new');
    await sleep(1500);
    return this.ends;
  }

  private async put(url: string, build: 'old' | 'new'): Promise<void> {
    const { from, to, print } = this.options;
    const before = this.builds.get(url)!;
    const { end, told } = await replaceNode(this.stage, url, {
      ...this.options,
      checkout: build === 'old' ? from : to,
    });
    this.ends.push(end);
    this.builds.set(url, build);
    print(`${this.line()}: one ${before} ended with ${told}`);
  }

  private async goBack(url: string): Promise<void> {
    const { to, print } = this.options;
    try {
      await this.put(url, 'old');
      this.seen.wentBack = true;
    } catch (error) {
      if (!NEWER_SCHEMA.test(String(error))) throw error;
      print('the old build does not start on the schema of the new one: its nodes that run go on');
      await this.stage.nodes.replace(url, to);
    }
  }

  /** Looks every now and then at who serves whom. */
  private async beside(durationMs: number): Promise<void> {
    const { crowd, nodes } = this.stage;
    const LOOKS = 4;
    for (let look = 0; look < LOOKS; look++) {
      await sleep(durationMs / LOOKS);
      const seats = { old: 0, new: 0 };
      for (const [url, count] of await nodes.seats()) seats[this.builds.get(url)!] += count;
      this.seen.seats.push(seats);
      const draws = [...crowd.drawn.values()].reduce((sum, answers) => sum + answers.length, 0);
      this.options.print(
        `${this.line()}: ${seats.old} seats at the old build and ${seats.new} at the new one; ${draws} requests to draw and ${crowd.said.length} messages answered`,
      );
    }
  }

  private line(): string {
    return this.stage.nodes.urls.map((url) => this.builds.get(url)).join(' ');
  }
}

async function prepareBy(folder: string, preparation: Preparation): Promise<PreparedDatabase> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', PREPARE, folder, JSON.stringify(preparation)],
    { cwd: folder, maxBuffer: 1 << 26 },
  );
  return JSON.parse(stdout) as PreparedDatabase;
}
