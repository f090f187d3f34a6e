/**
 * `npm run eval [-- --csv FILE] [--people N --items N --seed S]`: how well each model tells what people take next, of made-up people or of
 * a file of user,item,time. Exit 0: good enough; 1: not; 2: it cannot be measured.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compare, MODELS, type Comparison, type Figure } from '../smart/evaluation/compare.ts';
import { shortOf } from '../smart/evaluation/enough.ts';
import { populationOf } from '../smart/evaluation/population.ts';
import { readLog } from '../smart/evaluation/readEvents.ts';

const { values } = parseArgs({
  options: {
    csv: { type: 'string' },
    people: { type: 'string', default: '4000' },
    items: { type: 'string', default: '300' },
    seed: { type: 'string', default: 'kaijiang' },
  },
});

try {
  const { csv, people, items, seed } = values;
  const population =
    csv === undefined ? populationOf({ people: count(people), items: count(items), seed }) : undefined;
  const log = population ?? readLog(await readFile(csv!, 'utf8'));
  const comparison = compare(log, { features: population?.features, offeredAt: population?.offeredAt, seed });
  print(comparison);
  const short = shortOf(comparison);
  for (const problem of short) console.log(`short of the bar: ${problem}`);
  process.exitCode = short.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1_000_000) throw new Error(`Not a count: ${text}`);
  return number;
}

function print({ people, items, newShare, splitMs, weights, models, ratios }: Comparison): void {
  console.log(`${people} people, ${items} items, all before ${new Date(splitMs).toISOString()} is known`);
  console.log(
    `${percent(newShare)} of what was taken afterwards was of items that nobody had, or that were not offered, before`,
  );
  console.log(
    `weights: ${Object.entries(weights)
      .map(([part, weight]) => `${part} ${weight.toFixed(2)}`)
      .join(', ')}`,
  );
  console.table(
    Object.fromEntries(
      MODELS.map((name) => {
        const { recall, ndcg, coverage, distinctShare } = models[name];
        return [
          name,
          {
            'recall@10': figure(recall),
            'NDCG@10': figure(ndcg),
            coverage: percent(coverage),
            'distinct lists': percent(distinctShare),
          },
        ];
      }),
    ),
  );
  console.log(
    `hybrid by popularity ${figure(ratios.popularity)}, by neighbours ${figure(ratios.neighbours)}`,
  );
}

function figure({ mean, low, high }: Figure): string {
  return `${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
