/** How many deliveries of webhooks a node makes in a second, of events that wait for one endpoint which answers at once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { createUser } from '../../test/support/factories.ts';
import { ServerProcess } from '../bench/processes.ts';
import type { Secrets } from '../bench/settings.ts';
import { HttpClient } from '../http.ts';

const EVENT = { event_type: 'points:expiring', priority: 'normal', status: 'pending' } as const;
const PATIENCE_MS = 60_000;

export interface WebhookRate {
  deliveries: number;
  /** Events that were told more than once; those that were not told at all. */
  doubled: number;
  missing: number;
  deliveriesPerSecond: number;
}

export async function measureWebhooks(
  environment: NodeJS.ProcessEnv,
  { url, secrets, events }: { url: string; secrets: Secrets; events: number },
): Promise<WebhookRate> {
  const ids: string[] = [];
  let [firstMs, lastMs] = [0, 0];
  const receiver = createServer((request, response) => {
    lastMs = performance.now();
    if (ids.length === 0) firstMs = lastMs;
    ids.push(String(request.headers['webhook-id']));
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
  const allowing = { ...environment, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
  const database = () =>
    openDataSources({ url, replicaUrls: [], poolSize: 1 }).then((of) => new Database(of));

  const founding = await database();
  const userId = await createUser(founding, { role: 'super_admin' });
  await founding.close();
  const tokens = new AccessTokens({ secret: secrets.JWT_SECRET, lifetimeSeconds: 3600, clock: systemClock });
  const token = tokens.sign({ userId, sessionId: userId, role: 'super_admin', nickname: 'Manager' });
  const before = await ServerProcess.start('src/index.ts', allowing);
  const http = new HttpClient(before.url, 1);
  const body = { url: target, events: [EVENT.event_type] };
  await http.call({ method: 'POST', path: '/admin/webhooks', token, body, idempotencyKey: 'bench' });
  http.close();
  await before.stop();

  const writing = await database();
  const data = JSON.stringify({ user_id: userId, amount: 1, expires_at: new Date().toISOString() });
  const row = { ...EVENT, user_id: userId, event_data: data, created_at: new Date() };
  await writing.transaction((tx) =>
    insertAll(
      tx,
      BusinessEvent,
      Array.from({ length: events }, () => row),
    ),
  );
  await writing.close();

  const server = await ServerProcess.start('src/index.ts', allowing);
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (new Set(ids).size < events && performance.now() < deadlineMs) await sleep(50);
  await sleep(500);
  await server.stop();
  receiver.close();
  const told = new Set(ids).size;
  return {
    deliveries: ids.length,
    doubled: ids.length - told,
    missing: events - told,
    deliveriesPerSecond: ids.length / ((lastMs - firstMs) / 1000),
  };
}
