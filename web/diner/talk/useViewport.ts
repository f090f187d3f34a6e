/** What is left of the screen: above the keyboard, where it lies over the page (RW-8). */
import { onBeforeUnmount, onMounted, ref } from 'vue';

/** @returns pixels; the top of what is seen, which the browser may have moved to show an input */
export function useViewport() {
  const height = ref(window.innerHeight);
  const top = ref(0);
  const seen = window.visualViewport;

  function measure(): void {
    height.value = seen?.height ?? window.innerHeight;
    top.value = seen?.offsetTop ?? 0;
  }

  onMounted(() => {
    measure();
    seen?.addEventListener('resize', measure);
    seen?.addEventListener('scroll', measure);
    window.addEventListener('resize', measure);
  });
  onBeforeUnmount(() => {
    seen?.removeEventListener('resize', measure);
    seen?.removeEventListener('scroll', measure);
    window.removeEventListener('resize', measure);
  });
  return { height, top };
}
