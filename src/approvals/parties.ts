/** Who may not decide about a request: those whom it concerns, and whoever is unknown (RL-3). */
import { creatorOfKey } from '../identity/apiKeys/keyStore.ts';
import { hasOtherAdministrator } from '../identity/people/isActive.ts';
import { apiKeyIdOf, type Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';

/** What only the domain of a request knows of people. */
export interface Parties {
  /** Whether somebody gains by what is asked for. */
  isBeneficiary(tx: Tx, userId: number): Promise<boolean>;
  /** How old a request has to be for a super admin who is alone. */
  breakGlassMs: number;
}

export interface Decider {
  actor: Actor;
  isSuperAdmin: boolean;
  /** A super admin who is alone approves their own change, after a delay. */
  breaksGlass: boolean;
}

interface Asked {
  authorId: number | null;
  editorId: number | null;
  createdAtMs: number;
}

/** @throws AppError FORBIDDEN with the reason */
export async function refuseParties(
  tx: Tx,
  { authorId, editorId, createdAtMs }: Asked,
  { actor, isSuperAdmin, breaksGlass }: Decider,
  parties: Parties,
  nowMs: number,
): Promise<void> {
  if (apiKeyIdOf(actor.userId) !== undefined) throw forbidden('a machine decides nothing');
  const author = await personBehind(tx, authorId);
  const editor = await personBehind(tx, editorId);
  if (author === undefined || editor === undefined) throw forbidden('it is not known who asks for it');
  if (await parties.isBeneficiary(tx, actor.userId)) throw forbidden('it is to your own advantage');
  if (actor.userId !== author && actor.userId !== editor) return;
  if (!breaksGlass) throw forbidden('you asked for it, or edited it');
  if (!isSuperAdmin) throw forbidden('only a super admin breaks the glass');
  if (await hasOtherAdministrator(tx, [...new Set([author, editor])]))
    throw forbidden('there is somebody else who may decide');
  const allowedAtMs = createdAtMs + parties.breakGlassMs;
  if (nowMs < allowedAtMs)
    throw forbidden('it has not waited long enough', { allowed_at: new Date(allowedAtMs).toISOString() });
}

/** A key acts for whoever made it. */
async function personBehind(tx: Tx, callerId: number | null): Promise<number | undefined> {
  if (callerId === null) return undefined;
  const apiKeyId = apiKeyIdOf(callerId);
  return apiKeyId === undefined ? callerId : creatorOfKey(tx, apiKeyId);
}

function forbidden(reason: string, facts: object = {}): AppError {
  return new AppError('FORBIDDEN', { details: { reason, ...facts } });
}
