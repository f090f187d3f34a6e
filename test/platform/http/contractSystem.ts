/** What is told of the server itself. */
import type { Ask } from './contractCallers.ts';

export async function lookAtServer(ask: Ask): Promise<void> {
  await ask({ operation: 'GET /about' });
}
