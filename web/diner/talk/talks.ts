/** The conversations of whoever is logged in, as they were last looked at. */
import { reactive } from 'vue';
import { client, problemOf } from '../session.ts';
import type { Conversations, ConversationView } from './wire.ts';

/** While the page is shown; at once when it is shown again. */
const LOOK_MS = 20_000;

/** However much is said, they are looked at no more often. */
const STIRRED_MS = 2000;

interface Talks {
  items: readonly ConversationView[];
  hasLoaded: boolean;
  /** Which one is on the screen: what happens in it, its page hears itself. */
  openId: number | undefined;
}

export const talks = reactive<Talks>({ items: [], hasLoaded: false, openId: undefined });

let looks = 0;
let stirred: ReturnType<typeof setTimeout> | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

/** What nobody wants to be told of does not count. */
export function unreadOf(items: readonly ConversationView[]): number {
  return items.reduce((sum, { unread, muted }) => sum + (muted ? 0 : unread), 0);
}

export async function lookAtTalks(): Promise<void> {
  const look = ++looks;
  const { items } = await client.api.get<Conversations>('/chat/conversations');
  // What was asked for later is newer.
  if (look !== looks) return;
  talks.items = items;
  talks.hasLoaded = true;
}

/** Also without the answer of the server. */
export function noteRead(conversationId: number): void {
  talks.items = talks.items.map((one) =>
    one.conversation_id === conversationId ? { ...one, unread: 0, read_seq: one.last_seq } : one,
  );
}

/** One of them is another than before. */
export function stirTalks(conversationId: number): void {
  if (conversationId === talks.openId) return;
  stirred ??= setTimeout(() => {
    stirred = undefined;
    lookIfShown();
  }, STIRRED_MS);
}

export function watchTalks(): void {
  if (timer !== undefined) return;
  timer = setInterval(lookIfShown, LOOK_MS);
  document.addEventListener('visibilitychange', lookIfShown);
  lookIfShown();
}

export function leaveTalks(): void {
  clearInterval(timer);
  clearTimeout(stirred);
  stirred = undefined;
  timer = undefined;
  document.removeEventListener('visibilitychange', lookIfShown);
  looks++;
  talks.items = [];
  talks.hasLoaded = false;
}

function lookIfShown(): void {
  if (document.visibilityState !== 'visible') return;
  // The next look may succeed, and pages that show them say what is wrong; a login that has ended shows at once.
  lookAtTalks().catch((error: unknown) =>
    console.warn('conversations could not be looked at', problemOf(error)),
  );
}
