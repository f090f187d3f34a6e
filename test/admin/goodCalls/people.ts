/** Calls of people, what they may do, and what calls for them. */
import type { GoodCalls } from './goodCall.ts';

export const PEOPLE: GoodCalls = {
  'PUT /admin/users/:id/restaurants': ({ staff }) => ({
    path: `/admin/users/${staff.userId}/restaurants`,
    body: { restaurant_ids: [7] },
  }),
  'POST /admin/users/:id/merges': async ({ recruit }) => ({
    path: `/admin/users/${(await recruit()).userId}/merges`,
    body: { into_user_id: (await recruit()).userId, reason: 'a test' },
  }),
  'POST /admin/merges/:id/cancel': async ({ recruit, call }) => {
    const body = { into_user_id: (await recruit()).userId, reason: 'a test' };
    const { data } = await call('POST', `/admin/users/${(await recruit()).userId}/merges`, body);
    return { path: `/admin/merges/${data.merge_id}/cancel`, body: { reason: 'a test' } };
  },
  'POST /admin/users/:id/status': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/status`,
    body: { status: 'disabled', reason: 'a test' },
  }),
  'POST /admin/users/:id/role': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/role`,
    body: { role: 'staff', reason: 'a test' },
  }),
  'PUT /admin/users/:id/permissions': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/permissions`,
    body: { permission: 'users:read', is_granted: true },
  }),
  'PUT /admin/users/:id/birthday': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/birthday`,
    body: { birthday: '1990-02-28' },
  }),
  'PUT /admin/users/:id/test': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/test`,
    body: { is_test: true },
  }),
  'POST /admin/users/:id/unlock': async ({ recruit, venue }) => {
    const { mobile, userId } = await recruit();
    await venue.api('POST', '/auth/code', { body: { mobile } });
    await venue.api('POST', '/auth/login', { body: { mobile, code: '000000' } });
    return { path: `/admin/users/${userId}/unlock` };
  },
  'DELETE /admin/users/:id/sessions': async ({ recruit }) => ({
    path: `/admin/users/${(await recruit()).userId}/sessions`,
  }),
  'PUT /admin/roles/:role/permissions': () => ({
    path: '/admin/roles/staff/permissions',
    body: { permission: 'users:read', is_granted: true },
  }),
  // Dry: what is imported has rows of its own, test/identity/imports.
  'POST /admin/import/members': () => ({
    path: '/admin/import/members?dry_run=true',
    csv: 'external_id,mobile,nickname,points\nM-1,13600000001,小林,12.5\n',
  }),
  'POST /admin/ip-allow-list': () => ({
    path: '/admin/ip-allow-list',
    body: { cidr: '127.0.0.0/8', note: '' },
  }),
  'DELETE /admin/ip-allow-list/:id': async ({ call }) => {
    const { data } = await call('GET', '/admin/ip-allow-list');
    return { path: `/admin/ip-allow-list/${data.items[0].entry_id}` };
  },
  'POST /admin/api-keys': () => ({
    path: '/admin/api-keys',
    body: { name: 'till', permissions: ['users:read'] },
  }),
  'POST /admin/api-keys/:id/rotate': async ({ call }) => {
    const { data } = await call('GET', '/admin/api-keys');
    return { path: `/admin/api-keys/${data.items[0].api_key_id}/rotate`, body: {} };
  },
  'DELETE /admin/api-keys/:id': async ({ call }) => {
    const { data } = await call('GET', '/admin/api-keys');
    return { path: `/admin/api-keys/${data.items[0].api_key_id}` };
  },
  'POST /admin/monitor/session': () => ({ path: '/admin/monitor/session' }),
};
