import { ref, type Ref } from 'vue';
import { createRequestId } from '../../../src/client/requestId.ts';
import { problemOf } from '../session.ts';

export interface Ask {
  isBusy: Ref<boolean>;
  /** What was refused, to be shown in the form that asked; '': nothing. */
  problem: Ref<string>;
  /**
   * One press is one request, a second one does nothing while the first is under way.
   * @param work gets a key for `idempotencyKey`, the same as long as the same is asked for
   * @param content what is asked for
   * @returns whether it was done
   */
  ask(work: (key: string) => Promise<unknown>, content?: unknown): Promise<boolean>;
}

/** For dialogs and forms, which show what is refused where it was asked for. */
export function useAsk(): Ask {
  const isBusy = ref(false);
  const problem = ref('');
  let intent = { text: '', key: '' };
  return {
    isBusy,
    problem,
    async ask(work, content = '') {
      if (isBusy.value) return false;
      isBusy.value = true;
      problem.value = '';
      const text = JSON.stringify(content);
      if (intent.key === '' || intent.text !== text) intent = { text, key: createRequestId() };
      try {
        await work(intent.key);
        intent = { text: '', key: '' };
        return true;
      } catch (error) {
        problem.value = problemOf(error);
        return false;
      } finally {
        isBusy.value = false;
      }
    },
  };
}
