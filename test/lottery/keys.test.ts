import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';

interface Drawn {
  request_id: string;
  draws: { draw_id: number }[];
  replayed: boolean;
}

forEachDatabase('keys of draws', (_open, openUrl) => {
  let venue: Venue;
  let token: string;
  let key: string;
  before(async () => {
    venue = await openVenue(await openUrl());
    ({ token } = await venue.login('13900000001'));
  });
  after(() => venue?.close());
  beforeEach(() => {
    key = randomUUID();
  });
  const attempt = (header: string | undefined, body: object) =>
    venue.api<Drawn>('POST', '/lottery/draw', {
      token,
      body: { campaign_id: 1, ...body },
      headers: header === undefined ? {} : { 'Idempotency-Key': header },
    });
  const draws = async () => {
    const rows = await venue.context.database.read<{ n: number | string }>(
      'SELECT COUNT(*) AS n FROM lottery_draws',
    );
    return Number(rows[0]!.n);
  };
  const refused = async (header: string | undefined, body: object) => {
    const before = await draws();
    const { status, code } = await attempt(header, body);
    assert.deepEqual([status, code], [409, 'IDEMPOTENCY_KEY_REUSED']);
    assert.equal(await draws(), before);
  };

  it('PTS-4 a key that came with one request id draws with no other, and not without one', async () => {
    const first = await attempt(key, { request_id: 'one-of-two' });
    assert.equal(first.code, 'OK');
    await refused(key, { request_id: 'two-of-two' });
    await refused(key, {});
    await refused(key, { request_id: key });
    await refused(key, { request_id: 'one-of-two', draw_count: 2 });
    const again = await attempt(key, { request_id: 'one-of-two' });
    assert.deepEqual([again.data.replayed, again.data.draws], [true, first.data.draws]);
  });

  it('PTS-4 a key that is the request id itself draws once, named once or twice', async () => {
    const first = await attempt(key, {});
    assert.deepEqual([first.code, first.data.request_id], ['OK', key]);
    for (const [header, body] of [
      [key, {}],
      [key, { request_id: key }],
      [undefined, { request_id: key }],
    ] as const) {
      const again = await attempt(header, body);
      assert.deepEqual([again.data.replayed, again.data.draws], [true, first.data.draws]);
    }
    await refused(key, { request_id: randomUUID() });
    await refused(key, { draw_count: 2 });
  });

  it('PTS-4 a key that has moved points draws nothing', async () => {
    const spent = await venue.api('POST', '/points/consume', {
      token,
      body: { amount: 1, reason: 'key' },
      headers: { 'Idempotency-Key': key },
    });
    assert.equal(spent.code, 'OK');
    await refused(key, {});
    await refused(key, { request_id: randomUUID() });
  });

  it('PTS-4 one key with many request ids at once draws once', async () => {
    const before = await draws();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => attempt(key, { request_id: randomUUID() })),
    );
    assert.equal(answers.filter(({ code }) => code === 'OK').length, 1);
    for (const { code } of answers) assert.ok(['OK', 'IDEMPOTENCY_KEY_REUSED'].includes(code), code);
    assert.equal(await draws(), before + 1);
  });
});
