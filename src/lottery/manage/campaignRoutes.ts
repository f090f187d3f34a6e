import { z } from 'zod';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { longPageToWire } from '../../admin/longPage.ts';
import { pendingApprovalIds } from '../../approvals/approvals.ts';
import type { Market } from '../../draw/market.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RoomDirectory } from '../../platform/cluster/roomDirectory.ts';
import { listNumbered } from '../../platform/database/numberedList.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { beforeQuery, idShape, idText, pageQuery } from '../../platform/shapes.ts';
import type { CampaignOwners } from '../ownerCalls.ts';
import { statusShape } from '../views.ts';
import { CAMPAIGN_KINDS } from './campaignKinds.ts';
import { readRowsOf } from './campaignRows.ts';
import { editCampaign } from './changes.ts';
import { documentOf, progressOf } from './document.ts';
import {
  campaignBodyShape,
  campaignChangeShape,
  campaignDocumentShape,
  campaignListShape,
  type CampaignDocument,
} from './documentShapes.ts';
import { cloneCampaign, createDraft, deleteDraft } from './drafts.ts';
import { startDraft } from './starts.ts';

export interface ManageServices {
  database: Database;
  clock: Clock;
  directory: Pick<RoomDirectory, 'ensure'>;
  owners: Pick<CampaignOwners, 'setStatus' | 'rotateSeed'>;
  market: Market;
  fourEyes: boolean;
  businessTimezone: string;
}

const campaignPath = z.strictObject({ id: idText });

/** Campaigns as operators have them (L-1, L-12). */
export function campaignRoutes(services: ManageServices): Route[] {
  return [...readingRoutes(services), ...editingRoutes(services), ...operatingRoutes(services)];
}

function readingRoutes({ database }: ManageServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/campaigns',
      access: 'campaigns:edit',
      list: { name: 'campaigns' },
      summary: 'Campaigns, newest first, drafts among them',
      query: z.strictObject({ status: statusShape.optional(), ...pageQuery, ...beforeQuery }),
      data: campaignListShape,
      handle: async ({ query: { status, ...query } }) => {
        const reader = database.currentReader;
        const table = { entity: LotteryCampaign, key: 'campaign_id' } as const;
        const { items, ...page } = await listNumbered(reader, table, { status }, query);
        const [rows, waiting] = await rowsOf(reader, items);
        const listed = rows.map((row) => {
          const { prizes: _, ...document } = documentOf(row, waiting.get(row.campaign.campaign_id) ?? null);
          return { ...document, ...progressOf(row) };
        });
        return { data: longPageToWire({ ...page, items: listed }, (document) => document) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/campaigns/:id',
      access: 'campaigns:edit',
      summary: 'A campaign as it is edited',
      refusals: ['NOT_FOUND'],
      params: campaignPath,
      data: campaignDocumentShape,
      handle: async ({ params }) => ({ data: await readDocument(database, params.id) }),
    }),
  ];
}

function editingRoutes(services: ManageServices): Route[] {
  const { database, clock, market, businessTimezone } = services;
  return [
    route({
      method: 'post',
      path: '/admin/campaigns',
      access: 'campaigns:edit',
      summary: 'Make a campaign, as a draft',
      idempotencyKey: 'optional',
      creates: true,
      body: campaignBodyShape,
      data: campaignDocumentShape,
      handle: async (input) => {
        const made = { actor: actorOf(input), body: input.body };
        const { data: campaignId, replayed = false } = await movedOnce(
          services,
          input,
          async (tx, _, nowMs) => {
            const { campaign } = await createDraft(tx, made, nowMs);
            return campaign.campaign_id;
          },
        );
        return { data: await readDocument(database, campaignId), replayed };
      },
    }),
    route({
      method: 'put',
      path: '/admin/campaigns/:id',
      access: 'campaigns:edit',
      summary:
        'Change a campaign: a draft at once, a published one once a second person agrees, and only in favour of diners where the market says so',
      refusals: ['NOT_FOUND', 'CONFLICT', 'PAYLOAD_TOO_LARGE'],
      mayWait: true,
      params: campaignPath,
      body: campaignChangeShape,
      data: campaignDocumentShape,
      handle: async (input) => {
        const { params, body: change } = input;
        const edit = { actor: actorOf(input), campaignId: params.id, change, market };
        const edited = await database.retryingTransaction((tx) => editCampaign(tx, edit, clock.nowMs()));
        if ('waits' in edited) return waitReply(edited.waits);
        return { data: await readDocument(database, params.id) };
      },
    }),
    route({
      method: 'post',
      path: '/admin/campaigns/:id/clone',
      access: 'campaigns:edit',
      summary:
        'A draft that is designed alike, with dates of its own and nothing of what became of the other',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND'],
      creates: true,
      params: campaignPath,
      data: campaignDocumentShape,
      handle: async (input) => {
        const cloning = { actor: actorOf(input), campaignId: input.params.id, businessTimezone };
        const { data: campaignId, replayed = false } = await movedOnce(
          { database, clock },
          input,
          async (tx, _callerId, nowMs) => (await cloneCampaign(tx, cloning, nowMs)).campaign.campaign_id,
        );
        return { data: await readDocument(database, campaignId), replayed };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/campaigns/:id',
      access: 'campaigns:edit',
      summary: 'Delete a draft',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: campaignPath,
      data: z.object({ campaign_id: idShape }),
      handle: async (input) => {
        const deleting = { actor: actorOf(input), campaignId: input.params.id };
        await database.retryingTransaction((tx) => deleteDraft(tx, deleting, clock.nowMs()));
        return { data: { campaign_id: input.params.id } };
      },
    }),
  ];
}

/** What operators do to a campaign as it runs; each goes through its owner, which a draft does not have yet. */
function operatingRoutes(services: ManageServices): Route[] {
  const { database, clock, directory, owners, market, fourEyes } = services;
  return [
    route({
      method: 'post',
      path: '/admin/campaigns/:id/status',
      access: 'campaigns:operate',
      summary:
        'Schedule, start, pause, resume, end or archive a campaign; where FOUR_EYES is on, a draft starts once a second person agrees',
      refusals: ['NOT_FOUND', 'CONFLICT', 'PAYLOAD_TOO_LARGE', 'MOVED'],
      mayWait: true,
      params: campaignPath,
      body: z.strictObject({ status: statusShape }),
      data: z.object({ campaign_id: idShape, status: statusShape }),
      handle: async (input) => {
        const { id: campaignId } = input.params;
        const { status } = input.body;
        const actor = actorOf(input);
        const { status: present } = await findRow(database, campaignId);
        if (present === 'draft' && status !== 'draft') {
          if (status !== 'scheduled' && status !== 'active')
            throw new AppError('CONFLICT', { details: { status: present, asked: status } });
          const start = { actor, campaignId, status, market, fourEyes };
          const started = await database.retryingTransaction((tx) => startDraft(tx, start, clock.nowMs()));
          if (!started.isStarted) return waitReply(started.waits);
          await directory.ensure({ type: 'campaign', key: campaignId });
        } else if (present !== status) await owners.setStatus(campaignId, { status, actor });
        return { data: { campaign_id: campaignId, status } };
      },
    }),
    route({
      method: 'post',
      path: '/admin/campaigns/:id/fairness/rotate',
      access: 'campaigns:operate',
      summary: 'Reveal the server seed in use and commit to the next one',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: campaignPath,
      data: z.object({ campaign_id: idShape }),
      handle: async (input) => {
        await owners.rotateSeed(input.params.id, { actor: actorOf(input) });
        return { data: { campaign_id: input.params.id } };
      },
    }),
  ];
}

function waitReply({ approvalId, changeHash }: { approvalId: number; changeHash: string }) {
  return { waits: { approval_id: approvalId, change_hash: changeHash } };
}

async function readDocument(database: Database, campaignId: number): Promise<CampaignDocument> {
  const campaign = await findRow(database, campaignId);
  const [[row], waiting] = await rowsOf(database.currentReader, [campaign]);
  return documentOf(row!, waiting.get(campaignId) ?? null);
}

async function findRow(database: Database, campaignId: number): Promise<LotteryCampaign> {
  const campaign = await database.currentReader.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  if (campaign === null) throw new AppError('NOT_FOUND');
  return campaign;
}

/** With one statement for the prizes of all, and one for what waits. */
async function rowsOf(manager: Database['currentReader'], campaigns: readonly LotteryCampaign[]) {
  const ids = campaigns.map(({ campaign_id }) => campaign_id);
  return Promise.all([readRowsOf(manager, campaigns), pendingApprovalIds(manager, ids, CAMPAIGN_KINDS)]);
}
