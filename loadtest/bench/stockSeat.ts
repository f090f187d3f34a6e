/** A seat by the stock SDK. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@colyseus/sdk';
import { joinError } from '../../src/client/kaijiangError.ts';

const TRIES = 60;
const RETRY_MS = 500;

/** As any client: what passes is asked again, for half a minute. @throws KaijiangError */
export async function joinCampaign<State>(
  { url, token }: { url: string; token: string },
  campaignId: number,
) {
  const client = new Client(url);
  client.auth.token = token;
  for (let tries = 1; ; tries++) {
    try {
      return await client.joinOrCreate<State>('campaign', { campaign_id: campaignId });
    } catch (thrown) {
      const error = joinError(thrown);
      if (!error.isPassing || tries === TRIES) throw error;
      await sleep(RETRY_MS);
    }
  }
}
