import { watch } from 'vue';
import { session } from '../session.ts';
import { closeInbox, openInbox } from './inbox.ts';
import { leaveTalks, watchTalks } from './talks.ts';
import { forgetUnsent } from './unsent.ts';

/** Keeps notices and conversations live for whoever is logged in. Once, by the app. */
export function followTalk(): void {
  watch(
    () => session.user?.user_id,
    (userId) => {
      closeInbox();
      leaveTalks();
      if (userId === undefined) return forgetUnsent();
      openInbox();
      watchTalks();
    },
    { immediate: true },
  );
}
