import assert from 'node:assert/strict';
import { Difference, Replay } from '../../src/draw/replay.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { configOf, prizeOf } from '../draw/configs.ts';
import { chained, LogWriter, type Published } from './publishedLogs.ts';

const GUARANTEED = prizeOf({ prize_id: 1, stock: 100 });
/** Nothing is won but by the guarantee. */
const withThreshold = (threshold: number) =>
  configOf({ prizes: [GUARANTEED], guarantee: { threshold, prize_id: 1 } });

function differenceOf({ fairness, items }: Published): string | undefined {
  try {
    const replay = new Replay(fairness, { sha256: nodeSha256, canonicalJson });
    for (const item of items) replay.apply(item);
    replay.finish();
    return undefined;
  } catch (error) {
    if (error instanceof Difference) return error.message;
    throw error;
  }
}

function drawAll(log: LogWriter, users: readonly number[]): LogWriter {
  for (const user of users) log.draw(user);
  return log;
}

/** draw_no of the draws that the guarantee gave. */
const guaranteed = ({ items }: Published) =>
  items.flatMap((item) => (item.kind === 'draw' && item.is_guarantee ? [item.draw_no] : []));

/** The log with other fields of the entry of a kind that comes `nth`, and its chain rewritten. */
function changed({ fairness, items }: Published, kind: string, nth: number, change: object): Published {
  const at = items.map((item, index) => ({ item, index })).filter(({ item }) => item.kind === kind)[nth]!
    .index;
  return chained({ fairness, items: items.with(at, { ...items[at]!, ...change }) });
}

describe('L-12 replay of several versions', () => {
  it('RL-15 a threshold that falls keeps the streak: whoever has reached it wins with the next draw', () => {
    const log = new LogWriter().rotate().publish(withThreshold(10));
    drawAll(log, [7, 7, 7, 7, 8]).publish(withThreshold(5));
    const published = drawAll(log, [7, 8, 8, 8, 8]).published();
    assert.deepEqual(guaranteed(published), [5 + 1, 5 + 5]);
    assert.equal(differenceOf(published), undefined);
    const forgotten = changed(published, 'draw', 5, {
      streak_before: 0,
      prize_id: null,
      is_guarantee: false,
    });
    assert.equal(differenceOf(forgotten), 'streak_before: expected 4, published 0');
  });

  it('RL-15 a threshold far below a streak gives at once, and once', () => {
    const log = drawAll(new LogWriter().rotate().publish(withThreshold(50)), Array<number>(20).fill(7));
    const published = drawAll(log.publish(withThreshold(3)), [7, 7, 7, 7]).published();
    assert.deepEqual(guaranteed(published), [21, 24]);
    assert.equal(differenceOf(published), undefined);
  });

  it('RL-15 a threshold that rises keeps the streak: what was missing is missed, and what was counted counts', () => {
    const log = drawAll(new LogWriter().rotate().publish(withThreshold(5)), [7, 7, 7]);
    const published = drawAll(log.publish(withThreshold(8)), [7, 7, 7, 7, 7]).published();
    assert.deepEqual(guaranteed(published), [8]);
    assert.equal(differenceOf(published), undefined);
    const early = changed(published, 'draw', 4, { prize_id: 1, is_guarantee: true });
    assert.match(differenceOf(early) ?? '', /^prize_id: expected null, published 1/);
  });

  it('RL-15 the streak outlives a version without a guarantee, and a rotation', () => {
    const log = drawAll(new LogWriter().rotate().publish(withThreshold(4)), [7, 7]);
    drawAll(log.publish(configOf({ prizes: [GUARANTEED] })), [7]).rotate();
    const published = drawAll(log.publish(withThreshold(4)), [7, 7]).published();
    assert.deepEqual(guaranteed(published), [4]);
    assert.equal(differenceOf(published), undefined);
  });

  it('RL-6 a version carries the stock as draws and stock entries have left it, and nothing else', () => {
    const sure = configOf({ prizes: [prizeOf({ prize_id: 1, p: 100_000_000, stock: 4 })] });
    const log = drawAll(new LogWriter().rotate().publish(sure), [7, 7, 7]);
    const published = drawAll(
      log.addStock(1, 6).addStock(1, -2).publish(sure),
      [7, 7, 7, 7, 7, 7],
    ).published();
    const [, second] = published.items.filter((item) => item.kind === 'config');
    assert.equal(second!.config.prizes[0]!.stock, 5);
    assert.equal(published.items.filter((item) => item.kind === 'draw' && item.prize_id === 1).length, 8);
    assert.equal(differenceOf(published), undefined);
    const { config } = second!;
    const more = { config: { ...config, prizes: [{ ...config.prizes[0]!, stock: 6 }] } };
    assert.equal(
      differenceOf(changed(published, 'config', 1, more)),
      'stock of prize 1: expected 5, published 6',
    );
    const without = published.items.filter((item) => item.kind !== 'stock');
    const silent = chained({ fairness: published.fairness, items: without });
    assert.equal(differenceOf(silent), 'stock of prize 1: expected 1, published 5');
  });

  it('RL-6 a prize may come, go and come back, with its stock; and become unlimited', () => {
    const [first, later] = [
      prizeOf({ prize_id: 1, p: 50_000_000, stock: 100 }),
      prizeOf({ prize_id: 2, sort_order: 0, p: 50_000_000, stock: 100 }),
    ];
    const users = Array.from({ length: 10 }, (_, at) => at + 1);
    const log = drawAll(new LogWriter().rotate().publish(configOf({ prizes: [first] })), users);
    drawAll(log.publish(configOf({ prizes: [first, later] })), users);
    drawAll(log.publish(configOf({ prizes: [first] })), users);
    const published = drawAll(log.publish(configOf({ prizes: [first, later] })), users).published();
    assert.equal(differenceOf(published), undefined);
    const configs = published.items.filter((item) => item.kind === 'config');
    assert.deepEqual(
      configs.map(({ table_version }) => table_version),
      [1, 2, 3, 4],
    );
    const won = published.items.filter(
      (item) => item.kind === 'draw' && item.prize_id === 2 && item.log_no < configs[3]!.log_no,
    );
    assert.equal(configs[3]!.config.prizes[1]!.stock, 100 - won.length);
    const { config } = configs[3]!;
    const restored = { ...config, prizes: [config.prizes[0]!, { ...config.prizes[1]!, stock: 100 }] };
    if (won.length > 0)
      assert.match(
        differenceOf(changed(published, 'config', 3, { config: restored })) ?? '',
        /^stock of prize 2/,
      );
    const free = { ...config, prizes: config.prizes.map((prize) => ({ ...prize, stock: null })) };
    assert.equal(differenceOf(changed(published, 'config', 3, { config: free })), undefined);
  });

  it('RL-3 what a version was agreed to by is part of its hash', () => {
    const log = drawAll(new LogWriter().rotate().publish(withThreshold(5)), [7]);
    const agreed = { ...withThreshold(4), change_hash: 'ab'.repeat(32) };
    const published = drawAll(log.publish(agreed), [7]).published();
    assert.equal(differenceOf(published), undefined);
    const { fairness, items } = published;
    const other = { ...agreed, change_hash: 'cd'.repeat(32) };
    const exchanged = items.map((item) =>
      item.kind === 'config' && item.table_version === 2
        ? { ...item, config: { ...item.config, change_hash: other.change_hash } }
        : item,
    );
    assert.match(differenceOf({ fairness, items: exchanged }) ?? '', /^chain_hash/);
  });
});
