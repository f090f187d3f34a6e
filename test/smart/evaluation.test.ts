import assert from 'node:assert/strict';
import { it } from 'mocha';
import { compare } from '../../src/smart/evaluation/compare.ts';
import { BAR, shortOf } from '../../src/smart/evaluation/enough.ts';
import { bootstrap, distinctShareOf, meanOf, ndcgOf, recallOf } from '../../src/smart/evaluation/measures.ts';
import { populationOf } from '../../src/smart/evaluation/population.ts';
import { readLog } from '../../src/smart/evaluation/readEvents.ts';
import { splitAt } from '../../src/smart/evaluation/split.ts';
import { Random } from '../../src/draw/random.ts';
import { easeOf } from '../../src/smart/recommend/ease.ts';
import { countsTogether } from '../../src/smart/recommend/counts.ts';
import { best } from '../../src/smart/recommend/rank.ts';

describe('how recommendations are measured', () => {
  const SIZE = { people: 3000, items: 240, seed: 'ci' };

  it('RS-6 RS-8 a hybrid tells more than popularity and neighbours, shows most of the items, and each person their own', function () {
    this.timeout(60_000);
    const population = populationOf(SIZE);
    const comparison = compare(population, { ...population, seed: 'ci' });
    const { models, people, ratios } = comparison;
    assert.deepEqual(shortOf(comparison), [], JSON.stringify(comparison, undefined, 1));
    assert.ok(people > 1500);
    assert.ok(models.popularity.ndcg.mean > 2 * models.random.ndcg.mean);
    assert.ok(models.hybrid.ndcg.low > models.recent.ndcg.mean);
    assert.ok(ratios.popularity.low > 1 && ratios.popularity.high > BAR.byPopularity);
    // The same for one seed, whatever the machine.
    const again = populationOf({ ...SIZE, people: 50 });
    assert.deepEqual(again.events, populationOf({ ...SIZE, people: 50 }).events);
  });

  it('RS-6 what has no tastes is short of the bar: nothing is told that is not there', () => {
    const random = new Random('flat');
    const events = Array.from({ length: 12_000 }, (_, at) => ({
      person: random.below(1000),
      item: random.below(60),
      atMs: at,
    }));
    const short = shortOf(
      compare({ people: 1000, items: 60, events }, { features: undefined, seed: 'flat' }),
    );
    assert.ok(short.some((problem) => problem.startsWith('NDCG by popularity')));
  });

  it('RS-6 one moment parts what is known from what is told, and what somebody has is not told again', () => {
    const event = (person: number, item: number, atMs: number) => ({ person, item, atMs });
    const events = [
      event(0, 0, 1),
      event(1, 1, 2),
      event(0, 2, 3),
      event(1, 2, 4),
      event(0, 0, 8),
      event(1, 0, 9),
    ];
    const { splitMs, before, after } = splitAt({ people: 2, items: 3, events }, 4 / 6);
    assert.equal(splitMs, 8);
    assert.deepEqual(before, [
      [
        { item: 0, atMs: 1 },
        { item: 2, atMs: 3 },
      ],
      [
        { item: 1, atMs: 2 },
        { item: 2, atMs: 4 },
      ],
    ]);
    assert.deepEqual(after, [new Set(), new Set([0])]);
  });

  it('RS-6 measures are those of the field', () => {
    assert.equal(recallOf([1, 2, 3], new Set([1, 3, 9, 10])), 0.5);
    assert.equal(ndcgOf([7, 1], new Set([7])), 1);
    assert.ok(Math.abs(ndcgOf([1, 7], new Set([7])) - 1 / Math.log2(3)) < 1e-12);
    const values = Array.from({ length: 400 }, (_, at) => at % 2);
    const { low, high } = bootstrap(
      400,
      (places) => meanOf([...places].map((at) => values[at]!)),
      new Random('a'),
    );
    // The normal approximation: 0.5 ± 1.96 × 0.025.
    assert.ok(Math.abs(low - 0.451) < 0.01 && Math.abs(high - 0.549) < 0.01, `${low} ${high}`);
    assert.equal(distinctShareOf([[1, 2], [2, 1], [3], [4]]), 0.75);
    assert.deepEqual(
      best(Float64Array.of(1, 5, 5, 9, 0), 3, (item) => item !== 3),
      [1, 2, 0],
    );
  });

  it('RS-6 the closed form of EASE is where the gradient of its loss is nothing', () => {
    const history = [
      [0, 1],
      [0, 1, 2],
      [1, 2],
      [2, 3],
      [0, 3],
    ].map((own) => own.map((item) => ({ item, atMs: 0 })));
    const [items, lambda] = [4, 0.7];
    const { weights } = easeOf(countsTogether(history, items), items, lambda);
    const counts = countsTogether(history, items);
    for (let one = 0; one < items; one++)
      for (let other = 0; other < items; other++) {
        if (one === other) {
          assert.equal(weights[one * items + other], 0);
          continue;
        }
        let gradient = lambda * weights[one * items + other]! - counts[one * items + other]!;
        for (let via = 0; via < items; via++)
          gradient += counts[one * items + via]! * weights[via * items + other]!;
        assert.ok(Math.abs(gradient) < 1e-4, `${one} ${other} ${gradient}`);
      }
  });

  it('a file of user, item and time is a history, with or without a first line of names', () => {
    const log = readLog('user,item,time\nann,tea,2026-01-01T00:00:00Z\nbo,tea,5\nann,rice,7\n');
    assert.deepEqual([log.people, log.items], [2, 2]);
    assert.deepEqual(log.events[2], { person: 0, item: 1, atMs: 7 });
    assert.throws(() => readLog('a,b\n'), /Row 1|Invalid Record/);
  });
});
