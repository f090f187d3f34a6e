/** Follows the server's stream of events. By `fetch`: an EventSource cannot send who is logged in. */
import { KaijiangError } from '../../../src/client/kaijiangError.ts';
import { client } from '../session.ts';

export interface StreamedEvent {
  stream_id: string;
  event_id: number;
  type: string;
  user_id: number | null;
  created_at: string;
}

export interface Follower {
  onEvent(event: StreamedEvent): void;
  onLive(isLive: boolean): void;
  onProblem(error: unknown): void;
}

const AGAIN_MS = 2000;

/** Comes back where it left off, until it is stopped. @returns stops it */
export function followEvents({ onEvent, onLive, onProblem }: Follower): () => void {
  const stopped = new AbortController();
  let lastId: string | undefined;
  let timer: number | undefined;

  async function follow(): Promise<void> {
    try {
      const response = await open(lastId, stopped.signal);
      onLive(true);
      await readFrames(response.body!, (frame) => {
        if (frame.id !== undefined) lastId = frame.id;
        const event = eventOf(frame);
        if (event !== undefined) onEvent(event);
      });
    } catch (error) {
      if (!stopped.signal.aborted) onProblem(error);
    }
    onLive(false);
    if (!stopped.signal.aborted) timer = window.setTimeout(() => void follow(), AGAIN_MS);
  }

  void follow();
  return () => {
    stopped.abort();
    window.clearTimeout(timer);
  };
}

/** A token that has run out is renewed by any other call. */
async function open(lastId: string | undefined, signal: AbortSignal): Promise<Response> {
  await client.api.get('/auth/me');
  const response = await fetch('/api/v3/events/stream', {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${client.accessToken ?? ''}`,
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    },
    signal,
  });
  if (response.ok && response.body !== null) return response;
  throw new KaijiangError('UNREACHABLE', { status: response.status, message: 'the stream was refused' });
}

interface Frame {
  id: string | undefined;
  event: string | undefined;
  data: string;
}

async function readFrames(body: ReadableStream<Uint8Array>, take: (frame: Frame) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop()!;
    for (const frame of frames) take(frameOf(frame));
  }
}

function frameOf(text: string): Frame {
  const lines = text.split('\n');
  const of = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  return { id: of('id')[0], event: of('event')[0], data: of('data').join('\n') };
}

/** undefined: the stream says something of itself. */
function eventOf({ id, event, data }: Frame): StreamedEvent | undefined {
  if (id === undefined || data === '' || event === 'resync' || event === 'lagged') return undefined;
  return { ...(JSON.parse(data) as StreamedEvent), stream_id: id };
}
