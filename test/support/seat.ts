import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Room } from '@colyseus/sdk';
import type { CampaignState } from '../../rooms/campaign/campaignState.ts';
import type { PublicError } from '../../src/platform/errors.ts';
import type { DrawReply, Standing } from '../../src/lottery/messages.ts';
import type { RunningServer } from './server.ts';

const POLL_MS = 20;
const PATIENCE_MS = 8_000;

/** One diner in a campaign's room, over the stock SDK. */
export interface Seat {
  mobile: string;
  token: string;
  userId: number;
  room: Room;
  /** The statuses that `campaign` messages have told so far. */
  statuses: string[];
  state(): CampaignState;
  /** The state as plain values. */
  shown(): ReturnType<CampaignState['toJSON']>;
  draw(payload: object): Promise<DrawReply>;
  me(): Promise<Standing>;
  /** Why a request that must be refused was refused. */
  refusal(type: string, payload?: unknown): Promise<PublicError>;
}

/** Logs in and joins. */
export async function takeSeat(server: RunningServer, mobile: string, campaignId = 1): Promise<Seat> {
  const { token, userId } = await server.login(mobile);
  const room = await server.joinCampaign(token, campaignId);
  const statuses: string[] = [];
  room.onMessage('campaign', ({ status }: { status: string }) => statuses.push(status));
  room.onMessage('moved', () => undefined);
  return {
    mobile,
    token,
    userId,
    room,
    statuses,
    state: () => room.state as CampaignState,
    shown: () => (room.state as CampaignState).toJSON(),
    draw: (payload) => room.request<object, DrawReply>('draw', payload),
    me: () => patiently(() => room.request<object, Standing>('me', {})),
    refusal: (type, payload) => refusalOf(room.request(type, payload)),
  };
}

/** Comes again when told that it comes too often, as clients do. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const untilMs = Date.now() + PATIENCE_MS; ;) {
    try {
      return await ask();
    } catch (error) {
      const { reason } = error as { reason?: PublicError };
      if (reason?.code !== 'RATE_LIMITED' || Date.now() > untilMs) throw error;
      await sleep(10 * POLL_MS);
    }
  }
}

/** The reason a request was rejected with; a fault of the server or an answer fails the test. */
export async function refusalOf(request: Promise<unknown>): Promise<PublicError> {
  const outcome = await request.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
  assert.ok('error' in outcome, `was answered: ${JSON.stringify(outcome)}`);
  const { reason } = outcome.error as { reason?: PublicError };
  assert.ok(reason !== undefined, `was rejected without a reason: ${String(outcome.error)}`);
  return reason;
}

/** Resolves once `check` passes; after a while its last failure is the test's. State patches and clocks take their time. */
export async function eventually(check: () => void | Promise<void>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
    }
    await sleep(POLL_MS);
  }
}
