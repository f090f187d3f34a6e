import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

/** More than bars of the browser take, and less than any keyboard. */
const LEAST_HEIGHT = 140;

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
