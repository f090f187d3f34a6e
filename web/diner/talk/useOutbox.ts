/** Sends what is written, in its order; each message once, however often it has to be sent. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { ChatSeat } from '../../../src/client/chatSeat.ts';
import { asKaijiangError, type KaijiangError } from '../../../src/client/kaijiangError.ts';
import { i18n } from '../../shared/language.ts';
import { problemOf, session } from '../session.ts';
import { keepUnsent, newUnsent, readUnsent, type Unsent } from './unsent.ts';
import type { MessageView } from './wire.ts';

/** After so long without an answer it is for the writer to say whether it is sent again. */
const PATIENCE_MS = 20_000;

export interface Outbox {
  /** What is shown as being on its way, or as failed. */
  unsent: ComputedRef<readonly Unsent[]>;
  /** Seconds to wait in slow mode. */
  slowedUntilMs: Ref<number>;
  write(type: Unsent['type'], content: string): void;
  again(clientMsgId: string): void;
  discard(clientMsgId: string): void;
  /** A message of one's own has been told: it is shown once, also before the answer has come. */
  noteTold(message: MessageView): void;
}

interface OutboxOptions {
  conversationId: number;
  seat: Readonly<ShallowRef<ChatSeat | undefined>>;
  /** Of the page's end. */
  leaving: AbortSignal;
  onRefused(error: KaijiangError): void;
  onSent(): void;
}

export function useOutbox({ conversationId, seat, leaving, onRefused, onSent }: OutboxOptions): Outbox {
  const userId = session.user?.user_id ?? 0;
  const unsent = shallowRef<readonly Unsent[]>(readUnsent(userId, conversationId));
  const slowedUntilMs = ref(0);
  /** Told already, while the answer is on its way: shown as what it is, and sent on all the same. */
  const told = shallowRef<ReadonlySet<string>>(new Set());
  let queue: Promise<void> = Promise.resolve();

  function set(changed: readonly Unsent[]): void {
    unsent.value = changed;
    keepUnsent(userId, conversationId, changed);
  }
  const drop = (id: string) => set(unsent.value.filter(({ clientMsgId }) => clientMsgId !== id));
  const change = (id: string, parts: Partial<Unsent>) =>
    set(unsent.value.map((one) => (one.clientMsgId === id ? { ...one, ...parts } : one)));

  /** One after the other: what was written first is said first. */
  function queueUp(one: Unsent): void {
    queue = queue.then(() => deliver(one));
  }

  async function deliver({ clientMsgId, type, content }: Unsent): Promise<void> {
    if (leaving.aborted || !unsent.value.some((one) => one.clientMsgId === clientMsgId)) return;
    const limit = new AbortController();
    const giveUp = () => limit.abort();
    const timer = setTimeout(giveUp, PATIENCE_MS);
    leaving.addEventListener('abort', giveUp);
    try {
      await seat.value!.say(content, {
        type,
        clientMsgId,
        signal: limit.signal,
        onRetry: (error) => {
          if (error.code !== 'RATE_LIMITED') return;
          slowedUntilMs.value = Date.now() + (error.retryAfterSeconds ?? 0) * 1000;
          if ((error.retryAfterSeconds ?? 0) * 1000 >= PATIENCE_MS) limit.abort(error);
        },
      });
      drop(clientMsgId);
      onSent();
    } catch (thrown) {
      if (leaving.aborted) return;
      const error = limit.signal.aborted ? undefined : asKaijiangError(thrown);
      if (error?.code === 'CLOSED') return;
      if (error !== undefined) onRefused(error);
      const why = error === undefined ? i18n.global.t('talk.notSent') : problemOf(error);
      change(clientMsgId, { state: 'failed', why });
    } finally {
      told.value = new Set([...told.value].filter((id) => id !== clientMsgId));
      clearTimeout(timer);
      leaving.removeEventListener('abort', giveUp);
    }
  }

  // What was on its way when the page was left goes on: the server knows it by its id.
  watch(seat, (taken) => {
    if (taken === undefined) return;
    for (const one of unsent.value) if (one.state === 'sending') queueUp(one);
  });

  return {
    unsent: computed(() => unsent.value.filter(({ clientMsgId }) => !told.value.has(clientMsgId))),
    slowedUntilMs,
    write(type, content) {
      const one = newUnsent(type, content);
      set([...unsent.value, one]);
      if (seat.value !== undefined) queueUp(one);
    },
    again(id) {
      const one = unsent.value.find(({ clientMsgId, state }) => clientMsgId === id && state === 'failed');
      if (one === undefined) return;
      change(id, { state: 'sending', why: '' });
      queueUp(one);
    },
    discard: drop,
    noteTold({ sender, type, content }) {
      if (sender?.user_id !== userId) return;
      const of = unsent.value.find(
        (one) => one.type === type && one.content === content && !told.value.has(one.clientMsgId),
      );
      if (of !== undefined) told.value = new Set([...told.value, of.clientMsgId]);
    },
  };
}
