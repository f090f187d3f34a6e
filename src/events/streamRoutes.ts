import { z } from 'zod';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { IdentifyCaller } from '../identity/apiKeys/identifyCaller.ts';
import { AppError } from '../platform/errors.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { parse } from '../platform/validate.ts';
import type { EventStreams } from './stream/eventStreams.ts';
import { typeShape } from './messages.ts';

export interface StreamRoutesServices {
  eventStreams: EventStreams;
  access: Pick<AccessControl, 'can' | 'watchLogin'>;
  identifyCaller: IdentifyCaller;
}

const MOST_TYPES = 50;
const typesText = z
  .string()
  .max(MOST_TYPES * 65)
  .transform((text) => text.split(','))
  .pipe(z.array(typeShape).max(MOST_TYPES));

const lastIdShape = z.object({
  'Last-Event-ID': z
    .string()
    .regex(/^\d{1,15}$/, 'must be the id of an event of this stream')
    .transform(Number)
    .optional(),
});

/** Events as they happen, on all nodes (E-4). */
export function streamRoutes({ eventStreams, access, identifyCaller }: StreamRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/events/stream',
      access: 'events:read',
      summary: 'Events as they happen, on all nodes; with Last-Event-ID from where a client left off',
      isStream: true,
      query: z.strictObject({
        types: typesText
          .optional()
          .meta({ override: { type: 'string' }, description: 'Names of types, with commas between them' }),
      }),
      data: z.string().meta({
        description:
          'Frames of `id: <growing integer>`, `event: <type>` and `data: {event_id, type, user_id, simulated, created_at, data}`. ' +
          'Besides types: `resync {last_id}` first, when what was missed cannot be told, and `lagged {dropped, last_id}` when the ' +
          'client has read too slowly. A comment at least every 15 seconds.',
      }),
      handle: async (input) => {
        const { request, ip, query } = input;
        const { sessionId, userId } = identityOf(input);
        const lastId = request.get('Last-Event-ID');
        const { 'Last-Event-ID': after } = parse(lastIdShape, { 'Last-Event-ID': lastId });
        const token = /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1] ?? '';
        return eventStreams.admit({
          callerId: userId,
          types: query.types === undefined ? undefined : new Set(query.types),
          after,
          check: async () => {
            const caller = await identifyCaller(token, ip);
            if (!access.can(caller, 'events:read')) throw new AppError('FORBIDDEN');
          },
          // A machine has no login: its key is looked at by the check alone.
          watch: (end) => (sessionId > 0 ? access.watchLogin(sessionId, end) : () => undefined),
        });
      },
    }),
  ];
}
