/** Prizes that are won for sure, and what their owners and the staff ask for. */
import assert from 'node:assert/strict';
import type { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { PrizeType } from '../../entities/lottery/LotteryPrize.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { settled } from '../platform/events/relays.ts';
import { TestClock } from '../support/clock.ts';
import type { Call, Login } from '../support/server.ts';

export const ADDRESS = { name: '王小明', phone: '021-5555 0100', address: '上海市南京路 1 号' };

export interface Winning extends Administration {
  clock: TestClock;
  /** Time passes, and everybody logs in anew. */
  pass(durationMs: number): Promise<void>;
  /** A campaign in which every draw of a diner wins a prize of that type. */
  campaignOf(type: PrizeType, campaign?: Partial<LotteryCampaign>): Promise<number>;
  /** @returns the ids of the draws */
  win(campaignId: number, count?: number, by?: Login): Promise<number[]>;
  itemOf(drawId: number, by?: Login): Promise<any>;
  claim(drawId: number, more?: object, by?: Login, extra?: Call): ReturnType<Administration['call']>;
  codeOf(itemId: number, by?: Login): ReturnType<Administration['call']>;
  redeem(code: string, by?: Login, more?: object, extra?: Call): ReturnType<Administration['call']>;
}

export async function openWinning(url: string, environment: NodeJS.ProcessEnv = {}): Promise<Winning> {
  const clock = new TestClock();
  const given = { AUTH_ACCESS_TOKEN_SECONDS: '86400', ...environment };
  const here = await openAdministration(url, { clock, environment: given });
  const people = new Map<string, Login>([
    ['13800000000', here.superAdmin],
    ['13800000001', here.admin],
    ['13800000002', here.staff],
    ['13900000001', here.diner],
  ]);
  const { call, diner, staff, venue } = here;
  let requests = 0;
  return {
    ...here,
    clock,
    recruit: async (role) => {
      const recruited = await here.recruit(role);
      people.set(recruited.mobile, recruited);
      return recruited;
    },
    pass: async (durationMs) => {
      clock.advance(durationMs);
      for (const [mobile, login] of people) Object.assign(login, await venue.login(mobile));
      await settled(venue.context.database);
    },
    campaignOf: async (type, campaign = {}) => {
      const prizes = [
        {
          prize_type: type,
          prize_name: `A ${type}`,
          prize_value: 88_00,
          win_probability: 100_000_000,
          total_quantity: 5000,
        },
      ];
      const all = { cost_per_draw: 100, guarantee_threshold: null, ...campaign };
      return (await venue.addCampaign({ campaign: all, prizes })).campaignId;
    },
    win: async (campaign_id, draw_count = 1, by = diner) => {
      const body = { campaign_id, draw_count, request_id: `won-${++requests}` };
      const { code, data } = await call('POST', '/lottery/draw', body, by);
      assert.equal(code, 'OK');
      return data.draws.map(({ draw_id }: { draw_id: number }) => draw_id);
    },
    itemOf: async (drawId, by = diner) => {
      const { data } = await call('GET', '/lottery/my-prizes?limit=100', undefined, by);
      return data.items.find((item: { draw_id: number }) => item.draw_id === drawId);
    },
    claim: (draw_id, more = {}, by = diner, extra = {}) =>
      call('POST', '/lottery/claim', { draw_id, ...more }, by, extra),
    codeOf: (itemId, by = diner) => call('GET', `/lottery/my-prizes/${itemId}/code`, undefined, by),
    redeem: (code, by = staff, more = {}, extra = {}) =>
      call('POST', '/admin/redemptions', { code, ...more }, by, extra),
  };
}
