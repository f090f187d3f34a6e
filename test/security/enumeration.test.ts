import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { startServer, type RunningServer } from '../support/server.ts';

const NUMBERS = 40;
/** How much longer a known number may take than an unknown one, or the other way round; noise of a busy machine included. */
const MOST_RATIO = 3;
const NOISE_MS = 4;

forEachDatabase('enumeration of numbers', (_open, openUrl) => {
  let server: RunningServer;
  let known: string[];
  const unknown = Array.from({ length: NUMBERS }, (_, at) => String(13_200_000_000 + at));
  before(async () => {
    server = await startServer(await openUrl(), {
      environment: { AUTH_CODES_PER_IP_PER_HOUR: '100000' },
      sender: { send: async () => undefined },
    });
    const { database } = server.context;
    const ids = await createUsers(database, NUMBERS);
    const rows = await database.read<{ mobile: string }>(
      `SELECT mobile FROM users WHERE user_id IN (${ids.join(', ')})`,
    );
    known = rows.map(({ mobile }) => mobile);
  });
  after(() => server?.close());

  /** Asks about known and unknown numbers in turn, each once, and compares what is answered and how fast. */
  const cannotTell = async (ask: (mobile: string) => Promise<unknown>) => {
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (let at = 0; at < NUMBERS; at++) {
      const answers: Record<string, unknown> = {};
      // Which comes first changes, since the second finds everything warm.
      const order = [['known', known[at]!] as const, ['unknown', unknown[at]!] as const];
      for (const [which, mobile] of at % 2 === 0 ? order : order.reverse()) {
        const startMs = performance.now();
        answers[which] = await ask(mobile);
        times[which].push(performance.now() - startMs);
      }
      assert.deepEqual(answers['known'], answers['unknown']);
    }
    const [a, b] = [median(times.known), median(times.unknown)];
    assert.ok(Math.max(a, b) < Math.min(a, b) * MOST_RATIO + NOISE_MS, `${a} ms against ${b} ms`);
  };
  const asking = (path: string, body: object) => async (mobile: string) => {
    const {
      status,
      headers,
      message: _,
      ...answer
    } = await server.api('POST', path, { body: { mobile, ...body } });
    const names = [...headers.keys()].filter((name) => name !== 'retry-after').sort();
    const data = JSON.stringify(answer.data)?.replaceAll(mobile, '');
    return { status, code: answer.code, keys: Object.keys(answer).sort(), data, names };
  };

  it('A-11 a code can be asked for any number, and the answer does not tell whether it is known', () =>
    cannotTell(asking('/auth/code', {})));

  it('A-11 nor does the answer to a second request within the minute', () =>
    cannotTell(asking('/auth/code', {})));

  it('A-11 a wrong code is answered the same for a known and an unknown number', async () => {
    await cannotTell(asking('/auth/login', { code: '000000' }));
    await cannotTell(asking('/auth/login', { code: '000000', device_id: 'one-device' }));
  });
});

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
