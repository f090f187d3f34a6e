/** Names of what the API calls by a word; one that is new to this build is shown as it is. */
import { useI18n } from 'vue-i18n';

export function useNames(): { nameOf(group: 'row' | 'source', word: string): string } {
  const { t, te } = useI18n();
  return {
    nameOf: (group, word) => (te(`points.${group}.${word}`) ? t(`points.${group}.${word}`) : word),
  };
}
