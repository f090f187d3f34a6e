/** How a load balancer asks whether this node is alive, and whether it can be used. Neither is in the envelope. */
import type { Application } from 'express';
import { z } from 'zod';
import { sendJson } from './envelope.ts';

export const healthShape = z.object({ status: z.literal('ok') });
export const readyShape = z.object({
  status: z.enum(['ready', 'degraded', 'unavailable']),
  missing: z
    .array(z.enum(['database', 'redis', 'seed_key']))
    .meta({ description: 'What the work needs and does not have' }),
});

export interface ProbeServices {
  /** What does not answer now; empty when the service can do all of its work. */
  checkReady(): Promise<string[]>;
}

/** Until the next look at what was missing. */
const AGAIN_AFTER_SECONDS = '1';

export function mountProbes(app: Application, { checkReady }: ProbeServices): void {
  app.get('/health', (_request, response) => sendJson(response, { status: 'ok' }));
  app.get('/ready', async (_request, response) => {
    const missing = await checkReady();
    // Without Redis the rooms of this process still draw; without the database or the key of the seeds nothing does.
    const isUnavailable = missing.includes('database') || missing.includes('seed_key');
    const status = missing.length === 0 ? 'ready' : isUnavailable ? 'unavailable' : 'degraded';
    if (missing.length > 0) response.set('Retry-After', AGAIN_AFTER_SECONDS);
    sendJson(response, { status, missing }, missing.length === 0 ? 200 : 503);
  });
}
