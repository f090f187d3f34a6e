/** What clients tell of what diners do on the pages, and what that comes to. */
import type { Ask, Callers } from './contractCallers.ts';

export async function watchPages(ask: Ask, { diner, superAdmin: token }: Callers): Promise<void> {
  const at = new Date().toISOString();
  const page = { event_id: 'contract', kind: 'page', name: 'home', at };
  const body = { sent_at: at, visit_id: 'visit', behaviors: [page, { ...page, kind: 'none' }, {}] };
  await ask({ operation: 'POST /analytics/behaviors', token: diner, body });
  await ask({ operation: 'GET /analytics/realtime', token, query: 'period=hour&kind=page&name=home' });
  await ask({ operation: 'GET /analytics/realtime/names', token, query: 'period=day&kind=page' });
}
