/** Why the server refuses, where its code alone says too little, as the name of a text. */
import { asKaijiangError } from '../../src/client/kaijiangError.ts';

const REASONS: Record<string, string> = {
  'it is to your own advantage': 'advantage',
  'you asked for it, or edited it': 'own',
  'only a super admin breaks the glass': 'superAdmin',
  'there is somebody else who may decide': 'somebodyElse',
  'it has not waited long enough': 'tooEarly',
  'it is decided, or void': 'decided',
  'it was based on another version': 'outdated',
  'it may not start': 'mayNotStart',
  'it is worse for diners': 'worse',
};

export function refusalOf(thrown: unknown): string | undefined {
  const { details } = asKaijiangError(thrown);
  const reason = (details as { reason?: unknown } | null | undefined)?.reason;
  return typeof reason === 'string' ? REASONS[reason] : undefined;
}
