import { z } from 'zod';
import type { AccessControl } from '../../identity/access/accessControl.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import { refusePlaced } from '../reading/refusePlaced.ts';
import type { AnalysisServices } from '../reading/services.ts';
import { changeFunnel, createFunnel, deleteFunnel, listFunnels, readFunnel } from './funnels.ts';
import {
  funnelBody,
  funnelChange,
  funnelPath,
  funnelReportShape,
  funnelRun,
  funnelShape,
  funnelsShape,
  reportQuery,
} from './messages.ts';
import { runFunnel } from './runFunnel.ts';

export interface FunnelRoutesServices extends AnalysisServices {
  access: Pick<AccessControl, 'roleOf'>;
}

/** Funnels of what people do on the pages (B-5). */
export function funnelRoutes(services: FunnelRoutesServices): Route[] {
  return [...readingRoutes(services), ...changingRoutes(services), runRoute(services)];
}

function readingRoutes(services: FunnelRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/analytics/funnels',
      access: 'statistics:read',
      list: { name: 'funnels' },
      summary: 'Funnels that are kept, by their names',
      data: funnelsShape,
      handle: async () => ({ data: { items: await listFunnels(services.database) } }),
    }),
    route({
      method: 'get',
      path: '/analytics/funnels/:id',
      access: 'statistics:read',
      summary: 'One of them, as PUT takes it',
      refusals: ['NOT_FOUND'],
      params: funnelPath,
      data: funnelShape,
      handle: async ({ params }) => ({ data: await readFunnel(services.database, params.id) }),
    }),
    route({
      method: 'get',
      path: '/analytics/funnels/:id/report',
      access: 'statistics:read',
      list: { name: 'funnel' },
      summary: 'How many of those who began it in some business days come to each step, and how fast',
      refusals: ['NOT_FOUND'],
      params: funnelPath,
      query: reportQuery,
      data: funnelReportShape,
      handle: async (input) => {
        refusePlaced(services.access, identityOf(input));
        const funnel = await readFunnel(services.database, input.params.id);
        return { data: await runFunnel(services, funnel, input.query) };
      },
    }),
  ];
}

function changingRoutes(services: AnalysisServices): Route[] {
  const { database, clock } = services;
  const one = { path: '/analytics/funnels/:id', access: 'statistics:read', params: funnelPath } as const;
  return [
    route({
      method: 'post',
      path: '/analytics/funnels',
      access: 'statistics:read',
      summary: 'Keep a funnel',
      idempotencyKey: 'optional',
      creates: true,
      refusals: ['CONFLICT'],
      body: funnelBody,
      data: funnelShape,
      handle: (input) =>
        movedOnce(services, input, (tx, _callerId, nowMs) =>
          createFunnel(tx, { actor: actorOf(input), body: input.body }, nowMs),
        ),
    }),
    route({
      ...one,
      method: 'put',
      summary: 'Change what is given of a funnel; the version that was read is named',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: funnelChange,
      data: funnelShape,
      handle: async (input) => {
        const edit = { actor: actorOf(input), funnelId: input.params.id, change: input.body };
        return { data: await database.retryingTransaction((tx) => changeFunnel(tx, edit, clock.nowMs())) };
      },
    }),
    route({
      ...one,
      method: 'delete',
      summary: 'Keep a funnel no longer',
      refusals: ['NOT_FOUND'],
      data: z.object({}),
      handle: async (input) => {
        const edit = { actor: actorOf(input), funnelId: input.params.id };
        await database.retryingTransaction((tx) => deleteFunnel(tx, edit, clock.nowMs()));
        return { data: {} };
      },
    }),
  ];
}

function runRoute(services: FunnelRoutesServices): Route {
  return route({
    method: 'post',
    path: '/analytics/funnels/run',
    access: 'statistics:read',
    summary: 'What a funnel comes to that is not kept',
    body: funnelRun,
    data: funnelReportShape,
    handle: async (input) => {
      refusePlaced(services.access, identityOf(input));
      const { from, to, ...funnel } = input.body;
      return { data: await runFunnel(services, funnel, { from, to }) };
    },
  });
}
