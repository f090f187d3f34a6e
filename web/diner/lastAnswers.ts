/**
 * What the server said last, to be shown while it cannot be reached (RW-13). Kept for whoever is logged in, and gone with their
 * login: the next one on this device sees nothing of it.
 */
import { session } from './session.ts';

const PREFIX = 'kaijiang.last.';

export interface LastAnswer<Data> {
  data: Data;
  /** When it was given, in ms. */
  at: number;
}

interface Kept<Data> extends LastAnswer<Data> {
  userId: number;
}

export function keepAnswer(name: string, data: unknown, at: number): void {
  const userId = session.user?.user_id;
  if (userId === undefined) return;
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ userId, data, at }));
  } catch (error) {
    console.warn('the store is full: this is not shown off line', error);
  }
}

export function lastAnswer<Data>(name: string): LastAnswer<Data> | undefined {
  const text = localStorage.getItem(PREFIX + name);
  if (text === null) return undefined;
  const { userId, data, at } = JSON.parse(text) as Kept<Data>;
  return userId === session.user?.user_id ? { data, at } : undefined;
}

export function forgetAnswers(): void {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  for (const name of names) localStorage.removeItem(name);
}
