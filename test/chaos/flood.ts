import { Agent, request } from 'node:http';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';

export interface Flood {
  url: string;
  token: string;
  campaignId: number;
  durationMs: number;
}

const FRAMES_AT_ONCE = 200;
const CALLS_AT_ONCE = 16;
/** The calls come from an address of their own, as those of a stranger do. */
const SOURCE_ADDRESS = '127.0.0.2';

/** One client that sends as fast as it can: over a socket while that is left open, and REST calls with a bad token. */
export async function flood({ url, token, campaignId, durationMs }: Flood): Promise<string> {
  const untilMs = performance.now() + durationMs;
  const [frames, calls] = await Promise.all([
    floodSocket({ url, token, campaignId, durationMs }, untilMs),
    floodCalls(url, untilMs),
  ]);
  return `${frames}, ${calls} calls`;
}

async function floodSocket({ url, token, campaignId }: Flood, untilMs: number): Promise<string> {
  const client = new Client(url);
  client.auth.token = token;
  let room: Room;
  try {
    room = await client.joinOrCreate('campaign', { campaign_id: campaignId });
  } catch (error) {
    // Something else is broken at the moment; then there is no socket to flood.
    return `no socket (${(error as Error).message.slice(0, 40)})`;
  }
  room.reconnection.enabled = false;
  room.onMessage('*', () => undefined);
  let closedWith: number | undefined;
  room.onLeave((code) => (closedWith = code));
  let frames = 0;
  while (closedWith === undefined && performance.now() < untilMs) {
    for (let at = 0; at < FRAMES_AT_ONCE && room.connection.isOpen; at++, frames++) {
      if (at % 2 === 0) room.send('draw', { request_id: '!' });
      else room.send('nothing', {});
    }
    await turn();
  }
  const ended = closedWith === undefined ? 'left open' : `closed with ${closedWith}`;
  if (room.connection.isOpen) room.connection.close();
  return `${frames} frames, ${ended}`;
}

async function floodCalls(url: string, untilMs: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS_AT_ONCE });
  let calls = 0;
  const call = () =>
    new Promise<void>((resolve) => {
      const options = { agent, localAddress: SOURCE_ADDRESS, headers: { authorization: 'Bearer x.y.z' } };
      const sent = request(`${url}/api/v3/auth/me`, options, (response) => {
        response.resume().on('end', resolve);
      });
      // Whether a flood is answered is the node's affair; what matters is the others.
      sent.on('error', () => void sleep(10).then(resolve));
      sent.end();
    });
  await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, async () => {
      for (; performance.now() < untilMs; calls++) await call();
    }),
  );
  agent.destroy();
  return calls;
}
