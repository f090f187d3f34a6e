import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAliyunSender } from '../../../src/identity/login/aliyunSender.ts';
import { createSender } from '../../../src/identity/login/sender.ts';
import type { CodeSender } from '../../../src/identity/login/codeSender.ts';
import type { AliyunSmsSettings } from '../../../src/identity/login/senderSettings.ts';
import { AppError, type ErrorCode } from '../../../src/platform/errors.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { freePort } from '../../support/services.ts';

const MOBILE = '13912345678';
const CODE = '480613';
const KEY_ID = 'LTAI5tTestOfTheSender';
const KEY_SECRET = 'bXkgYWNjZXNzIGtleSBzZWNyZXQ';

/** The carrier as this test's HTTP server: keeps what arrives, and answers as `answer` says. */
class Carrier {
  readonly requests: { request: IncomingMessage; query: URLSearchParams; body: string }[] = [];
  answer: (response: ServerResponse) => void = accept;
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { searchParams } = new URL(request.url!, 'http://carrier');
      this.requests.push({ request, query: searchParams, body });
      this.answer(response);
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function accept(response: ServerResponse): void {
  answerJson({ Code: 'OK', Message: 'OK', BizId: '900619746936498440^0' })(response);
}

function answerJson(fields: object, status = 200): (response: ServerResponse) => void {
  const body = JSON.stringify({ RequestId: 'F655A8D5-B967-440B-8683-DAD6FF8DE990', ...fields });
  return (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** The signature of ACS3-HMAC-SHA256, made again from what has arrived. */
function signatureOf(request: IncomingMessage, query: URLSearchParams, body: string): string {
  const signed = /SignedHeaders=([^,]+)/.exec(request.headers.authorization!)![1]!.split(';');
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    request.method,
    '/',
    [...query]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&'),
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signed.join(';'),
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  return createHmac('sha256', KEY_SECRET).update(toSign).digest('hex');
}

describe('the Aliyun sender', () => {
  const carrier = new Carrier();
  let settings: AliyunSmsSettings;
  let sender: CodeSender;
  let log = '';
  const logger = createLogger('trace', { write: (line) => (log += line) });
  before(async () => {
    settings = {
      accessKeyId: KEY_ID,
      accessKeySecret: KEY_SECRET,
      signName: '开奖 (测试)*',
      templateCode: 'SMS_154950909',
      endpoint: await carrier.start(),
    };
    sender = createSender({ aliyunSms: settings, production: true }, logger);
  });
  beforeEach(() => {
    carrier.requests.length = 0;
    carrier.answer = accept;
    log = '';
  });
  after(() => carrier.stop());
  afterEach('nothing secret is logged', () => {
    for (const secret of [MOBILE, CODE, KEY_SECRET]) assert.ok(!log.includes(secret), `${secret} in ${log}`);
  });

  /** The send is refused, after one request at most, and logged with these words. */
  const assertRefused = async (refusal: ErrorCode, logged: RegExp, retryAfterSeconds?: number) => {
    await assert.rejects(sender.send(MOBILE, CODE), (error) => {
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.code, refusal);
      if (retryAfterSeconds !== undefined) assert.equal(error.retryAfterSeconds, retryAfterSeconds);
      const shown = `${error.message} ${String(error.stack)} ${String(error.cause)} ${JSON.stringify(error.details)}`;
      for (const secret of [MOBILE, CODE, KEY_SECRET]) assert.ok(!shown.includes(secret), shown);
      return true;
    });
    assert.ok(carrier.requests.length <= 1, 'it was sent again');
    assert.match(log, logged);
    assert.equal(log.trim().split('\n').length, 1);
  };

  it('A-3 sends one signed SendSms request', async () => {
    await sender.send(MOBILE, CODE);
    assert.equal(carrier.requests.length, 1);
    const { request, query, body } = carrier.requests[0]!;
    assert.equal(request.method, 'POST');
    assert.deepEqual(Object.fromEntries(query), {
      PhoneNumbers: MOBILE,
      SignName: settings.signName,
      TemplateCode: settings.templateCode,
      TemplateParam: `{"code":"${CODE}"}`,
    });
    const { headers } = request;
    assert.equal(headers['x-acs-action'], 'SendSms');
    assert.equal(headers['x-acs-version'], '2017-05-25');
    assert.equal(headers.host, settings.endpoint);
    assert.equal(headers['x-acs-content-sha256'], createHash('sha256').update(body).digest('hex'));
    assert.ok(Math.abs(Date.parse(headers['x-acs-date'] as string) - Date.now()) < 60_000);
    const authorization = headers.authorization!;
    assert.ok(
      authorization.startsWith(`ACS3-HMAC-SHA256 Credential=${KEY_ID},SignedHeaders=`),
      authorization,
    );
    for (const name of [
      'host',
      'x-acs-action',
      'x-acs-content-sha256',
      'x-acs-date',
      'x-acs-signature-nonce',
    ])
      assert.match(authorization, new RegExp(`[=;]${name}[;,]`));
    assert.ok(authorization.endsWith(`,Signature=${signatureOf(request, query, body)}`), authorization);
    assert.equal(log, '');
  });

  it('A-3 no two requests have the same nonce', async () => {
    for (let i = 0; i < 3; i++) await sender.send(MOBILE, CODE);
    assert.equal(
      new Set(carrier.requests.map(({ request }) => request.headers['x-acs-signature-nonce'])).size,
      3,
    );
  });

  const LIMITS_OF_THE_CARRIER: [code: string, message: string, retryAfterSeconds: number][] = [
    ['isv.BUSINESS_LIMIT_CONTROL', '触发分钟级流控Permits:1', 60],
    ['isv.BUSINESS_LIMIT_CONTROL', '触发小时级流控Permits:5', 3600],
    ['isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:10', 86_400],
    ['isv.DAY_LIMIT_CONTROL', '触发日发送限额', 86_400],
  ];
  for (const [code, message, seconds] of LIMITS_OF_THE_CARRIER) {
    it(`A-2 ${message} is RATE_LIMITED`, async () => {
      carrier.answer = answerJson({ Code: code, Message: message });
      await assertRefused('RATE_LIMITED', new RegExp(code), seconds);
    });
  }

  const FAILURES: [code: string, status: number][] = [
    ['isv.MOBILE_NUMBER_ILLEGAL', 200],
    ['isv.AMOUNT_NOT_ENOUGH', 200],
    ['isp.SYSTEM_ERROR', 200],
    ['SignatureDoesNotMatch', 400],
    ['InvalidAccessKeyId.NotFound', 404],
    ['Throttling.User', 400],
    ['ServiceUnavailable', 503],
  ];
  for (const [code, status] of FAILURES) {
    it(`A-3 ${status} ${code} is BUSY, and its texts, which quote the request, are not logged`, async () => {
      const message = `${MOBILE} invalid; string to sign is POST&%7B"code":"${CODE}"%7D with ${KEY_SECRET}`;
      carrier.answer = answerJson({ Code: code, Message: message, Recommend: message }, status);
      await assertRefused('BUSY', new RegExp(`"code":"${code}".*"requestId":"F655A8D5-`));
    });
  }

  const GARBAGE: [title: string, status: number, body: string][] = [
    ['a page of a proxy', 200, `<html>${MOBILE}</html>`],
    ['a page of a proxy with 502', 502, '<html></html>'],
    ['nothing', 200, ''],
    ['null', 200, 'null'],
    ['a list', 200, '[1, 2]'],
    ['an object without a code', 200, '{}'],
    ['a code that is none', 200, `{"Code": {"x": "${MOBILE}"}}`],
    ['a code that is a mobile', 200, `{"Code": "${MOBILE}"}`],
    ['an error that says OK', 400, '{"Code": "OK", "Message": "OK"}'],
    ['an error without a body', 500, ''],
    ['half an answer', 200, `{"Code": "OK", "Mess`],
  ];
  for (const [title, status, body] of GARBAGE) {
    it(`A-3 ${title} is BUSY`, async () => {
      carrier.answer = (response) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      await assertRefused('BUSY', /a code was not sent/);
    });
  }

  it('A-3 a connection that ends without an answer is BUSY', async () => {
    carrier.answer = (response) => response.destroy();
    await assertRefused('BUSY', /ECONNRESET/);
  });

  it('A-3 an answer that never comes is BUSY within 5 seconds', async () => {
    carrier.answer = () => undefined;
    const startMs = performance.now();
    await assertRefused('BUSY', /RequestTimeoutError/);
    assert.ok(performance.now() - startMs < 5500);
  });

  it('A-3 an answer that comes byte by byte is BUSY within 8 seconds, also on a connection used before', async () => {
    await sender.send(MOBILE, CODE);
    carrier.requests.length = 0;
    let timer: NodeJS.Timeout | undefined;
    carrier.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      timer = setInterval(() => response.write(' '), 200);
    };
    const startMs = performance.now();
    try {
      await assertRefused('BUSY', /DeadlineExceeded|RequestTimeoutError|ECONNRESET/);
    } finally {
      clearInterval(timer);
    }
    assert.ok(performance.now() - startMs < 8500);
  });

  it('A-3 a carrier that is not there is BUSY', async () => {
    const endpoint = `127.0.0.1:${await freePort()}`;
    const { send } = createAliyunSender({ ...settings, endpoint }, logger);
    await assert.rejects(send(MOBILE, CODE), (error) => error instanceof AppError && error.code === 'BUSY');
    assert.match(log, /ECONNREFUSED/);
  });

  it('A-3 in clear it speaks to this machine alone', async () => {
    const { port } = new URL(`http://${settings.endpoint}`);
    // Not a loopback address by its text, so TLS is spoken, which this carrier does not understand.
    const { send } = createAliyunSender({ ...settings, endpoint: `127.1:${port}` }, logger);
    await assert.rejects(send(MOBILE, CODE), (error) => error instanceof AppError && error.code === 'BUSY');
    assert.equal(carrier.requests.length, 0);
    assert.match(log, /EPROTO|ERR_SSL/);
  });
});
