import { onBeforeUnmount, ref, type Ref } from 'vue';
import { client, problemOf } from '../session.ts';
import type { ImportView } from './wire.ts';

const LOOK_MS = 1000;

/** How far an import is, looked at until it is over. */
export function useImport(): {
  view: Ref<ImportView | undefined>;
  problem: Ref<string>;
  follow(jobId: number): Promise<void>;
} {
  const view = ref<ImportView>();
  const problem = ref('');
  let timer: number | undefined;
  let followed: number | undefined;

  async function look(jobId: number): Promise<void> {
    try {
      const found = await client.api.get<ImportView>(`/admin/import/${jobId}`);
      if (followed !== jobId) return;
      view.value = found;
      problem.value = '';
      if (found.status !== 'running') return;
    } catch (error) {
      if (followed !== jobId) return;
      problem.value = problemOf(error);
    }
    timer = window.setTimeout(() => void look(jobId), LOOK_MS);
  }

  onBeforeUnmount(() => {
    followed = undefined;
    window.clearTimeout(timer);
  });
  return {
    view,
    problem,
    async follow(jobId) {
      window.clearTimeout(timer);
      followed = jobId;
      view.value = undefined;
      await look(jobId);
    },
  };
}
