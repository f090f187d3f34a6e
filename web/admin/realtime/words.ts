import { i18n } from '../../shared/language.ts';
import type { Kind } from './wire.ts';

/** A page or an action as people call it; one that a client of somebody else's has named stays as it is. */
export function wordsOf(kind: Kind, name: string): string {
  const group = kind === 'action' ? 'actions' : 'pages';
  const key = `realtime.${group}.${name}`;
  return i18n.global.te(key) ? i18n.global.t(key) : name;
}
