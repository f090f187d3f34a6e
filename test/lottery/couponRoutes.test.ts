import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { COUPONS } from '../support/factories.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

interface Uploaded {
  added: number;
  known: number;
  codes: number;
}

forEachDatabase('uploads of coupons', (_open, openUrl) => {
  let venue: Venue;
  let admin: string;
  let draft: number;
  before(async () => {
    venue = await openVenue(await openUrl());
    admin = (await venue.login('13800000001')).token;
    draft = (await venue.addCampaign(COUPONS)).prizeIds[0]!;
  });
  after(() => venue?.close());

  const upload = (body: object, prizeId = draft, token = admin) =>
    venue.api<Uploaded>('POST', `/admin/prizes/${prizeId}/coupons`, { token, body });
  const counts = async (prizeId = draft) =>
    (await venue.api<{ codes: number }>('GET', `/admin/prizes/${prizeId}/coupons`, { token: admin })).data;
  const uploadText = async (body: string, type = 'text/csv; charset=utf-8') => {
    const response = await fetch(`${venue.origin}/api/v3/admin/prizes/${draft}/coupons`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': type },
      body,
    });
    return { status: response.status, ...((await response.json()) as { code: string; data: Uploaded }) };
  };

  it('RL-10 codes are added once, those that are known are passed over, and one that is there twice adds nothing', async () => {
    const first = await upload({ codes: ['A-1', ' A-2 ', 'A-3'] });
    assert.deepEqual([first.status, first.data], [200, { prize_id: draft, added: 3, known: 0, codes: 3 }]);
    assert.deepEqual((await upload({ codes: ['A-2', 'A-4'] })).data, {
      prize_id: draft,
      added: 1,
      known: 1,
      codes: 4,
    });
    assert.deepEqual((await upload({ codes: ['A-1'] })).data, {
      prize_id: draft,
      added: 0,
      known: 1,
      codes: 4,
    });
    const twice = await upload({ codes: ['A-5', 'A-6', 'A-5 '] });
    assert.deepEqual(
      [twice.status, twice.code, twice.details],
      [400, 'VALIDATION_FAILED', [{ path: 'codes.2', message: 'is there twice' }]],
    );
    assert.deepEqual(await counts(), { prize_id: draft, codes: 4, given: 0, left: 4 });
    const rows = await venue.context.database.reader.findBy(AdminAuditLog, { action: 'prize.coupons' });
    assert.equal(rows.length, 2);
    assert.ok(!JSON.stringify(rows).includes('A-1'));
  });

  it('RL-10 a CSV is taken as well: its first column, or the one that is called code', async () => {
    const before = await counts();
    const plain = await uploadText('\uFEFFB-1\r\nB-2\r\n\r\n');
    assert.deepEqual([plain.status, plain.data.added], [200, 2]);
    const headed = await uploadText('name,Code\n"20 off, once",B-3\n20 off,"B-4"\n');
    assert.equal(headed.data.added, 2);
    assert.equal((await counts()).codes, before.codes + 4);
    for (const text of ['B-5\nB-5\n', '"B-6', 'code\n', '', 'B-7\nB\u0000-8'])
      assert.deepEqual([(await uploadText(text)).status, text], [400, text]);
    assert.equal((await uploadText('B-9', 'text/plain')).status, 400);
    assert.equal((await counts()).codes, before.codes + 4);
  });

  it('RL-10 an upload may be larger than other bodies, and is bounded', async () => {
    const codes = Array.from({ length: LIMITS.couponsPerUpload }, (_, at) => `${at}`.padStart(60, 'X'));
    const before = await counts();
    assert.equal((await upload({ codes })).data.added, LIMITS.couponsPerUpload);
    assert.equal((await upload({ codes: [...codes, 'Y'] })).status, 400);
    assert.equal((await uploadText('Z'.repeat(LIMITS.couponUploadBytes + 1))).status, 413);
    assert.equal((await upload({ codes: ['Z'.repeat(LIMITS.couponCodeCharacters + 1)] })).status, 400);
    assert.equal((await counts()).codes, before.codes + LIMITS.couponsPerUpload);
  }).timeout(30_000);

  it('A-9 RL-10 only operators upload, to a coupon of a pool that is there', async () => {
    const { token } = await venue.login('13900000001');
    assert.equal((await upload({ codes: ['C'] }, draft, token)).status, 403);
    assert.equal((await upload({ codes: ['C'] }, 99_999)).code, 'NOT_FOUND');
    // Of the demo, whose coupons are made here.
    const running = (await venue.addCampaign({ prizes: [{ prize_type: 'coupon' }] })).prizeIds[0]!;
    assert.equal((await upload({ codes: ['C'] }, running)).code, 'CONFLICT');
    assert.equal((await venue.api('GET', '/admin/prizes/99999/coupons', { token: admin })).code, 'NOT_FOUND');
  });

  it('L-2 RL-6 RL-10 codes of a running campaign can be won at once, and its rooms show how many', async () => {
    const { campaignId, prizeIds } = await venue.addCampaign({
      campaign: { guarantee_threshold: null },
      prizes: [
        { prize_type: 'coupon', win_probability: 100_000_000, total_quantity: null, code_source: 'pool' },
      ],
    });
    const seat = await venue.sit('13900000004', campaignId);
    const shows = (remaining: number, total: number) =>
      eventually(() => {
        const [prize] = seat.state().prizes;
        assert.deepEqual([prize!.remaining, prize!.total], [remaining, total]);
      }, 1000);
    await shows(0, 0);
    assert.equal((await seat.draw({ request_id: 'none' })).draws[0]!.is_winner, false);
    await upload({ codes: ['D-1', 'D-2'] }, prizeIds[0]);
    await shows(2, 2);
    const { draws } = await seat.draw({ request_id: 'won', draw_count: 3 });
    assert.deepEqual(
      draws.map(({ is_winner }) => is_winner),
      [true, true, false],
    );
    await shows(0, 2);
    assert.deepEqual(await counts(prizeIds[0]), { prize_id: prizeIds[0], codes: 2, given: 2, left: 0 });
  });
});
