import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, it } from 'mocha';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { FairnessView, LogEntry } from '../../src/lottery/views.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { eventually } from '../support/seat.ts';

const RANGE = 10n ** 12n;
/** The roll of wire.md and design.md, written again from their text. */
function rollOf(serverSeed: string, message: string): number {
  const digest = createHmac('sha256', Buffer.from(serverSeed, 'hex')).update(message).digest();
  for (const at of [0, 8, 16, 24]) {
    const top53 = digest.readBigUInt64BE(at) >> 11n;
    if (top53 < (2n ** 53n / RANGE) * RANGE) return Number(top53 % RANGE);
  }
  return rollOf(serverSeed, `${message}:1`);
}

forEachDatabase('campaign fairness', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  let admin: string;
  before(async () => {
    // Stock is taken away as well.
    venue = await openVenue(await openUrl(), { clock, environment: { MARKET: 'none' } });
    admin = (await venue.login('13800000001')).token;
  });
  after(() => venue?.close());

  const fairnessOf = async (campaignId: number) =>
    (await venue.api<FairnessView>('GET', `/lottery/campaigns/${campaignId}/fairness`)).data;
  const logOf = async (campaignId: number) => {
    const path = `/lottery/campaigns/${campaignId}/fairness-log?limit=1000`;
    return (await venue.api<{ items: LogEntry[] }>('GET', path)).data.items;
  };

  /** Every roll of a revealed seed comes out of it, and each seed is the one committed to. Returns how many were checked. */
  const checkRevealed = async (campaignId: number): Promise<number> => {
    const { epochs } = await fairnessOf(campaignId);
    const draws = (await logOf(campaignId)).filter((item) => item.kind === 'draw');
    let checked = 0;
    for (const { epoch, server_seed: seed, server_seed_hash: hash, from_draw_no, to_draw_no } of epochs) {
      if (seed === null) continue;
      assert.equal(createHash('sha256').update(Buffer.from(seed, 'hex')).digest('hex'), hash);
      for (const draw of draws) {
        assert.equal(draw.epoch === epoch, draw.draw_no >= from_draw_no && draw.draw_no <= to_draw_no!);
        if (draw.epoch !== epoch) continue;
        const message = `${campaignId}:${draw.draw_no}:${draw.user_id}:${draw.client_seed}`;
        assert.equal(draw.roll, rollOf(seed, message));
        checked++;
      }
    }
    return checked;
  };

  it('L-6 where nothing can be won the guarantee gives exactly each third draw', async () => {
    const { campaignId, prizeIds } = await venue.addCampaign({
      campaign: { guarantee_threshold: 3 },
      prizes: [
        { prize_type: 'coupon', win_probability: 0, total_quantity: null },
        { win_probability: 0, total_quantity: null },
      ],
    });
    const seat = await venue.sit('13900000001', campaignId);
    for (let drawNo = 1; drawNo <= 4; drawNo++) {
      const reply = await seat.draw({ request_id: `one-${drawNo}` });
      assert.equal(reply.draws[0]?.is_guarantee, drawNo % 3 === 0);
      assert.deepEqual([reply.streak, reply.guarantee_in], [drawNo % 3, 3 - (drawNo % 3)]);
    }
    const { draws } = await seat.draw({ request_id: 'ten', draw_count: 10 });
    for (const { draw_no: drawNo, is_winner, is_guarantee, prize } of draws) {
      assert.deepEqual([is_winner, is_guarantee], [drawNo % 3 === 0, drawNo % 3 === 0]);
      assert.equal(prize?.prize_id, drawNo % 3 === 0 ? prizeIds[0] : undefined);
    }
    const other = await venue.sit('13900000002', campaignId);
    assert.equal((await other.draw({ request_id: 'a', draw_count: 2 })).streak, 2);
  });

  it('L-5 a seed serves seed_rotation_draws draws, is revealed, and gives every roll of them', async () => {
    const { campaignId } = await venue.addCampaign({ campaign: { seed_rotation_draws: 4 } });
    const seat = await venue.sit('13900000003', campaignId);
    const asked = Array.from({ length: 10 }, (_, at) =>
      seat.draw({ request_id: `r${at}`, client_seed: `seed_${at}` }),
    );
    await Promise.all(asked);
    const { epochs } = await fairnessOf(campaignId);
    assert.deepEqual(
      epochs.map((epoch) => [epoch.from_draw_no, epoch.to_draw_no]),
      [
        [1, 4],
        [5, 8],
        [9, null],
      ],
    );
    assert.equal(epochs[2]!.server_seed, null);
    assert.equal(await checkRevealed(campaignId), 8);
    await eventually(() => {
      assert.equal(seat.state().fairness.epoch, 3);
      assert.equal(seat.state().fairness.server_seed_hash, epochs[2]!.server_seed_hash);
    });
    const kinds = (await logOf(campaignId)).map(({ kind }) => kind[0]).join('');
    assert.equal(kinds, 'scddddsddddsdd');
  });

  it('L-5 a seed is rotated by time once it has been used, and not before', async () => {
    const { campaignId } = await venue.addCampaign({ campaign: { seed_rotation_seconds: 60 } });
    const seat = await venue.sit('13900000004', campaignId);
    clock.advance(60_000);
    const { draws } = await seat.draw({ request_id: 'a', draw_count: 3 });
    await eventually(async () => assert.equal((await fairnessOf(campaignId)).epochs.length, 2));
    const { epochs, chain_head: head } = await fairnessOf(campaignId);
    assert.equal(epochs[0]!.server_seed_hash, draws[0]?.server_seed_hash);
    assert.equal(epochs[0]!.revealed_at, new Date(clock.nowMs()).toISOString());
    assert.equal(await checkRevealed(campaignId), 3);
    await eventually(() => assert.equal(seat.state().fairness.chain_head, head));
    clock.advance(600_000);
    await seat.draw({ request_id: 'b' });
    await eventually(async () => assert.equal(await checkRevealed(campaignId), 4));
  });

  it('L-5 A-9 an admin rotates the seed at once', async () => {
    const seat = await venue.sit('13900000005');
    await seat.draw({ request_id: 'a', draw_count: 10 });
    const path = '/admin/campaigns/1/fairness/rotate';
    assert.equal((await venue.api('POST', path, { token: seat.token })).status, 403);
    assert.equal((await venue.api('POST', path)).status, 401);
    const rotated = await venue.api('POST', path, { token: admin });
    assert.deepEqual([rotated.status, rotated.data], [200, { campaign_id: 1 }]);
    assert.equal(await checkRevealed(1), 10);
    const { epochs } = await fairnessOf(1);
    assert.deepEqual([epochs.length, epochs[1]!.from_draw_no, epochs[1]!.server_seed], [2, 11, null]);
    const { draws } = await seat.draw({ request_id: 'b' });
    assert.equal(draws[0]?.server_seed_hash, epochs[1]!.server_seed_hash);
  });

  it('L-2 DRAW-3 stock is changed once per key, shows in state and log, and never goes below zero', async () => {
    const seat = await venue.sit('13900000006');
    const stock = (prizeId: number, delta: unknown, key?: string) =>
      venue.api<{ prize_id: number; remaining: number }>('POST', `/admin/prizes/${prizeId}/stock`, {
        token: admin,
        body: { delta },
        ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
      });
    // The state follows the last draws at the patch rate only.
    const { reader } = venue.context.database;
    const before = (await reader.findOneByOrFail(LotteryPrize, { prize_id: 1 })).remaining_quantity!;
    const added = await stock(1, 5, 'stock-1');
    assert.deepEqual([added.status, added.data], [200, { prize_id: 1, remaining: before + 5 }]);
    assert.equal(added.headers.get('Idempotency-Replayed'), null);
    const again = await stock(1, 5, 'stock-1');
    assert.deepEqual([again.data, again.headers.get('Idempotency-Replayed')], [added.data, 'true']);
    assert.equal((await stock(1, 6, 'stock-1')).code, 'IDEMPOTENCY_KEY_REUSED');
    assert.equal((await stock(2, 5, 'stock-1')).code, 'IDEMPOTENCY_KEY_REUSED');
    const taken = await stock(1, -3);
    assert.equal(taken.data.remaining, before + 2);
    const below = await stock(1, -(before + 3));
    assert.deepEqual([below.status, below.code, below.details], [409, 'CONFLICT', { remaining: before + 2 }]);
    assert.equal((await stock(6, 1)).code, 'CONFLICT');
    assert.equal((await stock(99, 1)).code, 'NOT_FOUND');
    assert.equal((await stock(1, 0.5)).code, 'VALIDATION_FAILED');
    assert.equal(
      (await venue.api('POST', '/admin/prizes/1/stock', { token: seat.token, body: { delta: 1 } })).status,
      403,
    );
    await eventually(() => {
      const { remaining, total } = seat.state().prizes[0]!;
      assert.deepEqual([remaining, total! - before], [before + 2, 2]);
    });
    const entries = (await logOf(1)).filter((item) => item.kind === 'stock');
    assert.deepEqual(
      entries.map(({ prize_id, delta, remaining }) => [prize_id, delta, remaining]),
      [
        [1, 5, before + 5],
        [1, -3, before + 2],
      ],
    );
  });
});
