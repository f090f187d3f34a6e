import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import {
  compress,
  decompress,
  PackError,
  packOf,
  unpack,
  type AnsweredRequest,
} from '../../src/lottery/archive/drawPack.ts';
import { drawIdOf } from '../../src/lottery/drawIds.ts';

const whole = fc.nat();
const points = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });
const text = fc.string({ unit: 'binary-ascii', maxLength: 64 });
const time = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const orNull = fc.option(whole, { nil: null });
const rolls = fc.integer({ min: 0, max: 1_000_000_000_000 });

const ownOfDraw = fc.record({
  fairness_epoch: whole,
  table_version: whole,
  level_bp: whole,
  period_bp: whole,
  pity_bp: whole,
  streak_before: whole,
  roll: rolls,
  interval_from: rolls,
  interval_to: rolls,
  rolled_prize_id: orNull,
  prize_id: orNull,
  is_guarantee: fc.boolean(),
  points_cost: points,
  chain_hash: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
  draw_time: time,
});
const ownOfRequest = fc.record({
  user_id: whole,
  request_id: text,
  client_seed: text,
  balance_after: points,
  streak_after: whole,
  guarantee_in: orNull,
  draws_left_today: orNull,
  free_draws_left_today: whole,
  created_at: time,
});

/** Requests with their draws, numbered on from some place; between two draws there may be other entries of the log. */
const answered = fc
  .record({
    campaign_id: fc.integer({ min: 1, max: 900_000 }),
    first: fc.integer({ min: 1, max: 1_000_000_000 }),
    requests: fc.array(fc.tuple(ownOfRequest, fc.array(ownOfDraw, { minLength: 1, maxLength: 10 })), {
      minLength: 1,
      maxLength: 8,
    }),
    step: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ campaign_id, first, requests, step }): AnsweredRequest[] => {
    let drawNo = first - 1;
    return requests.map(([request, draws]) => ({
      request: { ...request, campaign_id, draw_count: draws.length, first_draw_no: drawNo + 1 },
      draws: draws.map((draw): LotteryDraw => {
        drawNo += 1;
        const { user_id, request_id, client_seed } = request;
        return {
          ...draw,
          ...{ user_id, request_id, client_seed, campaign_id },
          draw_id: drawIdOf(campaign_id, drawNo),
          draw_no: drawNo,
          log_no: drawNo * step,
          is_winner: draw.prize_id !== null,
        };
      }),
    }));
  });

describe('a pack of draws', () => {
  it('RO-6 has every column of every row that was packed, and who has drawn', () => {
    fc.assert(
      fc.property(answered, (requests) => {
        const { pack, diners } = packOf(requests, 0);
        assert.deepEqual(unpack(pack), requests);
        const draws = requests.flatMap((one) => one.draws);
        assert.equal(
          diners.reduce((sum, one) => sum + one.draws, 0),
          draws.length,
        );
        assert.deepEqual(
          [pack.first_draw_no, pack.last_draw_no, pack.first_log_no, pack.last_log_no],
          [draws[0]!.draw_no, draws.at(-1)!.draw_no, draws[0]!.log_no, draws.at(-1)!.log_no],
        );
      }),
      { numRuns: 200 },
    );
  });

  it('RO-6 is not made of rows that do not belong together', () => {
    const [good] = fc.sample(answered, { numRuns: 1, seed: 7 }) as [AnsweredRequest[]];
    const changed: [string, (draw: LotteryDraw, request: AnsweredRequest) => unknown][] = [
      ['another user', (draw) => (draw.user_id += 1)],
      ['another request', (draw) => (draw.request_id += 'x')],
      ['another seed', (draw) => (draw.client_seed += 'x')],
      ['another campaign', (draw) => (draw.campaign_id += 1)],
      ['another number', (draw) => (draw.draw_no += 1)],
      ['another id', (draw) => (draw.draw_id += 1)],
      ['a win without a prize', (draw) => (draw.is_winner = !draw.is_winner)],
      ['more draws', (_draw, { request }) => (request.draw_count += 1)],
      ['other draws', (_draw, { request }) => (request.first_draw_no += 1)],
    ];
    for (const [title, change] of changed) {
      const requests = structuredClone(good);
      change(requests[0]!.draws[0]!, requests[0]!);
      assert.throws(() => packOf(requests, 0), PackError, title);
    }
    const twice = structuredClone(good);
    assert.throws(() => packOf([...good, ...twice], 0), PackError);
  });

  it('RO-6 that was changed anywhere is no pack', () => {
    const [requests] = fc.sample(answered, { numRuns: 1, seed: 11 }) as [AnsweredRequest[]];
    const { pack } = packOf(requests, 0);
    for (let at = 0; at < pack.content.length; at += 7) {
      const content = Buffer.from(pack.content);
      content[at]! ^= 0x10;
      assert.throws(() => unpack({ ...pack, content }), PackError, `byte ${at}`);
    }
    assert.throws(() => unpack({ ...pack, content: pack.content.subarray(0, -9) }), PackError);
    assert.throws(() => unpack({ ...pack, content: Buffer.alloc(0) }), PackError);
    const bomb = compress('['.repeat(5 * 1024 * 1024));
    assert.throws(() => unpack({ ...pack, content: bomb }), PackError);
    assert.equal(decompress(compress('开奖')), '开奖');
  });
});
