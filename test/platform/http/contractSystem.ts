/** What is told of the server itself. */
import { changeBody } from '../../../src/configuration/messages.ts';
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;
const CONFIG = (changeBody.meta()!['example'] as { config: object }).config;

export async function lookAtServer(ask: Ask, { superAdmin: token }: Callers): Promise<void> {
  await ask({ operation: 'GET /about' });
  await ask({ operation: 'GET /admin/system', token });
  await ask({ operation: 'GET /admin/dashboard', token });
  await ask({ operation: 'GET /admin/online', token });
  await ask({ operation: 'GET /admin/reports/daily', token, query: 'date=2026-03-01&restaurant_id=1' });
  await ask({ operation: 'GET /admin/reports/days', token, query: 'from=2026-02-28&to=2026-03-01' });
  await ask({ operation: 'GET /admin/reports/subscription', token });
  const hours = { daily: 8, weekly: null };
  await ask({ operation: 'PUT /admin/reports/subscription', token, body: hours });
  await configure(ask, token);
}

async function configure(ask: Ask, token: string): Promise<void> {
  const operation = 'PUT /admin/config';
  const { version, config } = await ask({ operation: 'GET /admin/config', token });
  const notices = { banner: { zh: '今晚维护', en: 'Maintenance tonight' }, contact: null };
  const made = await ask({ operation, token, body: { version, config: { ...config, notices } } });
  await ask({
    operation: 'POST /admin/config/return',
    token,
    body: { version: made.version, to_version: 0 },
  });
  await ask({ operation: 'GET /admin/config/versions', token, query: 'limit=1&before=9' });
  await ask({ operation: 'GET /admin/config/versions/{version}', token, path: { version: made.version } });
}

/** After all of the above. */
export function refusalsOfConfiguration({ superAdmin: token, diner }: Callers): [Asked, number, string][] {
  const back = { operation: 'POST /admin/config/return', token };
  const versions = { operation: 'GET /admin/config/versions/{version}', token };
  const profile = { operation: 'GET /smart/user-profile', query: `user_id=${MISSING}` };
  return [
    [{ ...profile, token }, 404, 'NOT_FOUND'],
    [{ ...profile, token: diner }, 403, 'FORBIDDEN'],
    [{ ...back, body: { version: 0, to_version: 0 } }, 409, 'CONFLICT'],
    [{ ...back, body: { version: 0, to_version: MISSING } }, 404, 'NOT_FOUND'],
    [{ ...versions, path: { version: MISSING } }, 404, 'NOT_FOUND'],
    ...['daily', 'days'].map((name): [Asked, number, string] => [
      { operation: `GET /admin/reports/${name}`, token, query: `restaurant_id=${MISSING}` },
      404,
      'NOT_FOUND',
    ]),
    [{ operation: 'PUT /admin/config', token, body: { version: 0, config: CONFIG } }, 409, 'CONFLICT'],
  ];
}

export async function lookAtDiners(ask: Ask, { superAdmin: token, dinerId, won }: Callers): Promise<void> {
  const path = { id: dinerId };
  await ask({ operation: 'GET /smart/user-profile', token, query: `user_id=${dinerId}` });
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
