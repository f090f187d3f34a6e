/** Calls of restaurants, what is said there, and what people are told. */
import { NotificationBroadcast } from '../../../entities/notifications/NotificationBroadcast.ts';
import type { Administration } from '../administration.ts';
import type { GoodCalls } from './goodCall.ts';

export const TALK: GoodCalls = {
  'POST /admin/restaurants': () => ({
    path: '/admin/restaurants',
    body: { name: 'A restaurant', address: 'A street' },
  }),
  'PUT /admin/restaurants/:id': () => ({
    path: '/admin/restaurants/1',
    body: { version: 1, phone: '021-5555 0100' },
  }),
  'PUT /admin/chat/words': () => ({
    path: '/admin/chat/words',
    body: { version: 0, mask: ['a word'], refuse: [], allow: [] },
  }),
  'DELETE /admin/chat/messages/:id': async (here) => ({
    path: `/admin/chat/messages/${(await said(here)).messageId}`,
    body: { reason: 'a test' },
  }),
  'POST /admin/chat/reports/:id': async (here) => {
    const { messageId } = await said(here);
    const reported = { reason: 'spam' };
    const { data } = await here.call('POST', `/chat/messages/${messageId}/report`, reported, here.admin);
    return {
      path: `/admin/chat/reports/${data.report_id}`,
      body: { decision: 'delete', reason: 'a test' },
    };
  },
  'PUT /admin/chat/conversations/:id': async (here) => ({
    path: `/admin/chat/conversations/${(await said(here)).conversationId}`,
    body: { slow_mode_s: 5, reason: 'a test' },
  }),
  'PUT /admin/chat/conversations/:id/members/:user_id': async (here) => ({
    path: `/admin/chat/conversations/${(await said(here)).conversationId}/members/${here.diner.userId}`,
    body: { silenced_until: new Date(Date.now() + 60_000).toISOString(), reason: 'a test' },
  }),
  'PUT /admin/chat/members/:user_id': ({ diner }) => ({
    path: `/admin/chat/members/${diner.userId}`,
    body: { silenced_until: new Date(Date.now() + 60_000).toISOString(), reason: 'a test' },
  }),
  'PUT /admin/chat/agent': () => ({ path: '/admin/chat/agent', body: { online: false, limit: 7 } }),
  'POST /admin/chat/sessions/:id/take': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/take`,
  }),
  'POST /admin/chat/sessions/:id/transfer': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/transfer`,
    body: {},
  }),
  'POST /admin/chat/sessions/:id/resolve': async (here) => {
    const id = await waiting(here);
    await here.call('POST', `/admin/chat/sessions/${id}/take`);
    return { path: `/admin/chat/sessions/${id}/resolve` };
  },
  'POST /admin/chat/sessions/:id/close': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/close`,
  }),
  'POST /admin/notifications': ({ diner }) => ({
    path: '/admin/notifications',
    body: broadcastTo(diner.userId),
  }),
  'POST /admin/notifications/:id/cancel': async (here) => ({
    path: `/admin/notifications/${await broadcast(here)}/cancel`,
  }),
  'POST /admin/notifications/:id/retry': async (here) => {
    const broadcast_id = await broadcast(here);
    await here.venue.context.database.transaction((tx) =>
      tx.manager.update(NotificationBroadcast, { broadcast_id }, { status: 'failed', failed: 1 }),
    );
    return { path: `/admin/notifications/${broadcast_id}/retry` };
  },
};

/** The session of a diner, who has one. */
async function waiting({ call, venue }: Administration): Promise<number> {
  const diner = await venue.login('13900000010');
  const { data } = await call('POST', '/chat/conversations', { type: 'service' }, diner);
  return data.conversation_id as number;
}

/** By the diner, in a group of theirs and the administrator's. */
async function said({ venue, call, diner, admin }: Administration) {
  const group = { type: 'group', name: 'A dinner', member_ids: [admin.userId] };
  const { data } = await call('POST', '/chat/conversations', group, diner);
  const conversationId = data.conversation_id as number;
  const message = { client_msg_id: 'said', type: 'text', content: 'x' } as const;
  const { userId } = diner;
  const sent = await venue.context.conversations.send(conversationId, { userId, message });
  return { conversationId, messageId: sent.message_id };
}

function broadcastTo(userId: number) {
  const words = { 'zh-CN': '停机', en: 'No service' };
  return { user_ids: [userId], kind: 'system', type: 'maintenance', title: words, body: words };
}

/** One that is still to come. */
async function broadcast({ call, diner }: Administration): Promise<number> {
  const body = { ...broadcastTo(diner.userId), send_at: new Date(Date.now() + 3_600_000).toISOString() };
  return (await call('POST', '/admin/notifications', body)).data.broadcast_id as number;
}
