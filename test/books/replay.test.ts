import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { Difference, Replay } from '../../src/draw/replay.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { configOf, prizeOf, prizesArbitrary } from '../draw/configs.ts';
import { chained, hexSha256, LogWriter, type Published } from './publishedLogs.ts';

const CONFIG = configOf({
  prizes: [
    prizeOf({ prize_id: 1, p: 20_000_000, stock: 1, fallback_prize_id: 2 }),
    prizeOf({ prize_id: 2, p: 20_000_000, stock: 5 }),
    prizeOf({ prize_id: 3, p: 10_000_000, stock: null }),
  ],
  guarantee: { threshold: 4, prize_id: 3 },
  pity: [{ after: 2, bonus_bp: 500 }],
  level_bonus_bp: { '1': 0, '2': 300 },
  periods: [{ starts_at: '2026-03-02T00:00:00Z', ends_at: '2026-03-03T00:00:00Z', bonus_bp: 1000 }],
});

/** Two revealed epochs and one that awaits its seed; all kinds of entries; stock runs out. */
function play(): Published {
  const log = new LogWriter().rotate(Buffer.alloc(32, 1)).publish(CONFIG);
  for (let draw = 0; draw < 60; draw++) log.draw(1 + (draw % 5), { level: 1 + (draw % 2) });
  log.rotate(Buffer.alloc(32, 2)).addStock(2, 3).publish(CONFIG);
  for (let draw = 0; draw < 60; draw++) log.draw(1 + (draw % 3), { drawn_at: '2026-03-02T12:00:00.000Z' });
  log.rotate(Buffer.alloc(32, 3));
  for (let draw = 0; draw < 20; draw++) log.draw(1 + (draw % 5), { client_seed: 'mine' });
  return log.published();
}

function replay({ fairness, items }: Published): Replay {
  const run = new Replay(fairness, { sha256: nodeSha256, canonicalJson });
  for (const item of items) run.apply(item);
  run.finish();
  return run;
}

function differenceOf(published: Published): Difference | undefined {
  try {
    replay(published);
    return undefined;
  } catch (error) {
    if (error instanceof Difference) return error;
    throw error;
  }
}

type Loose = Record<string, unknown>;

/** The log with one field of one item changed, its hashes left alone. */
function tampered(log: Published, at: number, change: Loose): Published {
  return { ...log, items: log.items.map((item, index) => (index === at ? { ...item, ...change } : item)) };
}

const indexOf = ({ items }: Published, holds: (item: Loose) => boolean) =>
  items.findIndex((item) => holds(item as unknown as Loose));

describe('L-5 replay of a published log', () => {
  const log = play();
  const firstDraw = indexOf(log, (item) => item['kind'] === 'draw');
  const openDraw = indexOf(log, (item) => item['epoch'] === 3 && item['kind'] === 'draw');
  const won = indexOf(log, (item) => item['prize_id'] === 2 && item['kind'] === 'draw');
  const lost = indexOf(log, (item) => item['prize_id'] === null && item['kind'] === 'draw');
  const guaranteed = indexOf(log, (item) => item['is_guarantee'] === true);

  it('agrees with what was played, and counts', () => {
    assert.deepEqual(replay(log).counts, { draws: 140, epochs: 3, rollsRecomputed: 120 });
    const ended = new LogWriter().rotate().publish(CONFIG).draw(1).draw(1).end().published();
    assert.deepEqual(replay(ended).counts, { draws: 2, epochs: 1, rollsRecomputed: 2 });
    assert.deepEqual(replay(new LogWriter().published()).counts, { draws: 0, epochs: 0, rollsRecomputed: 0 });
  });

  it('played what it is meant to: fallback, guarantee, loss, exhaustion', () => {
    for (const index of [won, lost, guaranteed, openDraw]) assert.ok(index > 0);
    assert.ok(indexOf(log, (item) => item['rolled_prize_id'] === 1 && item['prize_id'] === 2) > 0);
    assert.ok(indexOf(log, (item) => item['rolled_prize_id'] !== null && item['prize_id'] === null) > 0);
  });

  const draw = log.items[firstDraw] as unknown as Loose;
  const changes: Loose[] = [
    { log_no: 99 },
    { chain_hash: '0'.repeat(64) },
    { draw_no: 9 },
    { draw_id: 9 },
    { user_id: 9 },
    { client_seed: 'other' },
    { epoch: 2 },
    { table_version: 2 },
    { level_bp: 1 },
    { level_bp: draw['level_bp'] === 0 ? 300 : 0 },
    { period_bp: 1 },
    { pity_bp: 1 },
    { streak_before: 1 },
    { roll: (draw['roll'] as number) + 1 },
    { rolled_prize_id: 9 },
    { prize_id: draw['prize_id'] === 3 ? 2 : 3 },
    { is_guarantee: true },
    { drawn_at: '2026-03-02T12:00:00.000Z' },
  ];
  for (const change of changes) {
    it(`finds a draw with ${JSON.stringify(change)}`, () => {
      assert.equal(
        differenceOf(tampered(log, firstDraw, change))?.logNo,
        (change['log_no'] as number) ?? firstDraw + 1,
      );
    });
  }

  const rewritten: [string, () => Published, RegExp][] = [
    [
      'a roll',
      () => tampered(log, firstDraw, { roll: (draw['roll'] as number) + 1 }),
      /^roll: expected \d+, published \d+$/,
    ],
    ['a client seed', () => tampered(log, firstDraw, { client_seed: 'other' }), /^roll/],
    ['a user', () => tampered(log, firstDraw, { user_id: 9 }), /^roll/],
    ['a roll beyond the range', () => tampered(log, openDraw, { roll: 1e12 }), /^roll: expected 0/],
    [
      'a withheld prize',
      () => tampered(log, won, { prize_id: null }),
      /^prize_id: expected 2, published null/,
    ],
    ['a given prize', () => tampered(log, lost, { prize_id: 3 }), /^prize_id: expected null, published 3/],
    ['a guarantee not told', () => tampered(log, guaranteed, { is_guarantee: false }), /^is_guarantee/],
    [
      'a streak',
      () => tampered(log, firstDraw, { streak_before: 3 }),
      /^streak_before: expected 0, published 3/,
    ],
    [
      'a removed draw',
      () => ({ ...log, items: log.items.toSpliced(firstDraw, 1) }),
      /^draw_no: expected 1, published 2/,
    ],
    ['a removed config', () => ({ ...log, items: log.items.toSpliced(1, 1) }), /config before draws/],
    [
      'a removed seed',
      () => ({ ...log, items: log.items.toSpliced(0, 1) }),
      /^epoch: expected seed before draws/,
    ],
    [
      'a doubled draw',
      () => ({ ...log, items: log.items.toSpliced(firstDraw, 0, log.items[firstDraw]!) }),
      /^draw_no/,
    ],
    ['stock out of nowhere', () => changedItem(log, 'stock', { remaining: 50 }), /^remaining/],
    ['stock of an unlimited prize', () => changedItem(log, 'stock', { prize_id: 3 }), /^prize_id/],
    ['stock below zero', () => changedItem(log, 'stock', { delta: -99, remaining: -99 }), /^remaining/],
    [
      'another commitment',
      () => changedItem(log, 'seed', { server_seed_hash: '0'.repeat(64) }),
      /^server_seed_hash/,
    ],
    ['a skipped version', () => changedItem(log, 'config', { table_version: 2 }), /^table_version/],
    [
      'a config with a problem',
      () => withConfig(log, { guarantee: { threshold: 1, prize_id: 99 } }),
      /^config: expected no/,
    ],
    ['other chances', () => withConfig(log, { prizes: [CONFIG.prizes[2]!] }), /^rolled_prize_id|^prize_id/],
  ];
  for (const [title, change, expected] of rewritten) {
    it(`finds ${title}, though the chain was rewritten`, () => {
      assert.match(differenceOf(chained(change()))?.message ?? 'agrees', expected);
    });
  }

  it('finds stock changed by a new version without a stock entry', () => {
    const at = indexOf(log, (item) => item['table_version'] === 2 && item['kind'] === 'config');
    const { config } = log.items[at] as unknown as { config: typeof CONFIG };
    const prizes = config.prizes.map((prize) => ({
      ...prize,
      stock: prize.stock === null ? null : prize.stock + 1,
    }));
    assert.match(
      differenceOf(chained(tampered(log, at, { config: { ...config, prizes } })))?.message ?? '',
      /^stock of prize/,
    );
  });

  it('an addition within a config is part of its hash', () => {
    const added = chained(withConfig(log, { remark: 'hello' }));
    assert.equal(differenceOf(added), undefined);
    assert.match(differenceOf(withConfig(log, { remark: 'hello' }))?.message ?? '', /^chain_hash/);
  });

  const summaries: [string, (fairness: Published['fairness']) => void, RegExp][] = [
    ['genesis', (f) => (f.genesis = '0'.repeat(64)), /^genesis/],
    ['head', (f) => (f.chain_head = '0'.repeat(64)), /^chain_head/],
    ['length', (f) => (f.log_length += 1), /^log_length/],
    ['campaign', (f) => (f.campaign_id = 8), /^genesis/],
    ['seed', (f) => (f.epochs[0]!.server_seed = '0'.repeat(64)), /server_seed_hash/],
    ['a seed with its hash', otherSeed, /^server_seed_hash/],
    ['withheld seed', (f) => (f.epochs[1]!.server_seed = null), /seed revealed: expected true/],
    [
      'withheld seed told to be open',
      (f) => Object.assign(f.epochs[2]!, { to_draw_no: 140 }),
      /to_draw_no is set/,
    ],
    ['first draw of an epoch', (f) => (f.epochs[1]!.from_draw_no += 1), /from_draw_no/],
    ['last draw of an epoch', (f) => (f.epochs[0]!.to_draw_no! -= 1), /from_draw_no/],
    ['bounds of two epochs', shiftedEpochs, /to_draw_no/],
    ['number of an epoch', (f) => (f.epochs[2]!.epoch = 4), /^epoch/],
    ['additional epoch', (f) => Object.assign(f, additionalEpoch(f)), /number of epochs/],
    ['missing epoch', (f) => f.epochs.pop(), /^epoch: expected no further epoch/],
  ];
  for (const [title, change, expected] of summaries) {
    it(`finds a summary with another ${title}`, () => {
      const fairness = structuredClone(log.fairness);
      change(fairness);
      assert.match(differenceOf({ ...log, fairness })?.message ?? 'agrees', expected);
    });
  }

  it('any play of any campaign agrees, and any field changed in it is found', () => {
    const draws = fc.array(fc.record({ user: fc.integer({ min: 1, max: 4 }), rotate: fc.boolean() }), {
      minLength: 1,
      maxLength: 40,
    });
    const pick = fc.record({ at: fc.nat(), field: fc.nat() });
    fc.assert(
      fc.property(
        prizesArbitrary(5),
        draws,
        fc.integer({ min: 1, max: 6 }),
        pick,
        (prizes, script, threshold, { at, field }) => {
          const writer = new LogWriter()
            .rotate()
            .publish(configOf({ prizes, guarantee: { threshold, prize_id: 1 } }));
          for (const { user, rotate } of script) (rotate ? writer.rotate() : writer).draw(user);
          const played = writer.published();
          assert.equal(differenceOf(played), undefined);
          const index = at % played.items.length;
          const fields = Object.entries<unknown>({ ...played.items[index]! }).filter(
            ([key]) => !UNHASHED.has(key),
          );
          const [name, value] = fields[field % fields.length]!;
          assert.notEqual(
            differenceOf(tampered(played, index, { [name]: otherThan(value) })),
            undefined,
            name,
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** `kind` decides which fields there are; the moment of a draw counts only as far as it decides the period bonus. */
const UNHASHED = new Set(['kind', 'drawn_at']);

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return '0'.repeat(64);
  return value === null ? 1 : { ...(value as object), changed: true };
}

function changedItem(log: Published, kind: string, change: Loose): Published {
  return tampered(
    log,
    indexOf(log, (item) => item['kind'] === kind),
    change,
  );
}

function withConfig(log: Published, change: Loose): Published {
  return changedItem(log, 'config', { config: { ...CONFIG, ...change } });
}

function otherSeed({ epochs }: Published['fairness']): void {
  const seed = Buffer.alloc(32, 9);
  Object.assign(epochs[0]!, { server_seed: seed.toString('hex'), server_seed_hash: hexSha256(seed) });
}

function shiftedEpochs({ epochs }: Published['fairness']): void {
  epochs[0]!.to_draw_no! -= 1;
  epochs[1]!.from_draw_no -= 1;
}

function additionalEpoch({ epochs }: Published['fairness']): Loose {
  const last = {
    ...epochs[2]!,
    server_seed: Buffer.alloc(32, 3).toString('hex'),
    to_draw_no: 140,
    revealed_at: 'now',
  };
  return { epochs: [...epochs.slice(0, 2), last, { ...epochs[2]!, epoch: 4, from_draw_no: 141 }] };
}
