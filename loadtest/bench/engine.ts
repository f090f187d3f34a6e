import { randomBytes } from 'node:crypto';
import { DrawEngine } from '../../src/draw/engine.ts';
import type { DrawConfig } from '../../src/draw/odds.ts';
import { Roller } from '../../src/draw/roll.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { median } from '../figures.ts';

const RUN_MS = 1000;
const RUNS = 3;
const BONUSES = { level_bp: 0, period_bp: 0, pity_bp: 0 };

/** Draws per second of the pure engine with its roll (HMAC-SHA256): no queue, no database, no network. */
export function engineRate(prizeCount: number): number {
  const config = configOf(prizeCount);
  runFor(config, RUN_MS / 2);
  return median(Array.from({ length: RUNS }, () => runFor(config, RUN_MS)));
}

function runFor(config: DrawConfig, durationMs: number): number {
  const engine = new DrawEngine(config);
  const roller = new Roller(randomBytes(32), nodeSha256);
  const stock = new Map(config.prizes.map((prize) => [prize.prize_id, prize.stock]));
  const startedMs = performance.now();
  let drawNo = 0;
  let streak = 0;
  while (performance.now() - startedMs < durationMs) {
    for (let at = 0; at < 1000; at++) {
      const roll = roller.roll({ campaignId: 1, drawNo: ++drawNo, userId: 1000 + at, clientSeed: '12345' });
      const { prizeId } = engine.decide({ roll, bonuses: BONUSES, streak, stock });
      streak = prizeId === null ? streak + 1 : 0;
    }
  }
  return drawNo / ((performance.now() - startedMs) / 1000);
}

function configOf(prizeCount: number): DrawConfig {
  return {
    cost_per_draw: '1.00',
    prizes: Array.from({ length: prizeCount }, (_, at) => ({
      prize_id: at + 1,
      sort_order: at,
      name: `Prize ${at + 1}`,
      type: 'coupon',
      value: '1.00',
      p: Math.floor(50_000_000 / prizeCount),
      stock: at % 2 === 0 ? null : 1_000_000_000,
      fallback_prize_id: null,
    })),
    guarantee: { threshold: 10, prize_id: 1 },
    pity: [],
    level_bonus_bp: {},
    periods: [],
  };
}
