import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

/** More than bars of the browser take, and less than any keyboard. */
const LEAST_HEIGHT = 140;

/**
 * How much of the page's foot the keyboard covers, in px (RW-8). Nothing where the browser makes the page smaller instead, and
 * while somebody looks closer.
 */
export function useCoveredFoot(): Ref<number> {
  const covered = ref(0);
  const view = window.visualViewport;

  function look(): void {
    if (view === null) return;
    const foot = window.innerHeight - view.height - view.offsetTop;
    covered.value = view.scale === 1 && foot > LEAST_HEIGHT ? foot : 0;
  }

  onMounted(() => {
    look();
    view?.addEventListener('resize', look);
    view?.addEventListener('scroll', look);
  });
  onBeforeUnmount(() => {
    view?.removeEventListener('resize', look);
    view?.removeEventListener('scroll', look);
  });
  return covered;
}

/** Whether the keyboard is on the screen (RW-8). Browsers without a visual viewport are taken to have none. */
export function useKeyboard(): Ref<boolean> {
  const isOpen = ref(false);
  const view = window.visualViewport;
  let tallest = 0;

  function look(): void {
    if (view === null) return;
    // Turned by a quarter, what was tallest is another height.
    tallest = Math.max(view.width > view.height ? view.height : tallest, view.height);
    isOpen.value = view.scale === 1 && tallest - view.height > LEAST_HEIGHT;
  }

  onMounted(() => {
    look();
    view?.addEventListener('resize', look);
  });
  onBeforeUnmount(() => view?.removeEventListener('resize', look));
  return isOpen;
}
