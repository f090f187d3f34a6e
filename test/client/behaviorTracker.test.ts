import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { isSampled } from '../../src/client/visitSample.ts';
import { eventually } from '../support/seat.ts';

interface Call {
  visit_id: string;
  sent_at: string;
  behaviors: { event_id: string; name: string }[];
}

/** As the server answers; what is told of is kept by its id. */
describe('what a client tells of', () => {
  let calls: Call[];
  let answers: ((response: ServerResponse) => void)[];
  let samplePercent: number;
  let client: KaijiangClient;
  let close: () => Promise<void>;
  const accept = (response: ServerResponse) =>
    response.end(JSON.stringify({ success: true, code: 'OK', data: { sample_percent: samplePercent } }));
  const refuse = (status: number, code: string) => (response: ServerResponse) => {
    response.statusCode = status;
    response.setHeader('retry-after', '1');
    response.end(JSON.stringify({ success: false, code, message: code, retry_after: 1 }));
  };

  beforeEach('a server that counts', async () => {
    calls = [];
    answers = [];
    samplePercent = 100;
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        calls.push(JSON.parse(Buffer.concat(parts).toString()) as Call);
        (answers.shift() ?? accept)(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new KaijiangClient({ url, accessToken: 'token' });
    close = async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    };
  });
  afterEach(() => close());

  const track = (count: number, from = 0) => {
    for (let n = from; n < from + count; n++) client.track({ kind: 'action', name: `act-${n}` });
  };
  const names = (call: Call) => call.behaviors.map(({ name }) => name);
  const told = () => [...new Set(calls.flatMap(names))];

  it('B-1 twenty are sent at once, a few after some seconds, in their order and by one visit', async function () {
    this.timeout(15_000);
    track(20);
    await eventually(() => assert.equal(calls.length, 1), 2000);
    track(2, 20);
    await eventually(() => assert.equal(calls.length, 2), 8000);
    assert.deepEqual(
      told(),
      Array.from({ length: 22 }, (_, n) => `act-${n}`),
    );
    assert.equal(new Set(calls.map(({ visit_id }) => visit_id)).size, 1);
  });

  it('RS-4 after a lost answer, 429 and 503 the same ids are sent again; what is refused for good is not', async function () {
    this.timeout(20_000);
    const lost = (response: ServerResponse) => void response.socket!.destroy();
    answers = [lost, refuse(429, 'RATE_LIMITED'), refuse(503, 'BUSY')];
    track(20);
    await eventually(() => assert.equal(calls.length, 4), 15_000);
    const ids = calls.map(({ behaviors }) => behaviors.map(({ event_id }) => event_id));
    assert.deepEqual(new Set(ids.map((one) => one.join())).size, 1);
    answers = [refuse(400, 'VALIDATION_FAILED')];
    track(20, 20);
    await eventually(() => assert.equal(calls.length, 5), 2000);
    track(20, 40);
    await eventually(() => assert.equal(calls.length, 6), 8000);
    assert.deepEqual(names(calls[5]!)[0], 'act-40');
  });

  it('B-1 of more than is kept the oldest are dropped, and nothing is thrown into the page', async function () {
    this.timeout(15_000);
    client.accessToken = undefined;
    track(700);
    assert.equal(calls.length, 0);
    client.accessToken = 'token';
    track(1, 700);
    await eventually(() => assert.equal(told().length, 500), 10_000);
    assert.ok(calls.every(({ behaviors }) => behaviors.length <= 100));
    assert.deepEqual([told()[0], told().at(-1)], ['act-201', 'act-700']);
  });

  it('B-3 of visits outside of the sample nothing more is told', async () => {
    samplePercent = 0;
    track(20);
    await eventually(() => assert.equal(calls.length, 1), 2000);
    track(40, 20);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(calls.length, 1);
    for (const percent of [0, 1, 25, 100]) {
      const visits = Array.from({ length: 20_000 }, (_, n) => `visit-${n}`);
      const share = visits.filter((id) => isSampled(id, percent)).length / 200;
      assert.ok(Math.abs(share - percent) < 1 && (percent > 0 || share === 0), `${percent}: ${share}`);
    }
  });
});
