/** A list that is read page by page, forward and back; where the API gives a place to go on from, by that. */
import { computed, ref, watch } from 'vue';
import { problemOf, client } from '../session.ts';

interface Page<Item> {
  items: Item[];
  total?: number;
  limit?: number;
  /** Absent: the list has numbered pages. */
  next?: string | null;
}

/** @param path of the list with its filters; it begins anew when that changes */
export function usePages<Item>(path: () => string) {
  const page = ref<Page<Item>>();
  const problem = ref('');
  /** What each page up to this one is asked for by; '': the first. */
  const places = ref<string[]>(['']);
  let asked = 0;

  const items = computed(() => page.value?.items as Item[] | undefined);
  const nextPlace = computed(() => {
    const { next, total = 0, limit = 20, items: shown = [] } = page.value ?? {};
    if (next !== undefined) return next === null ? undefined : `before=${encodeURIComponent(next)}`;
    const at = places.value.length;
    return shown.length === limit && total > at * limit ? `page=${at + 1}` : undefined;
  });

  async function read(): Promise<void> {
    const mine = ++asked;
    problem.value = '';
    const [base, place] = [path(), places.value[places.value.length - 1]!];
    const full = place === '' ? base : `${base}${base.includes('?') ? '&' : '?'}${place}`;
    try {
      const answer = await client.api.get<Page<Item>>(full);
      if (mine === asked) page.value = answer;
    } catch (error) {
      if (mine === asked) problem.value = problemOf(error);
    }
  }

  function next(): void {
    if (nextPlace.value === undefined) return;
    places.value = [...places.value, nextPlace.value];
    void read();
  }

  function back(): void {
    if (places.value.length === 1) return;
    places.value = places.value.slice(0, -1);
    void read();
  }

  watch(
    path,
    () => {
      places.value = [''];
      page.value = undefined;
      void read();
    },
    { immediate: true },
  );

  return {
    items,
    problem,
    read,
    next,
    back,
    hasNext: computed(() => nextPlace.value !== undefined),
    hasBack: computed(() => places.value.length > 1),
  };
}
