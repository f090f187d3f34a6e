import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { eventually, type Seat } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const EVERYBODY_WINS = { prizes: [{ win_probability: 1, prize_type: 'virtual' as const }] };

forEachDatabase('names on the board', (_open, openUrl) => {
  let venue: Venue;
  /** The first in the campaign's room, the second in an audience room. */
  let watchers: Seat[];
  let campaignId: number;
  let diner: { token: string; userId: number };
  let numbers = 0;
  before(async () => {
    venue = await openVenue(await openUrl(), { environment: { CAMPAIGN_CLIENT_LIMIT: '1' } });
    ({ campaignId } = await venue.addCampaign(EVERYBODY_WINS));
    watchers = [await venue.sit('13900000001', campaignId), await venue.sit('13900000002', campaignId)];
  });
  after(() => venue?.close());
  beforeEach(async () => {
    diner = await venue.login(`139000001${String(numbers++).padStart(2, '0')}`);
    const { token } = await venue.login('13800000001');
    const body = { user_id: diner.userId, amount: 10_000, reason: 'test', source: 'test' };
    const headers = { 'Idempotency-Key': `names-${diner.userId}` };
    assert.equal((await venue.api('POST', '/points/earn', { token, body, headers })).code, 'OK');
  });

  const draw = async () => {
    const body = { campaign_id: campaignId, draw_count: 1, request_id: `names-${numbers++}` };
    assert.equal((await venue.api('POST', '/lottery/draw', { token: diner.token, body })).code, 'OK');
  };
  const rename = async (nickname: string) => {
    const answer = await venue.api('PATCH', '/auth/me', { token: diner.token, body: { nickname } });
    assert.equal(answer.code, 'OK');
  };
  const namesIn = (seat: Seat) => {
    const { leaderboard, recent_winners: winners } = seat.shown();
    const own = [...leaderboard, ...winners].filter(({ user_id: id }) => id === diner.userId);
    return [...new Set(own.map(({ nickname }) => nickname))];
  };
  const allShow = (nickname: string) =>
    eventually(() => {
      for (const seat of watchers) assert.deepEqual(namesIn(seat), [nickname]);
    });

  it('A-11 are those of the database, whatever a token of before says', async () => {
    await rename('甲乙丙');
    await draw();
    await allShow('甲**丙');
  });

  it('A-11 change at once when a diner is renamed, without a draw', async () => {
    await draw();
    await rename('丁戊己');
    await allShow('丁**己');
    await rename('庚辛壬');
    await allShow('庚**壬');
  });

  it('A-11 go at once when an account is closed', async () => {
    await rename('甲乙丙');
    await draw();
    await allShow('甲**丙');
    const { token } = diner;
    const closed = await venue.api('DELETE', '/auth/me', { token, body: { code: '123456' } });
    assert.equal(closed.code, 'OK');
    await allShow('已**销');
  });

  it('A-11 are the last ones also while the diner goes on drawing', async () => {
    let isOver = false;
    const drawing = (async () => {
      while (!isOver) await draw();
    })();
    for (let round = 0; round < 10; round++) await rename(`甲${round}乙${round}丙`);
    await rename('末尾名');
    isOver = true;
    await drawing;
    await allShow('末**名');
  });
});
