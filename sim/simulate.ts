import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '../src/cli/audit.ts';
import { Faults } from './faults.ts';
import { createFixture, SEED_KEY, START_MS } from './fixture.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { Store } from './store.ts';
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

/** Runs simulations, one after the other, on copies of one migrated database file. */
export class Simulator {
  static async open(): Promise<Simulator> {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-sim-'));
    const template = join(folder, 'template.db');
    // Closing it brings everything from the log into the one file.
    await (await Store.open(`sqlite:${template}`)).close();
    return new Simulator(folder, template);
  }

  private constructor(
    private readonly folder: string,
    private readonly template: string,
  ) {}

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async run({ seed, steps }: Run): Promise<Report> {
    const random = new Random(seed);
    const file = join(this.folder, `seed-${seed}.db`);
    copyFileSync(this.template, file);
    const trace = new Trace();
    let acknowledged = 0;
    try {
      const faults = new Faults(random, new Random(~seed));
      acknowledged = await play(`sqlite:${file}`, { random, faults, trace, steps });
      await auditBooks(`sqlite:${file}`, trace);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
    } finally {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    }
    return { violation: trace.violation?.message, hash: trace.hash, lines: trace.lines, acknowledged };
  }
}

async function play(
  url: string,
  { random, faults, trace, steps }: { random: Random; faults: Faults; trace: Trace; steps: number },
): Promise<number> {
  const store = await Store.open(url);
  try {
    const fixture = await createFixture(store.bare, random);
    const scheduler = new Scheduler(random, trace, START_MS);
    const world = new World({ random, scheduler, store, trace, faults }, fixture);
    for (let step = 0; step < steps; step++) await world.step();
    await world.calm();
    return world.diners.acknowledged;
  } finally {
    await store.close();
  }
}

async function auditBooks(databaseUrl: string, trace: Trace): Promise<void> {
  const lines: string[] = [];
  await audit({ databaseUrl, seedKey: SEED_KEY }, (line) => lines.push(line));
  if (lines[0] !== 'books balance') trace.violate(lines.join('\n'));
  trace.add(lines.join(', '));
}
