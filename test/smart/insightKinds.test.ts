import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { alarmsOf } from '../../src/smart/insights/alarms.ts';
import type { Finding } from '../../src/smart/insights/finding.ts';
import { prizeFindings, type RunningCampaign } from '../../src/smart/insights/prizes.ts';
import type { Watched, WatchedDay } from '../../src/smart/insights/series.ts';
import { textsOf } from '../../src/smart/insights/texts.ts';

const TODAY = '2026-09-01';
const zhOf = (finding: Finding) => textsOf(finding).zh;

describe('insights of prizes', () => {
  const prize = {
    ...{ prize_id: 7, name: '代金券', type: 'coupon', wins: 240, win_rate: 0.1, value_given: 0 },
    ...{ remaining: 60, total: 300, per_hour: 2.5, hours_left: 24, exhausted_at: null, restock: 240 },
  };
  const period = { is_complete: true, draws: 100 } as RunningCampaign['report']['periods'][number];
  const consumption = { from: '', to: '', hours: 24 };
  const campaignWith = (
    changes: Partial<RunningCampaign['report']['prizes'][number]>,
    { draws = 2400, daysToEnd = 5 }: { draws?: number; daysToEnd?: number } = {},
  ): RunningCampaign => {
    const report = { draws, periods: [period, period], prizes: [{ ...prize, ...changes }], consumption };
    return { campaignId: 3, name: '夏夜', daysToEnd, report };
  };

  it('B-6 a prize that will be gone before its campaign ends is told of, the sooner the louder', () => {
    const [found, ...others] = prizeFindings(campaignWith({}), TODAY);
    assert.deepEqual([found?.kind, found?.severity, others.length], ['stock_running_out', 'critical', 0]);
    assert.equal(zhOf(found!), '“夏夜”的代金券还有60份，照现在的速度1天发完，活动还有5天，缺240份');
    const [later] = prizeFindings(campaignWith({ remaining: 125 }), TODAY);
    assert.deepEqual([later?.kind, later?.severity], ['stock_running_out', 'warning']);
  });

  for (const [why, changes] of Object.entries({
    'it lasts until the end': { remaining: 320 },
    'it may be chance that so many were won': { remaining: 1, per_hour: 4 / 24, wins: 4 },
    'nothing of it is left any more': { remaining: 0 },
    'it has no end': { remaining: null },
    'nobody wins it now': { per_hour: 0 },
  }))
    it(`B-6 nothing is told of stock where ${why}`, () =>
      assert.deepEqual(prizeFindings(campaignWith(changes), TODAY), []));

  it('B-6 a prize that nobody has won in thousands of draws, and nobody may, is told of', () => {
    const never = { wins: 0, per_hour: 0 };
    const [found] = prizeFindings(campaignWith(never), TODAY);
    assert.deepEqual([found?.kind, found?.severity], ['prize_unwon', 'info']);
    assert.match(zhOf(found!), /^“夏夜”的代金券在2,400次抽奖中没人抽到，到结束前大约还有500次/);
    assert.deepEqual(
      prizeFindings(campaignWith(never, { draws: 900, daysToEnd: 1 }), TODAY),
      [],
      'too few draws',
    );
    assert.deepEqual(prizeFindings(campaignWith(never, { daysToEnd: 30 }), TODAY), [], 'it may come yet');
    assert.deepEqual(prizeFindings(campaignWith({ ...never, wins: 1 }), TODAY), [], 'somebody has');
    assert.deepEqual(prizeFindings(campaignWith({ ...never, remaining: 0 }), TODAY), [], 'there is none');
  });
});

describe('insights of weeks', () => {
  const place = { id: 4, name: '西湖店' };
  /** Sixty days of which the last seven are off by so many standard deviations. */
  const daysOf = (watched: Watched, score: number, size: number): WatchedDay[] =>
    Array.from({ length: 60 }, (_, at) => {
      const isLate = at >= 53;
      const value = isLate ? 100 * (1 + size) : 100;
      const deviation = { at, value, expected: 100, score: isLate ? score : 0, measured: 59 };
      return { ...watched, day: dayAfter(TODAY, at - 60), deviation };
    });
  const findingsOf = (watched: readonly WatchedDay[]) =>
    alarmsOf({ watched, from: dayAfter(TODAY, -1), to: dayAfter(TODAY, -1), otherTests: 50 }).findings;
  const ofPlace: Watched = { measure: 'bills', part: null, restaurant: place };
  const ofAnswers: Watched = { measure: 'answer_seconds', part: null, restaurant: null };

  it('B-6 a restaurant that falls behind its own usual for a week is told of, by its name', () => {
    const [found, ...others] = findingsOf(daysOf(ofPlace, -2.2, -0.25));
    assert.deepEqual([found?.kind, found?.restaurantId, others.length], ['restaurant_behind', 4, 0]);
    assert.equal(zhOf(found!), '西湖店最近7天的账单比它自己的预期少25%（525 / 700）');
  });

  it('B-6 answers that have become slower for a week are told of', () => {
    const [found, ...others] = findingsOf(daysOf(ofAnswers, 2.2, 0.5));
    assert.deepEqual([found?.kind, others.length], ['answers_slower', 0]);
    assert.equal(zhOf(found!), '最近7天客服应答比预期慢50%（3 min，预期100 s）');
  });

  it('B-6 nothing is told of a week that is better, as usual, hardly worse, or not whole', () => {
    assert.deepEqual(findingsOf(daysOf(ofPlace, 2.2, 0.25)), []);
    assert.deepEqual(findingsOf(daysOf(ofAnswers, -2.2, -0.5)), []);
    assert.deepEqual(findingsOf(daysOf(ofPlace, -0.8, -0.25)), []);
    assert.deepEqual(findingsOf(daysOf(ofPlace, -2.2, -0.05)), []);
    assert.deepEqual(findingsOf(daysOf(ofPlace, -2.2, -0.25).slice(-6)), []);
  });
});
