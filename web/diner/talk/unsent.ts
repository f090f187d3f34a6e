/** What somebody has written and the server has not answered yet. It outlives the page, so that nothing that was written is lost. */
import { createRequestId } from '../../../src/client/requestId.ts';

export interface Unsent {
  /** The same for every try: the server stores it once. */
  clientMsgId: string;
  type: 'text' | 'emoji' | 'card' | 'image';
  content: string;
  writtenAt: number;
  /** sending: it may have been stored. */
  state: 'sending' | 'failed';
  /** Why it failed. */
  why: string;
}

const MAX_KEPT = 50;

export function newUnsent(type: Unsent['type'], content: string): Unsent {
  return { clientMsgId: createRequestId(), type, content, writtenAt: Date.now(), state: 'sending', why: '' };
}

const PREFIX = 'kaijiang.unsent.';

/** Of one person and conversation, in this tab. */
function keyOf(userId: number, conversationId: number): string {
  return `${PREFIX}${userId}.${conversationId}`;
}

/** The next one on this device sees nothing of it. */
export function forgetUnsent(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

export function readUnsent(userId: number, conversationId: number): Unsent[] {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(userId, conversationId)) ?? '[]') as Unsent[];
  } catch (error) {
    console.warn('what was written before cannot be read', error);
    return [];
  }
}

export function keepUnsent(userId: number, conversationId: number, unsent: readonly Unsent[]): void {
  const key = keyOf(userId, conversationId);
  try {
    if (unsent.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(unsent.slice(-MAX_KEPT)));
  } catch (error) {
    console.warn('what was written is not kept over a reload', error);
  }
}
