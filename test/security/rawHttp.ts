/** HTTP as no client library would send it: written to a socket byte by byte. */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawReply {
  /** Of the first answer; undefined when the connection was closed without one. */
  status: number | undefined;
  /** Everything that came. */
  text: string;
  /** Status lines of all answers, in order. */
  statuses: number[];
  isClosed: boolean;
}

/** How long a request that is not answered is waited for. */
const PATIENCE_MS = 3000;

/** Sends the text as bytes of Latin-1 and returns what came until the connection was closed, or quiet after an answer. */
export async function sendRaw(origin: string, request: string | Buffer): Promise<RawReply> {
  const { port } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  let isClosed = false;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  let quiet: NodeJS.Timeout | undefined;
  const timer = setTimeout(end, PATIENCE_MS);
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    clearTimeout(quiet);
    quiet = setTimeout(end, 150);
  });
  // A server that closes while bytes are still on their way resets the connection; that is an answer too.
  socket.on('error', () => end());
  socket.on('close', () => {
    isClosed = true;
    end();
  });
  await once(socket, 'connect');
  socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
  await over;
  clearTimeout(timer);
  clearTimeout(quiet);
  socket.destroy();
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { status: statuses[0], text, statuses, isClosed };
}
