/**
 * One answer of the API on a page: asked for when the page opens, again when the network is back, and when somebody comes back to
 * a page that they have left for a while.
 */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { keepAnswer, lastAnswer } from './lastAnswers.ts';
import { problemOf } from './session.ts';

/** What is older is asked for again by whoever comes back. */
const FRESH_MS = 60_000;

export interface Answer<Data> {
  value: ShallowRef<Data | undefined>;
  /** When what is shown was said, in ms, while the server cannot be reached. */
  asOf: Ref<number | undefined>;
  problem: Ref<string>;
  load(): Promise<void>;
}

/** @param name under which it is kept for when the server cannot be reached; absent: it is not kept */
export function useAnswer<Data>(ask: () => Promise<Data>, name?: string): Answer<Data> {
  const value = shallowRef<Data>();
  const asOf = ref<number>();
  const problem = ref('');
  let asked = 0;
  let saidAt: number | undefined;

  async function load(): Promise<void> {
    const mine = ++asked;
    try {
      const data = await ask();
      // A later one counts, whichever is answered first.
      if (mine !== asked) return;
      saidAt = Date.now();
      [value.value, asOf.value, problem.value] = [data, undefined, ''];
      if (name !== undefined) keepAnswer(name, data, saidAt);
    } catch (error) {
      if (mine === asked) fail(error);
    }
  }

  function fail(error: unknown): void {
    const isAway = asKaijiangError(error).code === 'UNREACHABLE';
    if (isAway && value.value === undefined && name !== undefined) {
      const last = lastAnswer<Data>(name);
      value.value = last?.data;
      saidAt = last?.at;
    }
    if (isAway && value.value !== undefined) asOf.value = saidAt;
    else problem.value = problemOf(error);
  }

  function comeBack(): void {
    const age = saidAt === undefined ? 0 : Date.now() - saidAt;
    if (document.visibilityState === 'visible' && age > FRESH_MS) void load();
  }

  onMounted(() => {
    void load();
    addEventListener('online', load);
    document.addEventListener('visibilitychange', comeBack);
  });
  onBeforeUnmount(() => {
    asked++;
    removeEventListener('online', load);
    document.removeEventListener('visibilitychange', comeBack);
  });
  return { value, asOf, problem, load };
}
