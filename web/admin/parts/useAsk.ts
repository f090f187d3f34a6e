import { ref, type Ref } from 'vue';
import { problemOf } from '../session.ts';

export interface Ask {
  isBusy: Ref<boolean>;
  /** What was refused, to be shown in the form that asked; '': nothing. */
  problem: Ref<string>;
  /**
   * One press is one request, a second one does nothing while the first is under way. What must not be done twice after an
   * answer that was lost has an intent of web/shared/intent.ts besides.
   * @returns whether it was done
   */
  ask(work: () => Promise<unknown>): Promise<boolean>;
}

/** For dialogs and forms, which show what is refused where it was asked for. */
export function useAsk(): Ask {
  const isBusy = ref(false);
  const problem = ref('');
  return {
    isBusy,
    problem,
    async ask(work) {
      if (isBusy.value) return false;
      isBusy.value = true;
      problem.value = '';
      try {
        await work();
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
