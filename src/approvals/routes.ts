import { z } from 'zod';
import { longPageToWire } from '../admin/longPage.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import {
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  rowIdText,
  textShape,
  timeShape,
  toWireTime,
} from '../platform/shapes.ts';
import { listRequests, readRequest, type Request } from './approvals.ts';
import { decideRequest } from './decideRequest.ts';
import type { ApprovalKinds } from './kinds.ts';

export interface ApprovalRoutesServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'roleOf'>;
  approvalKinds: ApprovalKinds;
}

const approvalStatusShape = z.enum(['pending', 'approved', 'rejected', 'void']);

const approvalShape = z
  .object({
    approval_id: z.int(),
    kind: z.string().meta({ description: 'campaign.start, campaign.change, trade.settle or account.merge' }),
    campaign_id: idShape.optional(),
    trade_id: idShape.optional(),
    merge_id: idShape.optional(),
    status: approvalStatusShape,
    base_version: z.int().meta({ description: 'Of what is changed; when that is another one, this is void' }),
    change: z.unknown().meta({ description: 'Exactly what is asked for' }),
    change_hash: z.string().meta({
      description: 'Hex SHA-256 of `kind|subject|base_version|` and the RFC 8785 JSON of `change`',
    }),
    author_id: z.int().nullable(),
    editor_id: z.int().nullable(),
    decided_by: z.int().nullable(),
    decided_at: timeShape.nullable(),
    reason: z.string().nullable(),
    created_at: timeShape,
  })
  .meta({ id: 'Approval' });

const approvalWithTrialsShape = approvalShape
  .extend({
    simulations: z
      .array(z.object({ simulation_id: z.int(), config_hash: z.string(), status: z.string() }))
      .meta({ description: 'Of exactly what is asked for, newest first' }),
  })
  .meta({ id: 'ApprovalWithSimulations' });

const approvalPath = z.strictObject({ id: rowIdText });

/** What waits for a second person, and what became of it. */
export function approvalRoutes(services: ApprovalRoutesServices): Route[] {
  return [...readingRoutes(services), decisionRoute(services)];
}

function readingRoutes({ database, approvalKinds }: ApprovalRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/approvals',
      access: 'approvals:read',
      list: { name: 'approvals' },
      summary: 'Changes that wait for a second person, newest first',
      query: z.strictObject({ status: approvalStatusShape.optional(), ...pageQuery, ...beforeQuery }),
      data: longPageOf(approvalShape),
      handle: async ({ query }) => {
        const page = await listRequests(database, query);
        return { data: longPageToWire(page, (request) => toWire(request, approvalKinds)) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/approvals/:id',
      access: 'approvals:read',
      summary: 'One of them',
      refusals: ['NOT_FOUND'],
      params: approvalPath,
      data: approvalWithTrialsShape,
      handle: async ({ params }) => {
        const request = await readRequest(database, params.id);
        const tried = (await approvalKinds[request.kind]?.simulations(request)) ?? [];
        const simulations = tried.map(({ simulationId, configHash, status }) => ({
          simulation_id: simulationId,
          config_hash: configHash,
          status,
        }));
        return { data: { ...toWire(request, approvalKinds), simulations } };
      },
    }),
  ];
}

function decisionRoute(services: ApprovalRoutesServices): Route {
  const { database, access, approvalKinds } = services;
  return route({
    method: 'post',
    path: '/admin/approvals/:id',
    access: 'approvals:decide',
    summary:
      'Agree to a change, which makes it, or refuse it; never one that you asked for, edited, or gain by',
    refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
    params: approvalPath,
    body: z.strictObject({
      decision: z.enum(['approve', 'reject']),
      reason: textShape({ max: 500 }).default('-').meta({ example: '已核对' }),
      break_glass: z.boolean().default(false).meta({
        description:
          'A super admin who is the only administrator agrees to their own change, once it has waited for BREAK_GLASS_MINUTES; it is logged as what it is',
      }),
    }),
    data: approvalShape,
    handle: async (input) => {
      const { params, body } = input;
      const actor = actorOf(input);
      await decideRequest(services, {
        decision: body.decision,
        approvalId: params.id,
        actor,
        reason: body.reason,
        breaksGlass: body.break_glass,
        isSuperAdmin: access.roleOf(actor.userId) === 'super_admin',
      });
      return { data: toWire(await readRequest(database, params.id), approvalKinds) };
    },
  });
}

function toWire(request: Request, kinds: ApprovalKinds): z.output<typeof approvalShape> {
  const { kind, subjectId } = request;
  const name = kinds[kind]?.subjectName;
  return {
    approval_id: request.approvalId,
    kind,
    ...(name !== undefined && { [name]: subjectId }),
    status: request.status,
    base_version: request.baseVersion,
    change: request.change,
    change_hash: request.changeHash,
    author_id: request.authorId,
    editor_id: request.editorId,
    decided_by: request.decidedBy,
    decided_at: request.decidedAtMs === null ? null : toWireTime(request.decidedAtMs),
    reason: request.reason,
    created_at: toWireTime(request.createdAtMs),
  };
}
