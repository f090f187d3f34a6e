/** Why the server refuses, where its code alone says too little, as the name of a text. */
import { asKaijiangError } from '../../src/client/kaijiangError.ts';

const REASONS: Record<string, string> = {
  'it is to your own advantage': 'advantage',
  'you asked for it, or edited it': 'own',
  'only a super admin breaks the glass': 'superAdmin',
  made_already: 'madeAlready',
  unconfirmed: 'unconfirmed',
  too_early: 'objection',
  blocked: 'blocked',
  in_another_merge: 'inAnotherMerge',
  'there is somebody else who may decide': 'somebodyElse',
  'it has not waited long enough': 'tooEarly',
  'it is decided, or void': 'decided',
  'it is decided': 'decided',
  'it does not wait for a review': 'decided',
  'there is an earlier claim of the bill': 'earlierClaim',
  'the bill has its points': 'billKnown',
  'the applicant is not there any more': 'applicantGone',
  'the receiver is not there any more': 'receiverGone',
  'you have sent or reported it': 'party',
  'it is not known who gains by it': 'unknown',
  'it is not known who asks for it': 'unknown',
  'it was based on another version': 'outdated',
  'it may not start': 'mayNotStart',
  'it is worse for diners': 'worse',
  name_taken: 'segmentNameTaken',
  has_condition: 'segmentHasCondition',
  in_use: 'segmentInUse',
};

export function refusalOf(thrown: unknown): string | undefined {
  return refusalIn(asKaijiangError(thrown).details);
}

/** Of one of many that were asked for at once. */
export function refusalIn(details: unknown): string | undefined {
  const reason = (details as { reason?: unknown } | null | undefined)?.reason;
  return typeof reason === 'string' ? REASONS[reason] : undefined;
}
