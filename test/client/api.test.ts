import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'mocha';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { KaijiangError } from '../../src/client/kaijiangError.ts';
import { onSqlite } from '../support/databases.ts';
import { SMALL_GIF } from '../support/forms.ts';
import { startServer, type RunningServer } from '../support/server.ts';

const FOLDER = new URL('../../src/client/', import.meta.url);

async function refusalOf(work: Promise<unknown>): Promise<KaijiangError> {
  const thrown: unknown = await work.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof KaijiangError, String(thrown));
  return thrown;
}

onSqlite('client over REST', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl(), { environment: { AUTH_LOGINS_PER_IP_PER_MINUTE: '3' } });
  });
  after(() => server?.close());

  it('gives the data of the envelope, and throws what is refused', async () => {
    const client = new KaijiangClient({ url: server.origin });
    const anonymous = await refusalOf(client.api.get('/auth/me'));
    assert.deepEqual(
      [anonymous.code, anonymous.status, anonymous.isPassing],
      ['UNAUTHENTICATED', 401, false],
    );
    const wrong = await refusalOf(client.login('13900000001', '000000'));
    assert.deepEqual([wrong.status, client.accessToken], [401, undefined]);
    const { user } = await client.login('13900000001', '123456');
    assert.deepEqual(await client.api.get('/auth/me'), { ...user, permissions: [] });
    assert.equal(
      (await client.api.patch<{ nickname: string }>('/auth/me', { nickname: '老王' })).nickname,
      '老王',
    );
    const malformed = await refusalOf(
      client.api.post('/lottery/draw', { campaign_id: 'one', request_id: 'a' }),
    );
    assert.deepEqual([malformed.code, malformed.status], ['VALIDATION_FAILED', 400]);
    assert.equal((malformed.details as { path: string }[])[0]!.path, 'campaign_id');
    const spend = (amount: number) =>
      client.api.post<object>('/points/consume', { amount, reason: 'tea' }, { idempotencyKey: 'tea-1' });
    const first = await spend(5);
    assert.deepEqual(await spend(5), first);
    assert.equal((await refusalOf(spend(6))).code, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('R-5 sends a picture, the same one again, and says why one is refused', async () => {
    const client = new KaijiangClient({ url: server.origin });
    await client.login('13900000001', '123456');
    const file = new Blob([Buffer.from(SMALL_GIF, 'latin1')]);
    const sent = await client.uploadImage(file);
    assert.deepEqual([sent.width, sent.height], [1, 1]);
    assert.deepEqual(await client.uploadImage(file), sent);
    assert.equal((await fetch(server.origin + sent.thumbnail_url)).status, 200);
    const none = await refusalOf(client.uploadImage(new Blob(['no picture'])));
    assert.deepEqual([none.code, none.status], ['VALIDATION_FAILED', 400]);
    assert.match(JSON.stringify(none.details), /is no picture/);
    const large = await refusalOf(client.uploadImage(new Blob([new Uint8Array(9_000_000)])));
    assert.equal(large.code, 'PAYLOAD_TOO_LARGE');
    const given = await refusalOf(client.uploadImage(file, { signal: AbortSignal.abort() }));
    assert.deepEqual([given.code, given.isPassing], ['UNREACHABLE', true]);
  });

  it('says when a rate limited call may be made again', async () => {
    const client = new KaijiangClient({ url: server.origin });
    let refusal: KaijiangError | undefined;
    for (let at = 0; refusal === undefined && at < 5; at++) {
      await client.login('13900000002', '123456').catch((error: KaijiangError) => (refusal = error));
    }
    assert.deepEqual([refusal?.code, refusal?.isPassing], ['RATE_LIMITED', true]);
    assert.ok(refusal!.retryAfterSeconds! > 0);
  });

  it('takes nobody, and a page of something in between, for a server that is away', async () => {
    const page = createServer((_request, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'));
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const client = new KaijiangClient({ url });
    const inBetween = await refusalOf(client.api.get('/auth/me'));
    assert.deepEqual([inBetween.code, inBetween.status], ['UNREACHABLE', 502]);
    page.closeAllConnections();
    page.close();
    const nobody = await refusalOf(client.api.get('/auth/me'));
    assert.deepEqual([nobody.code, nobody.status, nobody.isPassing], ['UNREACHABLE', 0, true]);
  });

  it('imports nothing at run time that a browser does not have', () => {
    for (const file of readdirSync(FOLDER)) {
      const source = readFileSync(new URL(file, FOLDER), 'utf8');
      for (const [line, from] of source.matchAll(/^(?:import|export)\b(?! type)[^;]*? from '([^']+)';$/gm)) {
        assert.ok(/^\.\/|^@colyseus\/sdk$/.test(from!), `${file}: ${line}`);
      }
    }
  });
});
