import assert from 'node:assert/strict';
import { it } from 'mocha';
import { SmartModel } from '../../entities/smart/SmartModel.ts';
import { SmartModelPart } from '../../entities/smart/SmartModelPart.ts';
import { populationOf } from '../../src/smart/evaluation/population.ts';
import { packed } from '../../src/smart/recommend/history.ts';
import { readyModel } from '../../src/smart/serving/readyModel.ts';
import {
  activateModel,
  beginModel,
  failModel,
  finishModel,
  readParts,
  readServing,
  TRAINING_MS,
  type FinishedModel,
} from '../../src/smart/training/modelBook.ts';
import { packModel, unpackModel } from '../../src/smart/training/packedModel.ts';
import { trainModel, type Training } from '../../src/smart/training/trainModel.ts';
import { refusalOf } from '../../src/smart/training/trainer.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const actor = { userId: 1, ip: '::1', requestId: 'x' };

function trainingOf(people: number, items: number): Training {
  const population = populationOf({ people, items, seed: 'training' });
  const own = Array.from({ length: people }, () => new Map<number, number>());
  for (const { person, item, atMs } of population.events) own[person]!.set(item, atMs);
  const history = own.map((taken) => [...taken].map(([item, atMs]) => ({ item, atMs })));
  return {
    taken: packed(history),
    entries: Float64Array.from(history, ({ length }) => length),
    items: population.features.map((_, at) => ({ type: 'product', id: at + 1 })),
    features: population.features,
    nowMs: Math.max(...population.events.map(({ atMs }) => atMs)),
    servingWeights: null,
  };
}

describe('a model that is made', () => {
  it('RS-12 is judged by the last week, packed into parts, and the same once it is read', async () => {
    const { model, week } = trainModel(trainingOf(600, 60));
    assert.ok(week.people > 100 && week.ndcg! > week.popularityNdcg!);
    const parts = await packModel(model);
    assert.ok(parts.every(({ length }) => length <= 60_000));
    assert.deepEqual(await unpackModel(parts), model);
    const ready = readyModel(7, model);
    assert.equal(ready.placeOf({ type: 'product', id: 3 }), 2);
    assert.ok(
      ready.affinity([{ item: 0, atMs: model.trainedAtMs }], model.trainedAtMs).every(Number.isFinite),
    );
    await assert.rejects(unpackModel(parts.map((part) => part.slice(4))));
  });

  it('RS-12 of few people nothing is claimed, and none of its numbers is missing', () => {
    for (const people of [1, 5]) {
      const { model, week } = trainModel(trainingOf(people, 10));
      assert.equal(week.ndcg, null);
      for (const numbers of [model.recent, model.lift, model.ease]) assert.ok(numbers.every(Number.isFinite));
    }
  });

  it('RS-12 what is no number, or worse than what serves, is refused with its figures', () => {
    const good = { ndcg: 0.2, serving_ndcg: 0.2 };
    assert.equal(refusalOf({ isSound: true, metrics: good }), undefined);
    assert.equal(refusalOf({ isSound: true, metrics: { ndcg: null, serving_ndcg: null } }), undefined);
    assert.match(refusalOf({ isSound: false, metrics: good })!, /numbers/);
    assert.match(refusalOf({ isSound: true, metrics: { ...good, ndcg: NaN } })!, /no number/);
    assert.match(refusalOf({ isSound: true, metrics: { ...good, ndcg: 0.18 } })!, /0\.1800.*0\.2000/);
  });
});

forEachDatabase('versions of models', (open) => {
  let database: Database;
  beforeEach('opens a database', async () => {
    database = await open();
  });

  const begin = (nowMs = NOW_MS) =>
    database.retryingTransaction((tx) => beginModel(tx, { actor: undefined, parameters: {} }, nowMs));
  const finish = (version: number, more: Partial<FinishedModel> = {}) => {
    const figures = { people: 1, items: 1, interactions: 1 };
    const made = {
      figures,
      metrics: null,
      parameters: {},
      parts: [`of ${version}`, 'b'],
      refusal: undefined,
    };
    return database.retryingTransaction((tx) => finishModel(tx, version, { ...made, ...more }, NOW_MS));
  };
  const statuses = async () =>
    (await database.currentReader.find(SmartModel, { order: { version: 'ASC' } })).map(
      ({ status }) => status,
    );

  it('RS-12 one is made at a time, and one that nothing was heard of does not stop the next', async () => {
    const first = await begin();
    await assert.rejects(begin(NOW_MS + 1), { code: 'CONFLICT' });
    const second = await begin(NOW_MS + TRAINING_MS);
    assert.deepEqual(await statuses(), ['failed', 'training']);
    // The first comes back from the dead.
    assert.equal(await finish(first), false);
    assert.equal(await finish(second), true);
    assert.equal((await readServing(database))?.version, second);
    assert.deepEqual(await readParts(database, second), [`of ${second}`, 'b']);
  });

  it('RS-12 a refused one never serves, the one before stays, and going back takes the same parts', async () => {
    const first = await begin();
    await finish(first);
    const bad = await begin();
    await finish(bad, { refusal: 'it tells less', parts: [] });
    assert.equal((await readServing(database))?.version, first);
    const activate = (version: number) =>
      database.retryingTransaction((tx) => activateModel(tx, { actor, version }, NOW_MS));
    await assert.rejects(activate(bad), { code: 'CONFLICT' });
    await assert.rejects(activate(999), { code: 'NOT_FOUND' });
    const third = await begin();
    await finish(third);
    assert.deepEqual(await statuses(), ['ready', 'refused', 'serving']);
    await Promise.all([activate(first), activate(first)]);
    assert.deepEqual(await statuses(), ['serving', 'refused', 'ready']);
    const broken = await begin();
    await database.retryingTransaction((tx) => failModel(tx, broken, 'x'.repeat(400), NOW_MS));
    assert.equal((await statuses()).at(-1), 'failed');
  });

  it('RS-12 the parts of the last models are kept, of older ones the figures alone', async () => {
    const versions: number[] = [];
    for (let at = 0; at < 7; at++) {
      const version = await begin();
      versions.push(version);
      await finish(version);
    }
    const parts = await database.currentReader.find(SmartModelPart, { order: { version: 'ASC' } });
    assert.deepEqual([...new Set(parts.map(({ version }) => version))], versions.slice(2));
    assert.equal((await statuses()).length, 7);
    const gone = database.retryingTransaction((tx) =>
      activateModel(tx, { actor, version: versions[0]! }, NOW_MS),
    );
    await assert.rejects(gone, { code: 'CONFLICT' });
  });
});
