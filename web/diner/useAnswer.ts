/** One answer of the API on a page: asked for when the page opens, and again when the network is back. */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { keepAnswer, lastAnswer } from './lastAnswers.ts';
import { problemOf } from './session.ts';

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

  onMounted(() => {
    void load();
    addEventListener('online', load);
  });
  onBeforeUnmount(() => {
    asked++;
    removeEventListener('online', load);
  });
  return { value, asOf, problem, load };
}
