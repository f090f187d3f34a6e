/** What the service desk knows: who waits, what is mine, and whether I am on line. Looked at every few seconds. */
import { computed, onBeforeUnmount, onMounted, ref } from 'vue';
import { client, problemOf, session } from '../session.ts';
import { waiting as waitingAt } from '../shell/waiting.ts';
import type { Agent, ServiceSession } from './wire.ts';

const EVERY_MS = 4000;
const SHOWN = 50;

interface Sessions {
  items: ServiceSession[];
}

export function useServiceDesk() {
  const waiting = ref<ServiceSession[]>();
  const mine = ref<ServiceSession[]>();
  const agents = ref<Agent[]>([]);
  const problem = ref('');
  /** When the lists were read: what has passed since is added to their seconds. */
  const readAt = ref(Date.now());
  const now = ref(Date.now());
  let timer: number | undefined;
  let isGone = false;

  const passed = computed(() => Math.max(0, Math.floor((now.value - readAt.value) / 1000)));
  const me = computed(() => agents.value.find(({ user_id }) => user_id === session.user?.user_id));
  /** Those whose time runs out first come first. */
  const mineByUrgency = computed(() => [...(mine.value ?? [])].sort((a, b) => leftOf(a, 0) - leftOf(b, 0)));

  async function look(): Promise<void> {
    try {
      const [queue, own, all] = await Promise.all([
        client.api.get<Sessions>(`/admin/chat/sessions?status=waiting&limit=${SHOWN}`),
        client.api.get<Sessions>(`/admin/chat/sessions?status=assigned&mine=true&limit=${SHOWN}`),
        client.api.get<{ items: Agent[] }>('/admin/chat/agents'),
      ]);
      [waiting.value, mine.value, agents.value] = [queue.items, own.items, all.items];
      waitingAt['/service'] = queue.items.length;
      readAt.value = now.value = Date.now();
      problem.value = '';
    } catch (error) {
      problem.value = problemOf(error);
    }
  }

  async function keepLooking(): Promise<void> {
    await look();
    if (!isGone) timer = window.setTimeout(() => void keepLooking(), EVERY_MS);
  }

  const clock = window.setInterval(() => (now.value = Date.now()), 1000);
  onMounted(() => void keepLooking());
  onBeforeUnmount(() => {
    isGone = true;
    window.clearTimeout(timer);
    window.clearInterval(clock);
  });

  return {
    waiting,
    mine: mineByUrgency,
    isRead: computed(() => mine.value !== undefined),
    agents,
    me,
    passed,
    problem,
    look,
  };
}

/**
 * Seconds until a promise is broken, negative once it is; Infinity: none runs.
 * @param passed seconds since the session was read
 */
export function leftOf({ answer, resolution }: ServiceSession, passed: number): number {
  const running = [answer, resolution].find(({ state }) => state === 'running' || state === 'missed');
  if (running === undefined) return Infinity;
  return running.limit_seconds - running.elapsed_seconds - passed;
}

/** @returns m:ss, or h:mm:ss */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(Math.abs(seconds)));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
