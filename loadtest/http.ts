import { Agent as HttpAgent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { dataOf, type HttpAnswer } from '../src/client/envelope.ts';
import { asKaijiangError } from '../src/client/kaijiangError.ts';

const TIMEOUT_MS = 15_000;

export interface Call {
  method: 'GET' | 'POST';
  /** Below /api/v3. */
  path: string;
  token?: string;
  body?: object;
  idempotencyKey?: string;
}

/**
 * The REST side of the client over kept connections, at most `connections` at a time. Plain node:http: a load generator
 * shares the machine with the server, so its own cost per request is a cost of the measurement.
 */
export class HttpClient {
  private readonly agent: HttpAgent;
  private readonly base: URL;

  constructor(url: string, connections: number) {
    this.base = new URL(url);
    const options = { keepAlive: true, maxSockets: connections, noDelay: true };
    this.agent = this.base.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** @returns the envelope's data. @throws KaijiangError */
  async call<Data>(call: Call): Promise<Data> {
    try {
      return dataOf<Data>(await this.send(call));
    } catch (error) {
      throw asKaijiangError(error);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private send(call: Call): Promise<HttpAnswer> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const send = this.base.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(
        {
          agent: this.agent,
          hostname: this.base.hostname,
          port: this.base.port,
          path: `/api/v3${call.path}`,
          method: call.method,
          headers: headersOf(call, body),
          timeout: TIMEOUT_MS,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.on('error', reject);
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      request.on('error', reject);
      request.end(body);
    });
  }
}

function headersOf({ token, idempotencyKey }: Call, body: string | undefined): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { accept: 'application/json', 'accept-language': 'en' };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(body);
  }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  return headers;
}
