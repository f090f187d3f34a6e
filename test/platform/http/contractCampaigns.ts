/** One success of every operation on campaigns as operators have them, and what they refuse for how things are. */
import { campaignBody } from '../../lottery/manage/operators.ts';
import type { Ask, Asked, Callers } from './contractCallers.ts';

/** One that runs, one that waits for a second person, and one that is gone. */
export async function manageCampaigns(ask: Ask, callers: Callers): Promise<void> {
  const { admin, superAdmin } = callers;
  const create = { operation: 'POST /admin/campaigns', token: admin, body: campaignBody() };
  const { campaign_id: id, version } = await ask({ ...create, key: 'campaign' });
  await ask({ ...create, key: 'campaign' });
  const ofCampaign = { token: admin, path: { id } };
  await ask({ operation: 'GET /admin/campaigns', token: admin, query: 'status=draft&limit=5' });
  await ask({ operation: 'GET /admin/campaigns/{id}', ...ofCampaign });
  const edit = { operation: 'PUT /admin/campaigns/{id}', ...ofCampaign };
  await ask({ ...edit, body: { version, name: '周末' } });
  const { campaign_id: cloneId } = await ask({
    operation: 'POST /admin/campaigns/{id}/clone',
    ...ofCampaign,
  });
  await ask({ operation: 'DELETE /admin/campaigns/{id}', token: admin, path: { id: cloneId } });
  const start = { operation: 'POST /admin/campaigns/{id}/status', ...ofCampaign, body: { status: 'active' } };
  const started = await ask({ ...start, waits: true });
  await ask({ operation: 'GET /admin/approvals', token: admin, query: 'status=pending&limit=5' });
  const approval = { token: superAdmin, path: { id: started.approval_id } };
  await ask({ operation: 'GET /admin/approvals/{id}', ...approval });
  const agree = { decision: 'approve', reason: '已核对' };
  await ask({ operation: 'POST /admin/approvals/{id}', ...approval, body: agree });
  const changed = await ask({ ...edit, body: { version: version + 1, free_draws_per_day: 1 }, waits: true });
  callers.managed = { campaignId: id, approvalId: started.approval_id, pendingId: changed.approval_id };
}

const MISSING = { id: 2_147_483_647 };

export function refusalsOfCampaigns({ admin, managed }: Callers): [Asked, number, string][] {
  const path = { id: managed.campaignId };
  const edit = { operation: 'PUT /admin/campaigns/{id}', token: admin };
  const remove = { operation: 'DELETE /admin/campaigns/{id}', token: admin };
  const clone = { operation: 'POST /admin/campaigns/{id}/clone', token: admin };
  const decide = { operation: 'POST /admin/approvals/{id}', token: admin, body: { decision: 'approve' } };
  const other = { operation: 'POST /admin/campaigns', token: admin, key: 'campaign' };
  return [
    [{ ...other, body: campaignBody({ name: 'B' }) }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ operation: 'GET /admin/campaigns/{id}', token: admin, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...edit, path: MISSING, body: { version: 1 } }, 404, 'NOT_FOUND'],
    [{ ...edit, path, body: { version: 1, name: 'stale' } }, 409, 'CONFLICT'],
    [{ ...remove, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...remove, path }, 409, 'CONFLICT'],
    [{ ...clone, path: MISSING }, 404, 'NOT_FOUND'],
    [{ operation: 'GET /admin/approvals/{id}', token: admin, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...decide, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...decide, path: { id: managed.approvalId } }, 409, 'CONFLICT'],
    [{ ...decide, path: { id: managed.pendingId } }, 403, 'FORBIDDEN'],
  ];
}
