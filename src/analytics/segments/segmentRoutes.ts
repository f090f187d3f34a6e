import { z } from 'zod';
import type { AnalyticsSegment } from '../../../entities/analytics/AnalyticsSegment.ts';
import { readMasked } from '../../identity/people/maskedPeople.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { idShape } from '../../platform/shapes.ts';
import type { FactServices } from '../facts.ts';
import {
  newSegmentBody,
  previewBody,
  previewShape,
  segmentBody,
  segmentPath,
  segmentShape,
  segmentsShape,
} from './messages.ts';
import type { Previews } from './preview.ts';
import { createCondition, editCondition, listConditions, removeCondition } from './segments.ts';

export interface SegmentRoutesServices extends FactServices {
  segmentPreviews: Previews;
}

export function segmentRoutes(services: SegmentRoutesServices): Route[] {
  return [listRoute(services), previewRoute(services), ...editingRoutes(services)];
}

function listRoute({ database }: SegmentRoutesServices): Route {
  return route({
    method: 'get',
    path: '/admin/segment-conditions',
    access: 'users:operate',
    list: { name: 'segment-conditions' },
    summary: 'Segments whose members are those for whom a condition holds, and what is open to these alone',
    data: segmentsShape,
    handle: async () => {
      const listed = await listConditions(database);
      return { data: { items: listed.map(({ segment, uses }) => ({ ...toWire(segment), uses })) } };
    },
  });
}

function previewRoute({ database, ...services }: SegmentRoutesServices): Route {
  return route({
    method: 'post',
    path: '/admin/segment-conditions/preview',
    access: 'users:operate',
    summary: 'For how many people a condition would hold, and some of them; nothing is stored',
    refusals: ['BUSY'],
    body: previewBody,
    data: previewShape,
    handle: async ({ body }) => {
      const found = await services.segmentPreviews.of(body.condition);
      return {
        data: {
          estimate: found.estimate,
          matched: found.matched,
          looked_at: found.looked,
          is_complete: found.isComplete,
          failure: found.failure,
          sample: await readMasked(database.currentReader, found.userIds),
        },
      };
    },
  });
}

function editingRoutes({ database, clock }: SegmentRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/segment-conditions',
      access: 'users:operate',
      summary: 'Make a segment of those for whom a condition holds; they are worked out behind',
      idempotencyKey: 'optional',
      refusals: ['CONFLICT'],
      creates: true,
      body: newSegmentBody,
      data: segmentShape,
      handle: (input) =>
        movedOnce({ database, clock }, input, async (tx, _callerId, nowMs) =>
          toWire(await createCondition(tx, { actor: actorOf(input), ...input.body }, nowMs)),
        ),
    }),
    route({
      method: 'put',
      path: '/admin/segment-conditions/:id',
      access: 'users:operate',
      summary: 'Change a condition; its members are worked out anew',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: segmentPath,
      body: segmentBody,
      data: segmentShape,
      handle: async (input) => {
        const edit = { actor: actorOf(input), segmentId: input.params.id, ...input.body };
        const nowMs = clock.nowMs();
        return { data: toWire(await database.retryingTransaction((tx) => editCondition(tx, edit, nowMs))) };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/segment-conditions/:id',
      access: 'users:operate',
      summary: 'Delete a segment that nothing is open to; its members are taken out behind',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: segmentPath,
      data: z.object({ segment_id: idShape }),
      handle: async (input) => {
        const { id: segmentId } = input.params;
        const removal = { actor: actorOf(input), segmentId };
        await database.retryingTransaction((tx) => removeCondition(tx, removal, clock.nowMs()));
        return { data: { segment_id: segmentId } };
      },
    }),
  ];
}

function toWire(segment: AnalyticsSegment): z.output<typeof segmentShape> {
  const { condition_text, position, counted_at, created_at, updated_at, ...row } = segment;
  return {
    segment_id: row.segment_id,
    name: row.name,
    title: row.title,
    condition: condition_text,
    status: row.status,
    version: row.version,
    members: row.members,
    counted_at: counted_at?.toISOString() ?? null,
    is_counting: position !== null,
    failure: row.failure,
    created_by: row.created_by,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}
