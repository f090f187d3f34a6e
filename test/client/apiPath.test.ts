import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api } from '../../src/client/api.ts';

describe('client below the path of a proxy', () => {
  for (const [given, root] of [
    ['', ''],
    ['/', ''],
    ['/kj', '/kj'],
    ['/kj/', '/kj'],
    ['/a/b?c=d', '/a/b'],
  ]) {
    it(`asks ${root}/api/v3 when its server is given with ${given || 'nothing'} at the end`, async () => {
      const asked: string[] = [];
      const server = createServer(({ url }, response) => {
        asked.push(url!);
        response.end(JSON.stringify({ success: true, code: 'OK', message: 'OK', data: 1 }));
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${given}`;
      const api = new Api({ url, token: () => undefined, renewToken: async () => false });
      await api.get('/lottery/history?limit=1');
      assert.deepEqual(asked, [`${root}/api/v3/lottery/history?limit=1`]);
      server.closeAllConnections();
      server.close();
    });
  }
});
