import { z } from 'zod';
import type { AccessServices } from '../identity/access/accessChange.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { idShape } from '../platform/shapes.ts';
import type { CampaignOwners } from '../lottery/ownerCalls.ts';
import { statusShape } from '../lottery/views.ts';
import { allowListRoutes } from './allowListRoutes.ts';
import { logRoutes } from './logRoutes.ts';
import { apiKeyRoutes } from './apiKeyRoutes.ts';
import { idPath } from './messages.ts';
import { monitorRoutes } from './monitorRoutes.ts';
import type { MonitorSessions } from './monitorSessions.ts';
import { roleRoutes } from './roleRoutes.ts';
import { userRoutes } from './userRoutes.ts';

export interface AdminRoutesServices extends AccessServices {
  owners: CampaignOwners;
  monitor: MonitorSessions;
}

/** Everything below /admin. */
export function adminRoutes(services: AdminRoutesServices): Route[] {
  return [
    ...campaignRoutes(services),
    ...userRoutes(services),
    ...roleRoutes(services),
    ...logRoutes(services),
    ...allowListRoutes(services),
    ...apiKeyRoutes(services),
    ...monitorRoutes(services.monitor),
  ];
}

/** What operators do to a running campaign; each goes through the campaign's owner. */
function campaignRoutes({ owners }: AdminRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/campaigns/:id/status',
      access: 'campaigns:operate',
      summary: 'Start, pause, resume, end or archive a campaign',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: idPath,
      body: z.strictObject({ status: statusShape }),
      data: z.object({ campaign_id: idShape, status: statusShape }),
      handle: async (input) => {
        const { params, body } = input;
        await owners.setStatus(params.id, { status: body.status, actor: actorOf(input) });
        return { data: { campaign_id: params.id, status: body.status } };
      },
    }),
    route({
      method: 'post',
      path: '/admin/campaigns/:id/fairness/rotate',
      access: 'campaigns:operate',
      summary: 'Reveal the server seed in use and commit to the next one',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: idPath,
      data: z.object({ campaign_id: idShape }),
      handle: async (input) => {
        const { params } = input;
        await owners.rotateSeed(params.id, { actor: actorOf(input) });
        return { data: { campaign_id: params.id } };
      },
    }),
  ];
}
