/** Calls of campaigns and whom they are for. */
import { campaignBody } from '../../lottery/manage/operators.ts';
import { COUPONS, createCampaign } from '../../support/factories.ts';
import type { Administration } from '../administration.ts';
import type { GoodCalls } from './goodCall.ts';

export const LOTTERY: GoodCalls = {
  'POST /admin/campaigns': () => ({ path: '/admin/campaigns', body: campaignBody() }),
  'PUT /admin/campaigns/:id': async (here) => ({
    path: `/admin/campaigns/${await draft(here)}`,
    body: { version: 1, name: 'Another' },
  }),
  'POST /admin/campaigns/:id/clone': async (here) => ({
    path: `/admin/campaigns/${await draft(here)}/clone`,
  }),
  'DELETE /admin/campaigns/:id': async (here) => ({ path: `/admin/campaigns/${await draft(here)}` }),
  'POST /admin/approvals/:id': async (here) => {
    const id = await draft(here);
    const { data } = await here.call(
      'POST',
      `/admin/campaigns/${id}/status`,
      { status: 'active' },
      here.admin,
    );
    return { path: `/admin/approvals/${data.approval_id}`, body: { decision: 'approve' } };
  },
  'POST /admin/campaigns/:id/status': () => ({
    path: '/admin/campaigns/1/status',
    body: { status: 'paused' },
  }),
  'POST /admin/campaigns/:id/fairness/rotate': () => ({ path: '/admin/campaigns/1/fairness/rotate' }),
  'POST /admin/prizes/:id/stock': () => ({ path: '/admin/prizes/1/stock', body: { delta: 1 } }),
  'POST /admin/prizes/:id/coupons': async ({ venue }) => {
    const { prizeIds } = await createCampaign(venue.context.database, COUPONS);
    return { path: `/admin/prizes/${prizeIds[0]}/coupons`, body: { codes: ['A-1', 'A-2'] } };
  },
  'PUT /admin/blacklist/:user_id': ({ diner }) => ({
    path: `/admin/blacklist/${diner.userId}`,
    body: { reason: 'a test' },
  }),
  'DELETE /admin/blacklist/:user_id': ({ diner }) => ({ path: `/admin/blacklist/${diner.userId}` }),
  'POST /admin/segment-conditions': () => ({
    path: '/admin/segment-conditions',
    body: { name: 'regulars', title: '常客', condition: 'level >= 3' },
  }),
  'PUT /admin/segment-conditions/:id': async ({ call }) => {
    const body = { name: 'edited', title: '常客', condition: 'level >= 3' };
    const { data } = await call('POST', '/admin/segment-conditions', body);
    return {
      path: `/admin/segment-conditions/${data.segment_id}`,
      body: { version: 1, title: '熟客', condition: 'level >= 2', status: 'active' },
    };
  },
  'DELETE /admin/segment-conditions/:id': async ({ call }) => {
    const body = { name: 'removed', title: '常客', condition: 'level >= 3' };
    const { data } = await call('POST', '/admin/segment-conditions', body);
    return { path: `/admin/segment-conditions/${data.segment_id}` };
  },
  'PUT /admin/segments/:segment/members': ({ diner }) => ({
    path: '/admin/segments/gold/members',
    body: { add: [diner.userId] },
  }),
  'POST /admin/campaigns/simulate': () => ({
    path: '/admin/campaigns/simulate',
    body: { campaign_id: 1, draws: 1000 },
  }),
  'DELETE /admin/simulations/:id': async ({ call }) => {
    // Behind others it is not over before it is cancelled.
    const simulate = async () =>
      (await call('POST', '/admin/campaigns/simulate', { campaign_id: 1, draws: 10_000_000 })).data;
    await simulate();
    await simulate();
    return { path: `/admin/simulations/${(await simulate()).simulation_id}` };
  },
};

async function draft({ call, admin }: Administration): Promise<number> {
  const { data } = await call('POST', '/admin/campaigns', campaignBody(), admin);
  return data.campaign_id as number;
}
