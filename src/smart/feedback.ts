/**
 * What people say of what they are recommended, and of the product (RS-11). "Not interested" hides at once, and for a month; a click is told
 * of the model that has chosen it. That something was shown is no word of theirs, and changes nothing.
 */
import { In, MoreThan } from 'typeorm';
import { SmartFeedback, type FeedbackKind } from '../../entities/smart/SmartFeedback.ts';
import { SmartServed } from '../../entities/smart/SmartServed.ts';
import { closedAmongHeld } from '../identity/people/isActive.ts';
import { insertOne } from '../platform/database/bulk.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { keyOf } from './serving/readyModel.ts';

const DAY_MS = 86_400_000;
export const HIDDEN_DAYS = 30;
/** Things that one person hides: the latest. */
const MOST_HIDDEN = 500;

export interface ItemFeedback {
  userId: number;
  kind: Exclude<FeedbackKind, 'general'>;
  type: string;
  id: number;
  /** Undefined: it was not of a list that is known. */
  of: { recommendationId: string; modelVersion: number; position: number } | undefined;
}

/** Once more changes nothing but until when it is hidden. */
export async function giveItemFeedback(
  tx: Tx,
  { userId, kind, type, id, of }: ItemFeedback,
  nowMs: number,
): Promise<void> {
  if ((await closedAmongHeld(tx, [userId])).size > 0) throw new AppError('TOKEN_REVOKED');
  const created_at = new Date(nowMs);
  const once_key = [userId, kind === 'clicked' ? (of?.recommendationId ?? '') : '', kind, type, id].join(' ');
  const [known] = await tx.lock(SmartFeedback, { where: { once_key } });
  if (known !== undefined) {
    if (kind === 'not_interested')
      await tx.manager.update(SmartFeedback, { feedback_id: known.feedback_id }, { created_at });
    return;
  }
  await insertOne(tx, SmartFeedback, {
    user_id: userId,
    kind,
    once_key,
    recommendation_id: of?.recommendationId ?? null,
    model_version: of?.modelVersion ?? null,
    position: of?.position ?? null,
    item_type: type,
    item_id: id,
    satisfaction: null,
    text: null,
    created_at,
  });
}

/** It is shown again. */
export async function undoNotInterested(
  tx: Tx,
  { userId, type, id }: { userId: number; type: string; id: number },
): Promise<void> {
  await tx.manager.delete(SmartFeedback, {
    user_id: userId,
    kind: 'not_interested',
    item_type: type,
    item_id: id,
  });
}

export interface GeneralFeedback {
  userId: number;
  satisfaction: number | null;
  text: string | null;
}

/** @returns its id */
export async function giveGeneralFeedback(
  tx: Tx,
  { userId, satisfaction, text }: GeneralFeedback,
  nowMs: number,
): Promise<number> {
  return insertOne(tx, SmartFeedback, {
    user_id: userId,
    kind: 'general',
    once_key: null,
    recommendation_id: null,
    model_version: null,
    position: null,
    item_type: null,
    item_id: null,
    satisfaction,
    text,
    created_at: new Date(nowMs),
  });
}

/** What somebody does not want to see, by its keys. */
export async function readHidden(
  { currentReader }: Pick<Database, 'currentReader'>,
  userId: number,
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const rows = await currentReader.find(SmartFeedback, {
    select: { feedback_id: true, item_type: true, item_id: true },
    where: {
      user_id: userId,
      kind: 'not_interested',
      created_at: MoreThan(new Date(nowMs - HIDDEN_DAYS * DAY_MS)),
    },
    order: { created_at: 'DESC' },
    take: MOST_HIDDEN,
  });
  return new Set(rows.map(({ item_type: type, item_id: id }) => keyOf({ type: type!, id: id! })));
}

const FEEDBACK: NumberedTable<SmartFeedback> = {
  entity: SmartFeedback,
  key: 'feedback_id',
  indexed: ['kind'],
};

/** Newest first. */
export function listFeedback(
  { currentReader }: Pick<Database, 'currentReader'>,
  { kind, ...query }: NumberedQuery & { kind?: FeedbackKind | undefined },
): Promise<LongPage<SmartFeedback>> {
  return listNumbered(currentReader, FEEDBACK, { kind }, query);
}

/** Of somebody who leaves, by the transaction that holds their row (A-11, RS-14). */
export async function forgetFeedback(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(SmartFeedback, { user_id: userId });
  await tx.manager.delete(SmartServed, { user_id: userId });
}

/** Clicks, likes and refusals of a model, by position. */
export async function countFeedback(
  { currentReader }: Pick<Database, 'currentReader'>,
  versions: readonly number[],
): Promise<{ version: number; kind: FeedbackKind; position: number; entries: number }[]> {
  if (versions.length === 0) return [];
  const rows = await currentReader
    .createQueryBuilder(SmartFeedback, 'of')
    .select('of.model_version', 'version')
    .addSelect('of.kind', 'kind')
    .addSelect('of.position', 'position')
    .addSelect('COUNT(*)', 'entries')
    .where({ model_version: In([...versions]) })
    .groupBy('of.model_version')
    .addGroupBy('of.kind')
    .addGroupBy('of.position')
    .getRawMany<{ version: number; kind: FeedbackKind; position: number; entries: number }>();
  return rows.map((row) => ({
    version: Number(row.version),
    kind: row.kind,
    position: Number(row.position),
    entries: Number(row.entries),
  }));
}
