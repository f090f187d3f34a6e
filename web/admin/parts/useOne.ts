import { onMounted, shallowRef, type ShallowRef } from 'vue';
import { client, problemOf } from '../session.ts';

/** One thing, read as soon as there is something to show it in. @param wordsFor says why it could not be */
export function useOne<Data>(
  path: string,
  wordsFor: (thrown: unknown) => string = problemOf,
): {
  one: ShallowRef<Data | undefined>;
  /** Empty: nothing has failed since it was read last. */
  loadProblem: ShallowRef<string>;
  load: () => Promise<void>;
} {
  const one = shallowRef<Data>();
  const loadProblem = shallowRef('');
  async function load(): Promise<void> {
    loadProblem.value = '';
    try {
      one.value = await client.api.get<Data>(path);
    } catch (thrown) {
      loadProblem.value = wordsFor(thrown);
    }
  }
  onMounted(load);
  return { one, loadProblem, load };
}
