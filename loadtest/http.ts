import { Agent as HttpAgent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 15_000;

export interface Call {
  method: 'GET' | 'POST';
  /** Below /api/v3. */
  path: string;
  token?: string;
  body?: object;
  idempotencyKey?: string;
}

/** The server answered with an error envelope. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: string,
    readonly status: number,
    readonly retryAfterSeconds: number | undefined,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface Envelope<Data> {
  success: boolean;
  code: string;
  message: string;
  data: Data;
}

/**
 * The REST side of the server over kept connections, at most `connections` at a time. Plain node:http: a load generator
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

  /**
   * @returns the envelope's data
   * @throws Refusal for an error envelope, Error when the server cannot be reached
   */
  async call<Data>(call: Call): Promise<Data> {
    const { status, retryAfter, text } = await this.send(call);
    const envelope = parseEnvelope<Data>(text, status);
    if (!envelope.success) throw new Refusal(envelope.code, status, retryAfter, envelope.message);
    return envelope.data;
  }

  close(): void {
    this.agent.destroy();
  }

  private send(call: Call): Promise<{ status: number; retryAfter: number | undefined; text: string }> {
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
            const seconds = Number(response.headers['retry-after']);
            const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
            resolve({ status: response.statusCode ?? 0, retryAfter, text });
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

/** Something between us and the server may answer for it with a page of its own. */
function parseEnvelope<Data>(text: string, status: number): Envelope<Data> {
  try {
    return JSON.parse(text) as Envelope<Data>;
  } catch (cause) {
    throw new Error(`the answer (status ${status}) is not an envelope: ${text.slice(0, 80)}`, { cause });
  }
}
