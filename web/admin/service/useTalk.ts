/** A seat in the conversation of a session, with what is said there and what is still on its way. */
import { onBeforeUnmount, onMounted, reactive, ref } from 'vue';
import type { ChatSeat } from '../../../src/client/chatSeat.ts';
import { createRequestId } from '../../../src/client/requestId.ts';
import { client, problemOf, session } from '../session.ts';
import type { Message } from './wire.ts';

/** What I have said and the server has not confirmed; it is sent again under the same id. */
export interface Unsent {
  id: string;
  content: string;
  problem: string;
}

export function useTalk(conversationId: number) {
  const messages = ref<Message[]>([]);
  const unsent = ref<Unsent[]>([]);
  const problem = ref('');
  const isLive = ref(false);
  const hasEarlier = ref(false);
  /** Up to where the other side has read. */
  const readSeq = ref(0);
  const joining = new AbortController();
  let seat: ChatSeat | undefined;

  async function enter(): Promise<void> {
    problem.value = '';
    try {
      const entered = await client.joinChat(conversationId, { signal: joining.signal, onSaid: take });
      if (joining.signal.aborted) return void entered.leave();
      seat = entered;
      isLive.value = true;
      seat.onStatus(({ status }) => (isLive.value = status === 'live'));
      seat.onMessage<{ message_id: number }>('recalled', blank);
      seat.onMessage<{ user_id: number; seq: number }>('read', noteRead);
    } catch (error) {
      if (!joining.signal.aborted) problem.value = problemOf(error);
    }
  }

  function take(message: Message): void {
    if (messages.value.length === 0) hasEarlier.value = message.seq > 1;
    messages.value.push(message);
    if (seat !== undefined && message.sender?.user_id !== session.user?.user_id) void read();
  }

  function blank({ message_id }: { message_id: number }): void {
    const recalled_at = new Date().toISOString();
    messages.value = messages.value.map((one) =>
      one.message_id === message_id ? { ...one, content: '', recalled_at } : one,
    );
  }

  function noteRead({ user_id, seq }: { user_id: number; seq: number }): void {
    if (user_id !== session.user?.user_id) readSeq.value = Math.max(readSeq.value, seq);
  }

  /** Who is told of it later reads it then. */
  async function read(): Promise<void> {
    const seq = messages.value[messages.value.length - 1]?.seq;
    if (seq !== undefined) await seat?.read(seq).catch(() => undefined);
  }

  async function earlier(): Promise<void> {
    const first = messages.value[0];
    if (first === undefined || seat === undefined) return;
    const before = await seat.history({ before_seq: first.seq, limit: 50 });
    messages.value = [...before, ...messages.value];
    hasEarlier.value = (before[0]?.seq ?? 1) > 1;
  }

  async function say(content: string, id = createRequestId()): Promise<void> {
    const waiting: Unsent = reactive({ id, content, problem: '' });
    unsent.value = [...unsent.value.filter((one) => one.id !== id), waiting];
    try {
      if (seat === undefined) throw new Error('no seat');
      await seat.say(content, { clientMsgId: id });
      unsent.value = unsent.value.filter((one) => one.id !== id);
    } catch (error) {
      waiting.problem = problemOf(error);
    }
  }

  onMounted(() => void enter().then(read));
  onBeforeUnmount(() => {
    joining.abort();
    void seat?.leave();
  });

  return { messages, unsent, problem, isLive, hasEarlier, readSeq, enter, earlier, say };
}
