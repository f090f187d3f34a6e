/** Somebody else's system, which is told of events. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  id: string;
  timestamp: string;
  signatures: string[];
  contentType: string | undefined;
  simulated: string | undefined;
  host: string | undefined;
  text: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

export type Answer = (request: Received, response: ServerResponse) => void;

export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  /** From now on; at first it takes everything. */
  answer(answer: Answer): void;
  close(): Promise<void>;
}

export const accept: Answer = (_request, response) => void response.writeHead(204).end();

export const refuseWith =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end('no');

/** Never answers. */
export const beSilent: Answer = () => undefined;

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let current = accept;
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      received.push(one);
      current(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/events`,
    port,
    received,
    answer: (answer) => {
      current = answer;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { headers } = request;
  return {
    path: request.url!,
    id: String(headers['webhook-id']),
    timestamp: String(headers['webhook-timestamp']),
    signatures: String(headers['webhook-signature']).split(' '),
    contentType: headers['content-type'],
    simulated: headers['kaijiang-simulated'] as string | undefined,
    host: headers.host,
    text,
    body: JSON.parse(text) as Received['body'],
  };
}

/** As https://www.standardwebhooks.com has it. */
export function signatureOf({ id, timestamp, text }: Received, secret: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`;
}
