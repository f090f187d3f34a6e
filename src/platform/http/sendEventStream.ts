import type { Request, Response } from 'express';

/** Somebody who is told of something for as long as they listen, by server-sent events. */
export interface StreamClient {
  /** Whether it has taken what it was sent, but for a buffer of the usual size. */
  readonly isReady: boolean;
  send(text: string): void;
  /** Calls once when it is ready again; at once when it is. Never when it has gone. */
  whenReady(listener: () => void): void;
  end(): void;
}

export interface StreamReply {
  /** Begins to send. @returns what is called once when the client has gone, or was sent away */
  stream(client: StreamClient): () => void;
}

/** Neither kept, nor held back by anything on its way: `no-transform` is what compression goes by as well. */
const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

export function sendEventStream(request: Request, response: Response, { stream }: StreamReply): void {
  response.status(200).set(HEADERS);
  if (request.method === 'HEAD') response.end();
  else response.flushHeaders();
  let isReady = true;
  const gone = stream({
    get isReady() {
      return isReady;
    },
    send: (text) => {
      if (response.writableEnded || response.destroyed) return;
      isReady = response.write(text);
      if (!isReady) response.once('drain', () => (isReady = true));
    },
    whenReady: (listener) => {
      if (isReady) listener();
      else response.once('drain', listener);
    },
    end: () => response.end(),
  });
  if (response.writableEnded || response.destroyed) gone();
  else response.once('close', gone);
}
