/** A list of any length, read on as it is looked at: what follows is added below, so that nothing moves that is seen. */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { asKaijiangError } from '../../../src/client/kaijiangError.ts';
import { keepAnswer, lastAnswer } from '../lastAnswers.ts';
import { problemOf } from '../session.ts';
import type { LongPage } from './wire.ts';

export interface LongList<Item> {
  items: ShallowRef<Item[] | undefined>;
  hasMore: Ref<boolean>;
  /** When what is shown was said, in ms, while the server cannot be reached. */
  asOf: Ref<number | undefined>;
  problem: Ref<string>;
  isBusy: Ref<boolean>;
  more(): Promise<void>;
  restart(): Promise<void>;
  /** Its beginning anew, while what is there stays to be seen. */
  refresh(): Promise<void>;
}

/**
 * @param ask for what comes after `before`; undefined: the first page
 * @param name under which the first page is kept for when the server cannot be reached; absent: it is not kept
 */
export function useLongList<Item>(
  ask: (before?: string) => Promise<LongPage<Item>>,
  name?: () => string,
): LongList<Item> {
  const items = shallowRef<Item[]>();
  const hasMore = ref(false);
  const asOf = ref<number>();
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
      items.value = before === undefined ? page.items : [...(items.value ?? []), ...page.items];
      next = page.next;
      hasMore.value = next !== null;
      asOf.value = undefined;
      if (before === undefined && name !== undefined) keepAnswer(name(), page.items, Date.now());
    } catch (error) {
      if (mine === started && !(before === undefined && showLast(error))) problem.value = problemOf(error);
    } finally {
      if (mine === started) isBusy.value = false;
    }
  }

  /** @returns whether there is something to be shown instead */
  function showLast(error: unknown): boolean {
    const last = name === undefined ? undefined : lastAnswer<Item[]>(name());
    if (asKaijiangError(error).code !== 'UNREACHABLE' || last === undefined) return false;
    [items.value, asOf.value] = [last.data, last.at];
    return true;
  }

  async function more(): Promise<void> {
    if (isBusy.value) return;
    if (items.value === undefined) await read();
    else if (next !== null) await read(next);
  }

  async function restart(): Promise<void> {
    [items.value, hasMore.value] = [undefined, false];
    await refresh();
  }

  async function refresh(): Promise<void> {
    started++;
    next = null;
    await read();
  }

  onMounted(() => name !== undefined && addEventListener('online', refresh));
  onBeforeUnmount(() => {
    started++;
    removeEventListener('online', refresh);
  });
  return { items, hasMore, asOf, problem, isBusy, more, restart, refresh };
}
