/** How a load balancer asks whether this node is alive, and whether it can be used. Neither is in the envelope. */
import type { Application } from 'express';
import { z } from 'zod';
import type { Departure } from '../cluster/departure.ts';
import type { Shedding } from '../shedding.ts';
import { sendJson } from './envelope.ts';

export const healthShape = z.object({ status: z.literal('ok') });
export const readyShape = z.object({
  status: z.enum(['ready', 'degraded', 'unavailable', 'leaving', 'overloaded']).meta({
    description: 'leaving: it works, and is about to end; overloaded: it refuses a part of what is asked',
  }),
  missing: z
    .array(z.enum(['database', 'redis', 'seed_key']))
    .meta({ description: 'What the work needs and does not have' }),
});

export interface ProbeServices {
  /** What does not answer now; empty when the service can do all of its work. */
  checkReady(): Promise<string[]>;
  /** Absent: this server does not leave. */
  departure?: Pick<Departure, 'isLeaving'>;
  /** Absent: this server refuses nothing for its load. */
  shedding?: Pick<Shedding, 'isShedding'>;
}

/** Until the next look at what was missing. */
const AGAIN_AFTER_SECONDS = '1';

export function mountProbes(app: Application, services: ProbeServices): void {
  app.get('/health', (_request, response) => sendJson(response, { status: 'ok' }));
  app.get('/ready', async (_request, response) => {
    const missing = await services.checkReady();
    // Without Redis the rooms of this process still draw; without the database or the key of the seeds nothing does.
    const isUnavailable = missing.includes('database') || missing.includes('seed_key');
    const status = isUnavailable ? 'unavailable' : statusOf(services, missing.length > 0);
    if (status !== 'ready') response.set('Retry-After', AGAIN_AFTER_SECONDS);
    sendJson(response, { status, missing }, status === 'ready' ? 200 : 503);
  });
}

/** Of a node that can do its work. */
function statusOf(
  { departure, shedding }: ProbeServices,
  isDegraded: boolean,
): z.output<typeof readyShape>['status'] {
  if (departure?.isLeaving === true) return 'leaving';
  if (shedding?.isShedding === true) return 'overloaded';
  return isDegraded ? 'degraded' : 'ready';
}
