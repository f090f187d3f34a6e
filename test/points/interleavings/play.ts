/**
 * One seeded run: people move their points on several nodes at once, and after every round what the database holds is what they
 * were told. The same seed asks the same in the same order, but for which row a rollback finds; with `parallel` 1 all is the same.
 */
import { eachOf } from '../../../loadtest/eachOf.ts';
import { Random } from '../../simulation/random.ts';
import { Acknowledged } from './acknowledged.ts';
import { Books } from './books.ts';
import { Nodes } from './nodes.ts';
import { OPERATIONS, REPEATED_WITHIN, type Operation, type Turn } from './operations.ts';
import { Replay } from './replay.ts';

export interface PlayOptions {
  /** A fresh database, which is the run's to fill. */
  url: string;
  seed: number;
  operations: number;
  /** Operations at a time. */
  parallel: number;
  /** After so many the books are looked at. */
  roundOf: number;
  table?: readonly Operation[];
}

export interface PlayReport {
  violations: string[];
  counts: ReadonlyMap<string, number>;
  rows: number;
}

const PEOPLE = 50;
/** After this many, further ones tell nothing new. */
const MOST_VIOLATIONS = 20;

export async function play(options: PlayOptions): Promise<PlayReport> {
  const { url, seed, operations, parallel, roundOf, table = OPERATIONS } = options;
  const nodes = await Nodes.open(url, PEOPLE);
  const acknowledged = new Acknowledged(nodes.clock);
  const replay = new Replay(acknowledged);
  const books = new Books(nodes, replay);
  const asked: Turn['asked'] = new Map();
  const weights = table.map((operation) => [operation.weight, operation] as const);
  try {
    for (let from = 0; from < operations && acknowledged.violations.length === 0; from += roundOf) {
      const numbers = Array.from({ length: Math.min(roundOf, operations - from) }, (_, at) => from + at);
      await eachOf(numbers, parallel, async (number) => {
        const random = new Random(Math.imul(seed, 0x9e3779b1) + number);
        const { name, run } = random.pickWeighted(weights);
        const turn = { number, random, node: random.pick(nodes.list), nodes, acknowledged, asked };
        await run(turn).catch((error: unknown) => {
          acknowledged.violations.push(`operation ${number} ${name}: ${String(error)}`);
        });
      });
      acknowledged.checkKeys(from);
      const violations = await books.check().catch((error: unknown) => [`the books: ${String(error)}`]);
      acknowledged.violations.push(...violations);
      for (const number of asked.keys()) if (number < from + roundOf - REPEATED_WITHIN) asked.delete(number);
    }
  } finally {
    await nodes.close();
  }
  const violations = acknowledged.violations.slice(0, MOST_VIOLATIONS);
  return { violations, counts: acknowledged.counts, rows: books.rows };
}

/** How to see it again. */
export function describe({ seed, operations, parallel }: PlayOptions, { violations }: PlayReport): string {
  return [
    `seed ${seed}: ${violations.length} violations`,
    ...violations,
    `again: npm run points:soak -- --seed ${seed} --operations ${operations} --parallel ${parallel}`,
  ].join('\n');
}
