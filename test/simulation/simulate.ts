import { audit } from '../../src/books/audit.ts';
import { Faults } from './faults.ts';
import { createFixture, SEED_KEY, START_MS } from './fixture.ts';
import type { WorldParts } from './lives.ts';
import { Random } from './random.ts';
import { Scheduler, type Actor } from './scheduler.ts';
import type { Node } from './node.ts';
import { Store } from './store.ts';
import { createTalkFixture } from './talk/talkFixture.ts';
import type { TalkNode } from './talk/talkNode.ts';
import { TalkWorld } from './talk/talkWorld.ts';
import { Template } from '../support/template.ts';
import { Trace, Violation } from './trace.ts';
import { World } from './world.ts';

export interface Run {
  seed: number;
  steps: number;
}

export interface Report {
  /** What was violated; undefined: nothing. */
  violation: string | undefined;
  /** Equal for equal runs of equal code. */
  hash: string;
  lines: readonly string[];
  /** Requests whose result was given out. */
  acknowledged: number;
}

/** What is simulated: a world is made on a store, and lives for so many steps. */
export interface Simulated<Life extends Actor> {
  create(parts: WorldParts<Life>): Promise<SimulatedWorld>;
}

interface SimulatedWorld {
  acknowledged: number;
  /** Nobody has changed the stock but the owners, who log it. */
  isStockLogged: boolean;
  /** @throws Violation */
  step(): Promise<void>;
  /** No more faults: everything comes to its end. @throws Violation */
  calm(): Promise<void>;
}

/** One campaign on many nodes. */
export const CAMPAIGN: Simulated<Node> = {
  create: async (parts) => new World(parts, await createFixture(parts.store.bare, parts.random)),
};

/** A group that talks, and people who are told of what happens to them. */
export const TALK: Simulated<TalkNode> = {
  create: async (parts) => new TalkWorld(parts, await createTalkFixture(parts.store.bare)),
};

/** Runs simulations, one after the other, on copies of one migrated database file. */
export class Simulator<Life extends Actor> {
  static async open<Life extends Actor>(simulated: Simulated<Life>): Promise<Simulator<Life>> {
    return new Simulator(await Template.open(), simulated);
  }

  private constructor(
    private readonly template: Template,
    private readonly simulated: Simulated<Life>,
  ) {}

  close(): void {
    this.template.close();
  }

  async run({ seed, steps }: Run): Promise<Report> {
    const random = new Random(seed);
    const faults = new Faults(random, new Random(~seed));
    const trace = new Trace();
    let acknowledged = 0;
    try {
      await this.template.onCopy(async (url) => {
        const world = await this.play(url, { random, faults, trace, steps });
        ({ acknowledged } = world);
        await auditBooks(url, world, trace);
      });
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
    }
    return { violation: trace.violation?.message, hash: trace.hash, lines: trace.lines, acknowledged };
  }

  private async play(
    url: string,
    { random, faults, trace, steps }: { random: Random; faults: Faults; trace: Trace; steps: number },
  ): Promise<SimulatedWorld> {
    const store = await Store.open<Life>(url);
    try {
      const scheduler = new Scheduler(random, trace, START_MS);
      const world = await this.simulated.create({ random, scheduler, store, trace, faults });
      for (let step = 0; step < steps; step++) await world.step();
      await world.calm();
      return world;
    } finally {
      await store.close();
    }
  }
}

/** What the audit says of stock that was changed by no entry of the log, and of draws that were decided on it. */
const UNLOGGED_STOCK =
  /^(DRAW-3 violated: (stock in the log|remaining stock is what the log leaves)|L-5 violated: each draw is what its seed, chances, streak and stock)/;

async function auditBooks(
  databaseUrl: string,
  { isStockLogged }: SimulatedWorld,
  trace: Trace,
): Promise<void> {
  const lines: string[] = [];
  await audit({ databaseUrl, seedKey: SEED_KEY }, (line) => lines.push(line));
  const violated = lines.filter((line) => line.includes(' violated: '));
  const isExpected = !isStockLogged && violated.every((line) => UNLOGGED_STOCK.test(line));
  if (lines[0] !== 'books balance' && !isExpected) trace.violate(lines.join('\n'));
  trace.add(lines.join(', '));
}
