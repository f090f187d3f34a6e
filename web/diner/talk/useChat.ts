/** A conversation as its page shows it: what was said, who is there, and how the connection is. */
import { computed, onBeforeUnmount, onMounted, reactive, ref, shallowRef } from 'vue';
import type { ChatState } from '../../../rooms/chat/chatState.ts';
import type { ChatSeat } from '../../../src/client/chatSeat.ts';
import { asKaijiangError, type KaijiangError } from '../../../src/client/kaijiangError.ts';
import type { SeatEvent } from '../../../src/client/roomSeat.ts';
import { watchSeat } from '../../shared/connection.ts';
import { client, problemOf, session } from '../session.ts';
import { lookAtTalks, noteRead, talks } from './talks.ts';
import { useOutbox } from './useOutbox.ts';
import type { MessageView, Person, Restriction } from './wire.ts';

const PAGE = 50;
/** What is kept of a conversation that goes on and on below. */
const MOST_SHOWN = 600;
const SHOWN_AGAIN = 300;
const TYPING_SHOWN_MS = 4000;
/** As often as the server takes it. */
const TYPING_TOLD_MS = 3000;

export type Link = 'joining' | 'live' | 'offline' | 'moved' | 'over';

interface ShownState {
  type: string;
  name: string;
  online: number;
  present: readonly Person[];
}

export function useChat(conversationId: number) {
  const leaving = new AbortController();
  const myId = session.user?.user_id ?? 0;
  const seat = shallowRef<ChatSeat>();
  const messages = shallowRef<readonly MessageView[]>([]);
  const state = shallowRef<ShownState>();
  const link = ref<Link>('joining');
  const problem = ref('');
  const restriction = shallowRef<Restriction>();
  /** By others, how far they have read; known of those who have read something since. */
  const reads = reactive(new Map<number, number>());
  const writing = reactive(new Map<number, { nickname: string; timer: ReturnType<typeof setTimeout> }>());
  /** Where the reader was when they came. */
  const cameAtSeq = ref<number>();
  const slowModeS = ref(0);
  const isAtEnd = ref(true);
  let readSeq = 0;
  let isTellingRead = false;
  let forgetSeat: (() => void) | undefined;
  let toldTypingMs = Number.NEGATIVE_INFINITY;

  const about = computed(() => talks.items.find((one) => one.conversation_id === conversationId));
  const lastSeq = computed(() => messages.value[messages.value.length - 1]?.seq ?? 0);
  /** Of what the conversation has said of itself last: who is in it, or how it is run, may be another. */
  const lastLineSeq = computed(() => {
    const lines = messages.value.filter(({ type }) => type === 'system');
    return lines[lines.length - 1]?.seq ?? 0;
  });
  const hasOlder = computed(() => (messages.value[0]?.seq ?? 1) > 1);

  const outbox = useOutbox({
    conversationId,
    seat,
    leaving: leaving.signal,
    onRefused: (error) => void noteRefusal(error),
    onSent: () => undefined,
  });

  function takeSaid(message: MessageView): void {
    outbox.noteTold(message);
    if (message.sender !== null) stopWriting(message.sender.user_id);
    const all = [...messages.value, message];
    messages.value = isAtEnd.value && all.length > MOST_SHOWN ? all.slice(-SHOWN_AGAIN) : all;
    if (message.type === 'system' && seat.value !== undefined) void refreshAbout();
    if (isAtEnd.value) void tellRead();
  }

  async function enter(): Promise<void> {
    problem.value = '';
    link.value = 'joining';
    messages.value = [];
    try {
      await refreshAbout();
      cameAtSeq.value = (about.value?.unread ?? 0) > 0 ? about.value?.read_seq : undefined;
      readSeq = about.value?.read_seq ?? 0;
      const taken = await client.joinChat(conversationId, { signal: leaving.signal, onSaid: takeSaid });
      if (leaving.signal.aborted) return await taken.leave();
      attend(taken);
      await Promise.all([about.value === undefined ? refreshAbout() : undefined, readRestriction()]);
      void tellRead();
    } catch (error) {
      if (leaving.signal.aborted) return;
      link.value = 'over';
      problem.value = problemOf(error);
      await readRestriction().catch(() => undefined);
    }
  }

  function attend(taken: ChatSeat): void {
    forgetSeat = watchSeat(taken);
    show(taken.state);
    taken.onState(show);
    taken.onStatus(noteStatus);
    taken.onMessage<{ message_id: number }>('recalled', ({ message_id: id }) => noteRecalled(id));
    taken.onMessage<{ user_id: number; seq: number }>('read', ({ user_id: id, seq }) => {
      if (id !== myId) reads.set(id, Math.max(seq, reads.get(id) ?? 0));
      else readSeq = Math.max(readSeq, seq);
    });
    taken.onMessage<Person>('typing', noteWriting);
    link.value = 'live';
    seat.value = taken;
  }

  function show({ type, name, online, members }: ChatState): void {
    const present = [...members].map(({ user_id, nickname }) => ({ user_id, nickname }));
    state.value = { type, name, online, present };
  }

  function noteStatus(event: SeatEvent): void {
    if (event.status === 'live') {
      link.value = 'live';
      if (event.isRejoin) void lookAgain();
    } else if (event.status === 'lost') {
      link.value = event.closeCode === undefined ? 'moved' : 'offline';
      if (event.final === undefined || event.final.code === 'CLOSED') return;
      link.value = 'over';
      problem.value = problemOf(event.final);
      void readRestriction().catch(() => undefined);
      void refreshAbout();
    }
  }

  /** What was recalled while nobody was connected is nowhere told of: what is shown last is read again. */
  async function lookAgain(): Promise<void> {
    const from = messages.value[Math.max(0, messages.value.length - 100)]?.seq;
    if (from === undefined) return;
    try {
      const now = await seat.value!.history({ after_seq: from - 1, limit: 100 }, { signal: leaving.signal });
      const bySeq = new Map(now.map((message) => [message.seq, message]));
      messages.value = messages.value.map((message) => bySeq.get(message.seq) ?? message);
    } catch (error) {
      console.warn('what was recalled meanwhile is shown as before', asKaijiangError(error).code);
    }
  }

  function noteRecalled(messageId: number): void {
    const recalled_at = new Date().toISOString();
    messages.value = messages.value.map((one) =>
      one.message_id === messageId ? { ...one, content: '', recalled_at } : one,
    );
  }

  /** @returns whether there was anything */
  async function loadOlder(): Promise<boolean> {
    const first = messages.value[0]?.seq;
    if (first === undefined || first <= 1 || seat.value === undefined) return false;
    const part = { before_seq: first, limit: PAGE };
    const older = await seat.value.history(part, { signal: leaving.signal });
    if (messages.value[0]?.seq !== first) return false;
    messages.value = [...older, ...messages.value];
    return older.length > 0;
  }

  /** What is shown last has been read, on all of somebody's devices. One request at a time. */
  async function tellRead(): Promise<void> {
    const taken = seat.value;
    if (taken === undefined || isTellingRead || document.visibilityState !== 'visible') return;
    isTellingRead = true;
    try {
      while (isAtEnd.value && lastSeq.value > readSeq) {
        const seq = lastSeq.value;
        await taken.read(seq, { signal: leaving.signal });
        readSeq = Math.max(readSeq, seq);
        noteRead(conversationId);
      }
    } catch (error) {
      // The next message, or the next visit, tells it again.
      if (!leaving.signal.aborted) console.warn('what was read is not noted', asKaijiangError(error).code);
    } finally {
      isTellingRead = false;
    }
  }

  function tellWriting(): void {
    const nowMs = performance.now();
    if (link.value !== 'live' || nowMs - toldTypingMs < TYPING_TOLD_MS) return;
    toldTypingMs = nowMs;
    // Nobody misses it.
    seat.value?.request('typing', {}, { signal: leaving.signal }).catch(() => undefined);
  }

  function noteWriting({ user_id: id, nickname }: Person): void {
    if (id === myId) return;
    stopWriting(id);
    writing.set(id, { nickname, timer: setTimeout(() => writing.delete(id), TYPING_SHOWN_MS) });
  }

  function stopWriting(id: number): void {
    clearTimeout(writing.get(id)?.timer);
    writing.delete(id);
  }

  async function refreshAbout(): Promise<void> {
    try {
      await lookAtTalks();
      slowModeS.value = about.value?.slow_mode_s ?? 0;
    } catch (error) {
      if (about.value === undefined) throw error;
    }
  }

  async function noteRefusal(error: KaijiangError): Promise<void> {
    const details = error.details as Partial<Restriction> | undefined;
    if (error.code !== 'FORBIDDEN' || details?.restriction === undefined) return;
    restriction.value = { ...(details as Restriction), conversation_id: conversationId };
  }

  async function readRestriction(): Promise<void> {
    const { items } = await client.api.get<{ items: Restriction[] }>('/chat/restrictions');
    const isPublic = state.value?.type === 'restaurant' || state.value === undefined;
    restriction.value = items.find(
      ({ conversation_id: id }) => id === conversationId || (id === null && isPublic),
    );
  }

  const lookIfShown = () => void tellRead();
  onMounted(() => {
    talks.openId = conversationId;
    document.addEventListener('visibilitychange', lookIfShown);
    void enter();
  });
  onBeforeUnmount(() => {
    if (talks.openId === conversationId) talks.openId = undefined;
    document.removeEventListener('visibilitychange', lookIfShown);
    leaving.abort();
    forgetSeat?.();
    for (const { timer } of writing.values()) clearTimeout(timer);
    seat.value?.leave().catch((error: unknown) => console.warn('the seat was not left', error));
    // What is new elsewhere, and what was read here.
    lookAtTalks().catch(() => undefined);
  });

  return {
    ...{ myId, seat, messages, state, about, link, problem, restriction, reads, writing, cameAtSeq },
    ...{ slowModeS, isAtEnd, lastSeq, lastLineSeq, hasOlder, outbox },
    ...{ enter, loadOlder, tellRead, tellWriting, refreshAbout },
  };
}

export type Chat = ReturnType<typeof useChat>;
