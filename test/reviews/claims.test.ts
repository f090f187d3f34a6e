import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { Review } from '../../entities/reviews/Review.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { formOf, SMALL_GIF } from '../support/forms.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

let bills = 0;

forEachDatabase('bills that diners claim', (_open, openUrl) => {
  let here: Administration;
  let other: Login;
  const clock = new TestClock();
  before(async () => {
    here = await openAdministration(await openUrl(), { clock });
    other = await here.venue.login('13900000002');
    const works = { restaurant_ids: [1] };
    assert.equal((await here.call('PUT', `/admin/users/${here.staff.userId}/restaurants`, works)).code, 'OK');
  });
  after(() => here?.venue.close());

  const newBill = () => `C01-${++bills}`;
  const paidAt = (agoMs = 3_600_000) => new Date(clock.nowMs() - agoMs).toISOString();
  const claim = async (by: Login, more: object = {}, key?: string) => {
    const body = { restaurant_id: 1, bill_no: newBill(), amount: 128.5, paid_at: paidAt(), ...more };
    const extra = key === undefined ? {} : { headers: { 'Idempotency-Key': key } };
    return here.call('POST', '/spend-claims', body, by, extra);
  };
  const claimed = async (by: Login, more: object = {}) => {
    const { data, status } = await claim(by, more);
    assert.equal(status, 201);
    return data;
  };
  const decide = (id: number, decision: string, by: Login, reason = '核对') =>
    here.call('POST', `/admin/reviews/${id}`, { decision, reason }, by);
  const send = async (by: Login, gif: string) => {
    const { headers, body: rawBody } = formOf('file', gif);
    return (await here.call('POST', '/images', undefined, by, { headers, rawBody })).data;
  };
  const own = async (by: Login) => (await here.call('GET', '/spend-claims', undefined, by)).data.items;
  const balance = async (by: Login) =>
    (await here.call('GET', '/points/account', undefined, by)).data.available_points as number;
  const review = async (id: number) =>
    (await here.call('GET', `/admin/reviews/${id}`, undefined, here.admin)).data;
  const claimRows = async () => {
    const [row] = await here.venue.context.database.readCurrent<{ n: number | string }>(
      'SELECT COUNT(*) AS n FROM spend_claims',
    );
    return Number(row!.n);
  };

  it('R-1 a claim waits, is approved by somebody else with the points of the rules, and its diner is told', async () => {
    const before = await balance(here.diner);
    const made = await claimed(here.diner, { bill_no: 'C01-first' });
    assert.deepEqual(
      [made.status, made.points, made.user_id, made.bill_no, made.amount, made.image_id],
      ['pending', null, here.diner.userId, 'C01-first', 128.5, null],
    );
    assert.equal(await balance(here.diner), before);
    const { items } = (
      await here.call('GET', '/admin/reviews?kind=spend_claim&status=pending', undefined, here.staff)
    ).data;
    const [listed] = items;
    assert.deepEqual(
      [listed.review_id, listed.applicant.user_id, listed.restaurant_id, listed.flags],
      [made.review_id, here.diner.userId, 1, []],
    );
    assert.deepEqual(listed.subject, { ...made, earlier: [] });
    const approved = await decide(made.review_id, 'approve', here.staff);
    assert.deepEqual(
      [approved.code, approved.data.status, approved.data.decided_by],
      ['OK', 'approved', here.staff.userId],
    );
    const [mine] = await own(here.diner);
    assert.deepEqual([mine.claim_id, mine.status, mine.reason], [made.claim_id, 'approved', '核对']);
    assert.ok(mine.points > 0);
    assert.equal(await balance(here.diner), before + mine.points);
    const paid = (await here.call('GET', '/points/bills', undefined, here.diner)).data.items[0];
    assert.deepEqual([paid.bill_no, paid.bill_amount, paid.points], ['C01-first', 128.5, mine.points]);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_id, row!.after.points],
      ['review.approve', String(made.review_id), mine.points],
    );
    const rejected = await claimed(here.diner);
    assert.equal((await decide(rejected.review_id, 'reject', here.admin, '照片不清')).code, 'OK');
    assert.deepEqual(
      (await own(here.diner)).slice(0, 1).map(({ status, reason, points }: any) => [status, reason, points]),
      [['rejected', '照片不清', null]],
    );
    await eventually(async () => {
      const told = (await here.call('GET', '/notifications?limit=20', undefined, here.diner)).data.items;
      const types = told.map(({ type }: any) => type);
      assert.ok(types.includes('claim_approved') && types.includes('claim_rejected'), types.join());
    });
    assert.deepEqual(await own(other), [], 'nobody sees what others have claimed');
  });

  it('R-1 a claim is refused for a bill of no restaurant, of another time, or without an amount', async () => {
    const day = 86_400_000;
    for (const [more, code] of [
      [{ restaurant_id: 2_000_000_000 }, 'NOT_FOUND'],
      [{ paid_at: paidAt(-3_600_000) }, 'VALIDATION_FAILED'],
      [{ paid_at: paidAt(91 * day) }, 'VALIDATION_FAILED'],
      [{ amount: 0 }, 'VALIDATION_FAILED'],
      [{ amount: 1.001 }, 'VALIDATION_FAILED'],
      [{ bill_no: '' }, 'VALIDATION_FAILED'],
      [{ bill_no: 'a b' }, 'VALIDATION_FAILED'],
      [{ user_id: 1 }, 'VALIDATION_FAILED'],
    ] as const)
      assert.equal((await claim(here.diner, more)).code, code, JSON.stringify(more));
  });

  it('RA-14 a claim that is sent twice with its key is one, and twenty wait at most', async () => {
    const flood = await here.venue.login('13900000011');
    const before = await claimRows();
    const body = { bill_no: newBill(), paid_at: paidAt() };
    const twice = await Promise.all([claim(flood, body, 'twice'), claim(flood, body, 'twice')]);
    assert.equal(twice[0].data.claim_id, twice[1].data.claim_id);
    assert.equal(await claimRows(), before + 1);
    for (let count = 1; count < 20; count++) await claimed(flood);
    const beyond = await claim(flood);
    assert.deepEqual([beyond.code, (beyond.details as any).reason], ['CONFLICT', 'too many wait']);
    const ids = (await own(flood)).map(({ review_id: id }: any) => id);
    assert.equal(ids.length, 20);
    const rest = { ids, decision: 'reject', reason: '核对' };
    const { data } = await here.call('POST', '/admin/reviews/decide', rest, here.admin);
    assert.ok(data.items.every(({ code, status }: any) => code === 'OK' && status === 'rejected'));
    const { next, items } = (await here.call('GET', '/spend-claims?limit=15', undefined, flood)).data;
    const tail = (await here.call('GET', `/spend-claims?limit=15&before=${next}`, undefined, flood)).data;
    assert.deepEqual([items.length, tail.items.length, tail.next], [15, 5, null]);
  });

  it('RA-3 neither the applicant, nor a machine, nor the staff of another restaurant decides, nor anybody where a party is unknown', async () => {
    const mine = await claimed(here.admin);
    const refused = await decide(mine.review_id, 'approve', here.admin);
    assert.equal(refused.code, 'FORBIDDEN');
    assert.equal((await decide(mine.review_id, 'reject', here.admin)).code, 'FORBIDDEN');
    const elsewhere = await claimed(here.diner, { restaurant_id: 2 });
    assert.equal((await decide(elsewhere.review_id, 'approve', here.staff)).code, 'FORBIDDEN');
    const seen = (await here.call('GET', '/admin/reviews?limit=100', undefined, here.staff)).data.items;
    assert.ok(seen.every(({ restaurant_id: id }: any) => id === 1));
    const path = `/admin/reviews/${elsewhere.review_id}`;
    assert.equal((await here.call('GET', path, undefined, here.staff)).code, 'FORBIDDEN');
    assert.equal((await here.call('GET', path, undefined, here.diner)).code, 'FORBIDDEN');
    assert.equal((await decide(elsewhere.review_id, 'approve', here.diner)).code, 'FORBIDDEN');
    const key = (
      await here.call('POST', '/admin/api-keys', {
        name: 'till',
        permissions: ['reviews:decide', 'reviews:supervise'],
      })
    ).data;
    const machine = { token: key.key as string, userId: -1 };
    assert.equal((await decide(elsewhere.review_id, 'approve', machine)).code, 'FORBIDDEN');
    const { database } = here.venue.context;
    for (const party of ['applicant_id', 'beneficiary_id', 'editor_id'] as const) {
      const which = { review_id: elsewhere.review_id };
      const change = (value: number | null) =>
        database.transaction((tx) => tx.manager.update(Review, which, { [party]: value }));
      await change(null);
      assert.equal((await decide(elsewhere.review_id, 'approve', here.superAdmin)).code, 'FORBIDDEN', party);
      await change(here.superAdmin.userId);
      assert.equal((await decide(elsewhere.review_id, 'approve', here.superAdmin)).code, 'FORBIDDEN', party);
      await change(here.diner.userId);
    }
    assert.equal((await review(elsewhere.review_id)).status, 'pending');
    assert.equal((await decide(elsewhere.review_id, 'approve', here.superAdmin)).code, 'OK');
    assert.equal((await decide(2_000_000_000, 'approve', here.admin)).code, 'NOT_FOUND');
  });

  it('RA-3 of clicks at once one decides, and the points come once', async () => {
    const made = await claimed(other);
    const before = await balance(other);
    const clicks = await Promise.all(
      [here.admin, here.superAdmin, here.staff, here.admin, here.superAdmin, here.staff].map((by, at) =>
        decide(made.review_id, at % 3 === 2 ? 'reject' : 'approve', by),
      ),
    );
    const codes = clicks.map(({ code }) => code);
    assert.deepEqual(codes.sort(), [...Array<string>(5).fill('CONFLICT'), 'OK']);
    const { status } = await review(made.review_id);
    const [mine] = await own(other);
    assert.equal(await balance(other), before + (status === 'approved' ? mine.points : 0));
    const again = await decide(made.review_id, 'approve', here.admin);
    assert.deepEqual([again.code, (again.details as any).status], ['CONFLICT', status]);
  });

  it('RA-4 a photo is one that I have sent: of another’s nobody learns that it is there', async () => {
    const theirs = await send(other, SMALL_GIF);
    const before = await claimRows();
    for (const image_id of [theirs.image_id, 99_999_999]) {
      const { status, details } = await claim(here.diner, { image_id });
      assert.deepEqual([status, details], [400, [{ path: 'image_id', message: 'is no picture of yours' }]]);
    }
    assert.equal(await claimRows(), before);
  });

  it('RA-4 a bill number or a photo that was used before is flagged, and the second claim of one bill cannot be approved', async () => {
    const bill_no = newBill();
    // The same picture, but not the same file, of somebody else.
    const [photo, copy] = [await send(here.diner, SMALL_GIF), await send(other, `${SMALL_GIF}of my own`)];
    const first = await claimed(here.diner, { bill_no, image_id: photo.image_id });
    const second = await claimed(other, { bill_no, amount: 9 });
    const third = await claimed(other, { image_id: copy.image_id });
    const { url, thumbnail_url } = photo;
    assert.deepEqual([first.photo, second.photo], [{ url, thumbnail_url }, null]);
    assert.notEqual(third.photo.url, url);
    const flags = await Promise.all(
      [first, second, third].map(async ({ review_id: id }) => (await review(id)).flags),
    );
    assert.deepEqual(flags, [[], ['bill_number_used'], ['photo_used']]);
    const { earlier } = (await review(second.review_id)).subject;
    assert.deepEqual(
      earlier.map(({ claim_id: id, user_id: by }: any) => [id, by]),
      [[first.claim_id, here.diner.userId]],
    );
    const early = await decide(second.review_id, 'approve', here.admin);
    assert.deepEqual([early.code, (early.details as any).claim_id], ['CONFLICT', first.claim_id]);
    const before = await balance(other);
    const both = await Promise.all([
      decide(first.review_id, 'approve', here.admin),
      decide(second.review_id, 'approve', here.superAdmin),
    ]);
    assert.deepEqual(
      both.map(({ code }) => code),
      ['OK', 'CONFLICT'],
    );
    assert.equal((await decide(second.review_id, 'approve', here.admin)).code, 'CONFLICT');
    assert.deepEqual([await balance(other), (await review(second.review_id)).status], [before, 'pending']);
    assert.deepEqual((await review(first.review_id)).flags, []);
    // The first was refused: the second may be true.
    const shared = newBill();
    const [wrong, right] = [
      await claimed(here.diner, { bill_no: shared }),
      await claimed(other, { bill_no: shared }),
    ];
    assert.equal((await decide(wrong.review_id, 'reject', here.admin)).code, 'OK');
    assert.equal((await decide(right.review_id, 'approve', here.admin)).code, 'OK');
    // What the till has sent already.
    const paid = newBill();
    const body = { user_id: here.diner.userId, bill_no: paid, bill_amount: 128.5 };
    const headers = { 'Idempotency-Key': 'till' };
    assert.equal((await here.call('POST', '/points/pay', body, here.staff, { headers })).code, 'OK');
    const late = await claimed(here.diner, { bill_no: paid });
    assert.deepEqual((await review(late.review_id)).flags, ['bill_number_used']);
    assert.equal((await decide(late.review_id, 'approve', here.admin)).code, 'CONFLICT');
  });

  it('RA-3 a batch looks at each anew and says what has become of it', async () => {
    const ids = [
      (await claimed(here.diner)).review_id,
      (await claimed(here.admin)).review_id,
      (await claimed(other)).review_id,
    ] as number[];
    await decide(ids[2]!, 'reject', here.superAdmin);
    const asked = { ids: [...ids, 2_000_000_000], decision: 'approve', reason: '核对' };
    const audits = (await here.audits()).length;
    const { data } = await here.call('POST', '/admin/reviews/decide', asked, here.admin);
    assert.deepEqual(
      data.items.map(({ review_id, code, status }: any) => [review_id, code, status]),
      [
        [ids[0], 'OK', 'approved'],
        [ids[1], 'FORBIDDEN', null],
        [ids[2], 'CONFLICT', null],
        [2_000_000_000, 'NOT_FOUND', null],
      ],
    );
    assert.ok((await here.audits()).length >= audits);
    const again = await here.call('POST', '/admin/reviews/decide', { ...asked, ids: [ids[0]] }, here.admin);
    assert.deepEqual(
      again.data.items.map(({ code }: any) => code),
      ['CONFLICT'],
    );
    for (const bad of [{ ids: [] }, { ids: [1, 1] }, { ids: Array.from({ length: 51 }, (_, at) => at + 1) }])
      assert.equal(
        (await here.call('POST', '/admin/reviews/decide', { ...asked, ...bad }, here.admin)).code,
        'VALIDATION_FAILED',
      );
  });

  it('R-1 nobody who has left is given points, and the claim may still be refused', async () => {
    const leaver = await here.venue.login('13900000012');
    const made = await claimed(leaver);
    const left = await here.call('DELETE', '/auth/me', { code: '123456' }, leaver);
    assert.equal(left.code, 'OK');
    const { code } = await decide(made.review_id, 'approve', here.admin);
    assert.equal(code, 'CONFLICT');
    assert.equal((await decide(made.review_id, 'reject', here.admin)).code, 'OK');
  });
});
