/** One simulation: asked for, looked at until it is over, and taken back. */
import { onBeforeUnmount, ref, shallowRef } from 'vue';
import type { SimulationView } from '../../../src/lottery/simulation/messages.ts';
import { client, problemOf } from '../session.ts';

const LOOK_MS = 500;

export function useSimulation() {
  const view = shallowRef<SimulationView>();
  const problem = ref('');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let followed: number | undefined;

  onBeforeUnmount(() => {
    followed = undefined;
    clearTimeout(timer);
  });

  async function follow(id: number): Promise<void> {
    clearTimeout(timer);
    followed = id;
    try {
      const got = await client.api.get<SimulationView>(`/admin/simulations/${id}`);
      if (followed !== id) return;
      view.value = got;
      problem.value = '';
      if (got.status !== 'running') return;
    } catch (error) {
      if (followed !== id) return;
      problem.value = problemOf(error);
    }
    timer = setTimeout(() => void follow(id), LOOK_MS);
  }

  async function cancel(): Promise<void> {
    if (view.value === undefined) return;
    const { simulation_id: id } = view.value;
    await client.api.delete(`/admin/simulations/${id}`);
    await follow(id);
  }

  return { view, problem, follow, cancel };
}
