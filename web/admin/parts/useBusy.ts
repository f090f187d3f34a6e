import { ElMessage } from 'element-plus/es/components/message/index.mjs';
import { ref, type Ref } from 'vue';
import { problemOf } from '../session.ts';

export interface Busy {
  isBusy: Ref<boolean>;
  /**
   * One press is one request: a second one does nothing while the first is under way. What is refused is told. What must not
   * be done twice after an answer that was lost has an intent of web/shared/intent.ts besides.
   * @returns whether it succeeded
   */
  run(work: () => Promise<unknown>, done?: string): Promise<boolean>;
}

export function useBusy(): Busy {
  const isBusy = ref(false);
  return {
    isBusy,
    async run(work, done) {
      if (isBusy.value) return false;
      isBusy.value = true;
      try {
        await work();
        if (done !== undefined) tell(done);
        return true;
      } catch (error) {
        tellProblem(error);
        return false;
      } finally {
        isBusy.value = false;
      }
    },
  };
}

export function tell(text: string): void {
  ElMessage({ message: text, type: 'success', grouping: true });
}

export function tellProblem(error: unknown): void {
  ElMessage({ message: problemOf(error), type: 'error', grouping: true, duration: 6000 });
}
