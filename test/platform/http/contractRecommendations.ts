/** One success of every operation on what people may like, and on the models behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;
const TRIES = 40;
const PAUSE_MS = 250;

export async function recommendThings(ask: Ask, { winner: diner, dinerId, superAdmin: token }: Callers) {
  const given = await ask({
    operation: 'GET /smart/recommendations',
    token: diner,
    query: 'kind=all&limit=5',
  });
  const { item_type, item_id } = given.items[0];
  const of = { recommendation_id: given.recommendation_id, item_type, item_id };
  const said = { operation: 'POST /smart/feedback', token: diner };
  await ask({ ...said, body: { feedback: 'clicked', ...of } });
  await ask({ ...said, body: { feedback: 'not_interested', ...of } });
  await ask({ ...said, key: 'said', body: { feedback: 'general', satisfaction: 5, text: '很好' } });
  await ask({ operation: 'GET /smart/feedback', token, query: 'kind=general&limit=1' });
  const path = { user_id: dinerId };
  await ask({ operation: 'GET /smart/people/{user_id}/recommendations', token, path, query: 'kind=ways' });
  const version = await servedModel(ask, token);
  await ask({ operation: 'GET /smart/models/{version}/report', token, path: { version } });
  await ask({ operation: 'POST /smart/models/{version}/activate', token, path: { version } });
}

/** What has been done here is counted a moment later; nobody can learn of it before. */
async function servedModel(ask: Ask, token: string): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { items } = await ask({ operation: 'GET /smart/models', token, query: 'limit=5' });
    const [newest] = items;
    if (newest?.status === 'serving') return newest.version;
    if (newest?.status !== 'training')
      await ask({ operation: 'POST /smart/models', token, key: `train-${tries}` });
    await sleep(PAUSE_MS);
  }
  throw new Error('No model serves');
}

export function refusalsOfRecommendations({ winner, superAdmin: token }: Callers): [Asked, number, string][] {
  const missing = { token, path: { version: MISSING } };
  const nobody = { token, path: { user_id: MISSING } };
  const again = { operation: 'POST /smart/feedback', token: winner, key: 'said' };
  return [
    [{ ...again, body: { feedback: 'general', satisfaction: 1 } }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ operation: 'GET /smart/models/{version}/report', ...missing }, 404, 'NOT_FOUND'],
    [{ operation: 'POST /smart/models/{version}/activate', ...missing }, 404, 'NOT_FOUND'],
    [{ operation: 'GET /smart/people/{user_id}/recommendations', ...nobody }, 404, 'NOT_FOUND'],
  ];
}
