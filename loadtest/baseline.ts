/**
 * What the group commit is compared with: an ordinary service. Express, zod, JWT, TypeORM repositories on a pool of
 * connections and one transaction per draw, with the same tables, indexes, engine, fairness chain and flush at COMMIT as the
 * product, so that it does the same work for a draw. On SQLite its transactions pass a mutex, as they must in any TypeORM service.
 *
 * It draws once per request. Is told its campaign and the size of its pool. Prints its address once it listens.
 */
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import { AccessTokens } from '../src/identity/session/tokens.ts';
import { systemClock } from '../src/platform/clock.ts';
import { loadConfig } from '../src/settings.ts';
import { openDataSources } from '../src/platform/database/dataSource.ts';
import { Database } from '../src/platform/database/transaction.ts';
import { AppError, asAppError } from '../src/platform/errors.ts';
import { idShape, requestIdShape } from '../src/platform/shapes.ts';
import { claimCampaign } from '../src/lottery/ownership.ts';
import { BaselineDraw } from './baselineDraw.ts';

const BODY = z.strictObject({
  campaign_id: idShape,
  draw_count: z.literal(1).default(1),
  request_id: requestIdShape,
});

const config = loadConfig(process.env);
const [campaignId, poolSize] = process.argv.slice(2).map(Number) as [number, number];
const database = new Database(await openDataSources({ url: config.databaseUrl, replicaUrls: [], poolSize }));
const { pool } = await database.transaction((tx) =>
  claimCampaign(tx, { campaignId, seedKey: config.seedKey, nowMs: systemClock.nowMs() }),
);
const tokens = new AccessTokens({ secret: config.jwtSecret, lifetimeSeconds: 3600, clock: systemClock });

const app = express();
app.use(express.json({ limit: '64kb' }));
app.post('/api/v3/lottery/draw', async (request, response) => {
  const { userId } = tokens.verify(bearerOf(request));
  const body = BODY.safeParse(request.body);
  if (!body.success) throw new AppError('VALIDATION_FAILED', { details: body.error.issues });
  if (body.data.campaign_id !== campaignId) throw new AppError('NOT_FOUND');
  const requestId = body.data.request_id;
  const data = await database.retryingTransaction(
    (tx) => new BaselineDraw(tx, { pool, key: { userId, requestId }, now: new Date() }).run(),
    undefined,
    // Its draws are all that it does: they may have every connection.
    { isOwner: true },
  );
  response.json({ success: true, code: 'OK', message: 'OK', data, timestamp: new Date().toISOString() });
});
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  const { status, code, message, cause } = asAppError(error);
  if (status >= 500) console.error(cause);
  response.status(status).json({ success: false, code, message });
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function bearerOf(request: Request): string {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || token === undefined) throw new AppError('UNAUTHENTICATED');
  return token;
}
