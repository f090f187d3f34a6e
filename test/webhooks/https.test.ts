import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { until } from '../platform/events/relays.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';

const DELAY_MS = 120_000;

onSqlite('an endpoint over https', (_open, openUrl) => {
  needs('openssl');
  let folder: string;
  let certificate: string;
  let endpoint: string;
  let told: string[];
  let closeEndpoint: () => Promise<void>;
  let url: string;
  let server: ServerProcess | undefined;
  before('it has a certificate that nobody else has signed', async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-https-'));
    certificate = join(folder, 'own.pem');
    const key = join(folder, 'own.key');
    const subject = ['-subj', '/CN=endpoint', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files];
    const { status, stderr } = spawnSync('openssl', made, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    told = [];
    const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
    const receiver = createServer(tls, (request, response) => {
      told.push(String(request.headers['webhook-id']));
      request.resume().on('end', () => response.writeHead(204).end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    endpoint = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
    closeEndpoint = () =>
      new Promise((resolve) => {
        receiver.close(() => resolve());
        receiver.closeAllConnections();
      });
  });
  after(async () => {
    await server?.end('SIGKILL');
    await closeEndpoint?.();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const start = async (environment: Record<string, string> = {}) => {
    server = await startServerProcess(url, { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...environment });
  };
  const call = async (method: string, path: string, token = '', body?: object) => {
    const answer = await fetch(`${server!.origin}/api/v3${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token !== '' && { Authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return ((await answer.json()) as { data: any }).data;
  };
  const login = async (mobile: string): Promise<string> =>
    (await call('POST', '/auth/login', '', { mobile, code: '123456' })).access_token;

  it('E-6 is told nothing while its certificate is not trusted, which the delivery says, and everything once its authority is', async () => {
    await start();
    const token = await login('13800000000');
    const events = { url: endpoint, events: ['user:login'] };
    const { webhook_id: id } = await call('POST', '/admin/webhooks', token, events);
    await login('13900000001');
    const deliveries = async (by: string) =>
      (await call('GET', `/admin/webhooks/${id}/deliveries?limit=50`, by)).items as any[];
    await until(async () => (await deliveries(token)).some(({ attempts }) => attempts > 0), 20_000);
    const failed = (await deliveries(token)).find(({ attempts }) => attempts > 0);
    assert.deepEqual(
      [failed.status, failed.last_status, failed.last_error],
      ['pending', null, 'its certificate is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT'],
    );
    assert.equal(told.length, 0);
    await server!.end('SIGTERM');

    await start({ NODE_EXTRA_CA_CERTS: certificate });
    const again = await login('13800000000');
    // It is tried again by itself some seconds after it has failed.
    const isDelivered = async () => {
      const delivery = (await deliveries(again)).find((one) => one.delivery_id === failed.delivery_id);
      return delivery?.status === 'delivered';
    };
    await until(isDelivered, 30_000);
    assert.ok(told.includes(`evt_${failed.event_id}`));
  }).timeout(DELAY_MS);
});
