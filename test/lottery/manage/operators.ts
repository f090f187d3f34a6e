/** Two administrators, and the campaigns that they make. */
import assert from 'node:assert/strict';
import type { CampaignDocument } from '../../../src/lottery/manage/documentShapes.ts';
import {
  startServer,
  type Answer,
  type Login,
  type RunningServer,
  type StartOptions,
} from '../../support/server.ts';

const DAY_MS = 86_400_000;

export interface Operators {
  server: RunningServer;
  /** Writes campaigns. */
  author: Login;
  /** Agrees to them. */
  second: Login;
  diner: Login;
  call(
    method: string,
    path: string,
    by: Login,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<any>>;
  /** A draft. */
  create(overrides?: object): Promise<CampaignDocument>;
  read(campaignId: number): Promise<CampaignDocument>;
  /** As by the console: the version that was read is named. */
  edit(campaignId: number, change: object, by?: Login): Promise<Answer<any>>;
  setStatus(campaignId: number, status: string, by?: Login): Promise<Answer<any>>;
  decide(approvalId: number, decision?: 'approve' | 'reject', by?: Login): Promise<Answer<any>>;
  /** Started by two people. */
  createActive(overrides?: object): Promise<CampaignDocument>;
  /** Changed by two people. */
  change(campaignId: number, change: object): Promise<CampaignDocument>;
}

export async function openOperators(databaseUrl: string, options: StartOptions = {}): Promise<Operators> {
  const server = await startServer(databaseUrl, options);
  const author = await server.login('13800000001');
  const second = await server.login('13800000000');
  const diner = await server.login('13900000001');
  const call: Operators['call'] = (method, path, { token }, body, headers) =>
    server.api(method, path, { token, body, ...(headers !== undefined && { headers }) });
  const here: Operators = {
    server,
    author,
    second,
    diner,
    call,
    async create(overrides = {}) {
      const { status, data, code, details } = await call(
        'POST',
        '/admin/campaigns',
        author,
        campaignBody(overrides),
      );
      assert.equal(status, 201, `${code} ${JSON.stringify(details)}`);
      return data as CampaignDocument;
    },
    async read(campaignId) {
      return (await call('GET', `/admin/campaigns/${campaignId}`, author)).data as CampaignDocument;
    },
    async edit(campaignId, change, by = author) {
      const { version } = await here.read(campaignId);
      return call('PUT', `/admin/campaigns/${campaignId}`, by, { version, ...change });
    },
    setStatus: (campaignId, status, by = author) =>
      call('POST', `/admin/campaigns/${campaignId}/status`, by, { status }),
    decide: (approvalId, decision = 'approve', by = second) =>
      call('POST', `/admin/approvals/${approvalId}`, by, { decision, reason: 'seen' }),
    async createActive(overrides = {}) {
      const { campaign_id: campaignId } = await here.create(overrides);
      const waiting = await here.setStatus(campaignId, 'active');
      assert.equal(waiting.status, 202, JSON.stringify(waiting));
      const decided = await here.decide(waiting.data.approval_id);
      assert.equal(decided.status, 200, JSON.stringify(decided));
      return here.read(campaignId);
    },
    async change(campaignId, change) {
      const waiting = await here.edit(campaignId, change);
      assert.equal(waiting.status, 202, JSON.stringify(waiting));
      const decided = await here.decide(waiting.data.approval_id);
      assert.equal(decided.status, 200, JSON.stringify(decided));
      return here.read(campaignId);
    },
  };
  return here;
}

const TOLD = {
  conditions: 'Everybody who dines here',
  draw_method: 'By this page',
  draw_time: 'While it lasts',
  claim_time: 'Within thirty days',
  claim_place: 'At the counter',
  claim_terms: 'By the code',
  forfeiture: 'What is not claimed is drawn again',
  organiser: 'The restaurant',
  contact: '010-12345678',
};

/** All that a campaign needs to start: two prizes, of which one in two draws wins something. */
export function campaignBody(overrides: object = {}): Record<string, unknown> {
  return {
    name: 'A weekend',
    description: 'Every second draw wins',
    starts_at: new Date(Date.now() - DAY_MS).toISOString(),
    ends_at: new Date(Date.now() + 30 * DAY_MS).toISOString(),
    cost_per_draw: 10,
    guarantee: { threshold: 10, prize: 'dessert' },
    disclosures: TOLD,
    prizes: [
      {
        key: 'dinner',
        name: 'A dinner',
        type: 'physical',
        value: 200,
        stock: 100,
        probability: 0.1,
        fallback: 'dessert',
      },
      { key: 'dessert', name: 'A dessert', type: 'virtual', value: 20, stock: null, probability: 0.4 },
    ],
    ...overrides,
  };
}
