/** A list of any length, read on as it is looked at: what follows is added below, so that nothing moves that is seen. */
import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { problemOf } from '../session.ts';
import type { LongPage } from './wire.ts';

export interface LongList<Item> {
  items: ShallowRef<Item[] | undefined>;
  hasMore: Ref<boolean>;
  problem: Ref<string>;
  isBusy: Ref<boolean>;
  more(): Promise<void>;
  restart(): Promise<void>;
}

/** @param ask for what comes after `before`; undefined: the first page */
export function useLongList<Item>(ask: (before?: string) => Promise<LongPage<Item>>): LongList<Item> {
  const items = shallowRef<Item[]>();
  const hasMore = ref(false);
  const problem = ref('');
  const isBusy = ref(false);
  let next: string | null = null;
  let started = 0;

  async function read(before?: string): Promise<void> {
    const mine = started;
    isBusy.value = true;
    problem.value = '';
    try {
      const page = await ask(before);
      if (mine !== started) return;
      items.value = [...(items.value ?? []), ...page.items];
      next = page.next;
      hasMore.value = next !== null;
    } catch (error) {
      if (mine === started) problem.value = problemOf(error);
    } finally {
      if (mine === started) isBusy.value = false;
    }
  }

  async function more(): Promise<void> {
    if (isBusy.value) return;
    if (items.value === undefined) await read();
    else if (next !== null) await read(next);
  }

  async function restart(): Promise<void> {
    started++;
    [items.value, hasMore.value, next] = [undefined, false, null];
    await read();
  }

  onBeforeUnmount(() => started++);
  return { items, hasMore, problem, isBusy, more, restart };
}
