import { ElMessageBox } from 'element-plus/es/components/message-box/index.mjs';
import { onBeforeUnmount, onMounted } from 'vue';
import { useI18n } from 'vue-i18n';
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router';
import { session } from '../session.ts';

/**
 * Asks before somebody leaves a page with something that is not saved; by closing it, the browser asks.
 * @returns asks as well, of who closes what is a part of a page
 */
export function useUnsavedGuard(isUnsaved: () => boolean): () => Promise<boolean> {
  const { t } = useI18n();

  async function mayLeave(): Promise<boolean> {
    // Who is logged out has to log in first; nothing can be saved.
    if (!isUnsaved() || session.user === undefined) return true;
    return ElMessageBox.confirm(t('parts.unsaved.text'), t('parts.unsaved.title'), {
      confirmButtonText: t('parts.unsaved.leave'),
      cancelButtonText: t('parts.unsaved.stay'),
      type: 'warning',
    }).then(
      () => true,
      () => false,
    );
  }
  onBeforeRouteLeave(mayLeave);
  onBeforeRouteUpdate((to, from) => (to.path === from.path ? true : mayLeave()));

  const warn = (event: BeforeUnloadEvent) => {
    if (isUnsaved()) event.preventDefault();
  };
  onMounted(() => addEventListener('beforeunload', warn));
  onBeforeUnmount(() => removeEventListener('beforeunload', warn));
  return mayLeave;
}
