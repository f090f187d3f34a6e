import { i18n } from '../shared/language.ts';
import { createSession } from '../shared/session.ts';
import { refusalOf } from './refusals.ts';

const created = createSession('kaijiang.console.login');
export const { session, client, login, logout, remember, forget } = created;

/** What to say of an error, in the reader's language; a login that is over leads to the page for a new one. */
export function problemOf(thrown: unknown): string {
  const said = created.problemOf(thrown);
  const refusal = refusalOf(thrown);
  return refusal === undefined ? said : i18n.global.t(`refusal.${refusal}`);
}
