import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { problemOf } from '../session.ts';

/** What is read again every so often while the page is looked at. */
export function usePolled<Data>(
  ask: () => Promise<Data>,
  everyMs: number,
): {
  /** As it was read last; undefined: not yet. */
  latest: ShallowRef<Data | undefined>;
  /** Why it could not be read when it was asked for last; empty: it was read. */
  problem: Ref<string>;
  read: () => Promise<void>;
} {
  const latest = shallowRef<Data>();
  const problem = ref('');
  let timer: ReturnType<typeof setInterval> | undefined;
  let isGone = false;

  async function read(): Promise<void> {
    try {
      const got = await ask();
      if (isGone) return;
      latest.value = got;
      problem.value = '';
    } catch (error) {
      if (!isGone) problem.value = problemOf(error);
    }
  }

  onMounted(() => {
    void read();
    timer = setInterval(() => {
      if (!document.hidden) void read();
    }, everyMs);
  });
  onBeforeUnmount(() => {
    isGone = true;
    clearInterval(timer);
  });
  return { latest, problem, read };
}
