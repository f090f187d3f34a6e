/** What the top bar calls the present page besides its section, as the name of a campaign. */
import { onBeforeUnmount, ref, toValue, watchEffect, type MaybeRefOrGetter } from 'vue';

export const crumb = ref('');

/** Names the page while it is there. */
export function useCrumb(name: MaybeRefOrGetter<string>): void {
  watchEffect(() => (crumb.value = toValue(name)));
  onBeforeUnmount(() => (crumb.value = ''));
}
