import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

const CAP = 5;

forEachDatabase('the cap on text messages', (_open, openUrl) => {
  let server: RunningServer;
  const sent: string[] = [];
  before(async () => {
    server = await startServer(await openUrl(), {
      sender: { send: async (mobile) => void sent.push(mobile) },
      environment: { AUTH_CODES_PER_HOUR: String(CAP), TRUSTED_PROXIES: '127.0.0.1' },
    });
  });
  after(() => server?.close());
  const ask = (at: number, address = at) =>
    server.api('POST', '/auth/code', {
      body: { mobile: String(13_100_000_000 + at) },
      headers: { 'X-Forwarded-For': `198.51.100.${address}` },
    });
  const alarms = async () => {
    const rows = await server.context.database.read<{ event_data: string }>(
      "SELECT event_data FROM business_events WHERE event_type = 'sms:cap_reached'",
    );
    return rows.map((row) => JSON.parse(row.event_data) as object);
  };

  it('A-2 no more are sent in an hour, to whichever numbers and networks, and one alarm is given', async () => {
    assert.equal((await ask(0)).code, 'OK');
    // Refused before it would be sent: costs nothing.
    for (let again = 0; again < CAP; again++) assert.equal((await ask(0)).code, 'RATE_LIMITED');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(at + 1)));
    assert.equal(answers.filter(({ code }) => code === 'OK').length, CAP - 1);
    for (const { code, headers } of answers) {
      if (code === 'OK') continue;
      assert.equal(code, 'RATE_LIMITED');
      assert.ok(Number(headers.get('Retry-After')) > 3000);
    }
    assert.equal(sent.length, CAP);
    assert.deepEqual(await alarms(), [{ codes_per_hour: CAP }]);
  });

  it('A-2 a code that was not sent is not there either', async () => {
    const rows = await server.context.database.read<{ n: number | string }>(
      'SELECT COUNT(*) AS n FROM verification_codes',
    );
    assert.equal(Number(rows[0]!.n), CAP);
  });
});
