import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { i18n } from '../shared/language.ts';
import { endsLogin, forget } from './session.ts';

/** What to say of it; a login that is over leads to the page for a new one. */
export function problemOf(thrown: unknown): string {
  const error = asKaijiangError(thrown);
  if (endsLogin(error)) forget({ hasExpired: true });
  if (error.code === 'UNREACHABLE') return i18n.global.t('error.unreachable');
  // The server says it in the reader's language, behind its code.
  return error.message.replace(/^[A-Z_]+: /, '');
}
