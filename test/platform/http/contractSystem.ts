/** What is told of the server itself. */
import type { Ask, Callers } from './contractCallers.ts';

export async function lookAtServer(ask: Ask, { superAdmin: token }: Callers): Promise<void> {
  await ask({ operation: 'GET /about' });
  await ask({ operation: 'GET /admin/system', token });
  await ask({ operation: 'GET /admin/dashboard', token });
}

export async function lookAtDiners(ask: Ask, { superAdmin: token, dinerId, won }: Callers): Promise<void> {
  const path = { id: dinerId };
  const time = 'start_time=2020-01-01T00:00:00Z';
  await ask({ operation: 'GET /admin/users/{id}/transactions', token, path, query: `type=consume&${time}` });
  const query = 'campaign_id=1&winners=true&limit=1';
  const { items } = await ask({ operation: 'GET /admin/draws', token, query });
  if (items.length !== 1 || won.length === 0) throw new Error('nobody has won anything');
  const { user } = items[0];
  const ofWinner = { token, path: { id: user.user_id } };
  await ask({ operation: 'GET /admin/users/{id}/prizes', ...ofWinner, query: 'status=redeemed&limit=5' });
  await ask({ operation: 'GET /admin/draws', token, query: `user_id=${user.user_id}&limit=2` });
}
