/**
 * Keeps a list that grows at both ends where it is (RW-8): at its end whoever is there, and everywhere else the first row that is seen
 * at its height. Browsers that do so themselves are told not to, since some don't.
 */
import { onBeforeUnmount, onBeforeUpdate, onMounted, onUpdated, ref, type Ref } from 'vue';

const NEAR_END_PX = 48;

/** @param rows selects the rows that stay in their place */
export function useKeptScroll(
  list: Ref<HTMLElement | undefined>,
  rows: string,
  onEnd: (is: boolean) => void,
) {
  const isAtEnd = ref(true);
  let anchor: { row: Element; top: number } | undefined;
  let resizes: ResizeObserver | undefined;

  function toEnd(): void {
    const box = list.value!;
    box.scrollTop = box.scrollHeight;
  }

  function setAtEnd(is: boolean): void {
    if (is === isAtEnd.value) return;
    isAtEnd.value = is;
    onEnd(is);
  }

  function noteScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = list.value!;
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_END_PX);
  }

  onBeforeUpdate(() => {
    anchor = undefined;
    if (isAtEnd.value || list.value === undefined) return;
    const { top: edge } = list.value.getBoundingClientRect();
    for (const row of list.value.querySelectorAll(rows)) {
      const { top, bottom } = row.getBoundingClientRect();
      if (bottom <= edge) continue;
      anchor = { row, top };
      break;
    }
  });
  onUpdated(() => {
    if (isAtEnd.value) toEnd();
    else if (anchor !== undefined && anchor.row.isConnected)
      list.value!.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
  });
  onMounted(() => {
    toEnd();
    resizes = new ResizeObserver(() => {
      if (isAtEnd.value) toEnd();
    });
    resizes.observe(list.value!);
  });
  onBeforeUnmount(() => resizes?.disconnect());

  return { isAtEnd, toEnd, setAtEnd, noteScroll };
}
