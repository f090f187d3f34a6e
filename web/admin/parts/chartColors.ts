/** The colours of charts as they are now: of the tokens, in the present theme. */
import { onBeforeUnmount, ref, type Ref } from 'vue';

const TOKENS = {
  line: '--c-line',
  band: '--c-band',
  ink: '--c-ink',
  mute: '--c-mute',
  grid: '--c-grid',
  bad: '--bad',
  text: '--ink-3',
  text2: '--ink-2',
  surface: '--surface',
  raised: '--raised',
  edge: '--edge',
} as const;
export type ChartColors = Record<keyof typeof TOKENS, string> & { font: string };

export function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const colors = Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]);
  return { ...Object.fromEntries(colors), font: style.getPropertyValue('--font-num').trim() } as ChartColors;
}

/** Follows the theme, chosen here or by the system. */
export function useChartColors(): Ref<ChartColors> {
  const colors = ref(readColors());
  const read = () => (colors.value = readColors());
  const chosen = new MutationObserver(read);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', read);
  onBeforeUnmount(() => {
    chosen.disconnect();
    system.removeEventListener('change', read);
  });
  return colors;
}
