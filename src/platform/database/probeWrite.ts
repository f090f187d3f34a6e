import { randomUUID } from 'node:crypto';
import { ReadinessProbe } from '../../../entities/platform/ReadinessProbe.ts';
import type { Database } from './transaction.ts';

/**
 * Resolves when a write has been committed. A server that only answers may be read-only, full, or out of connections. Nodes do
 * not wait for each other here, and nothing is left behind.
 */
export async function probeWrite(database: Database): Promise<void> {
  await database.transaction(async ({ manager }) => {
    const probe = { probe_id: randomUUID() };
    await manager.insert(ReadinessProbe, probe);
    await manager.delete(ReadinessProbe, probe);
  });
}
