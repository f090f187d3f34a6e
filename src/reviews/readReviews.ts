import { In, MoreThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import type { z } from 'zod';
import { Review } from '../../entities/reviews/Review.ts';
import { nobody, readPublicPeople } from '../identity/people/publicPeople.ts';
import { apiKeyIdOf, type Permission } from '../platform/caller.ts';
import {
  countTo,
  listNumbered,
  longPage,
  MOST_COUNTED,
  type Condition,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import { readPage } from '../platform/database/readPage.ts';
import { AppError } from '../platform/errors.ts';
import type { ReviewKinds, Shown } from './kinds.ts';
import type { reviewShape } from './messages.ts';

export type ReviewView = z.output<typeof reviewShape>;

const REVIEWS: NumberedTable<Review> = { entity: Review, key: 'review_id', indexed: ['status', 'kind'] };

/** Who reads. */
export interface Reader {
  userId: number;
  can(permission: Permission): boolean;
  /** Of which they have a say; undefined: of all. */
  restaurants: readonly number[] | undefined;
}

interface Narrowed {
  kind?: string | undefined;
  status?: Review['status'] | undefined;
  restaurant_id?: number | undefined;
  order: 'newest' | 'due';
}

/** Of the kinds, and the restaurants, of which the reader has a say. */
export async function listReviews(
  { manager, nowMs, kinds, reader }: Reading,
  { kind, status, restaurant_id, order, ...query }: NumberedQuery & Narrowed,
): Promise<LongPage<ReviewView>> {
  const read = Object.keys(kinds).filter((name) => reader.can(kinds[name]!.reads));
  const asked = kind === undefined ? read : read.filter((name) => name === kind);
  const mine = reader.restaurants?.filter((id) => restaurant_id === undefined || id === restaurant_id);
  const condition = {
    kind: asked.length === Object.keys(kinds).length ? undefined : isOneOf(asked),
    status,
    restaurant_id: mine === undefined ? restaurant_id : In(mine),
  };
  const { items, ...page } =
    order === 'newest'
      ? await listNumbered(manager, REVIEWS, condition, query)
      : await listByDue(manager, condition, query);
  return { ...page, items: await toViews({ manager, nowMs, kinds, reader }, items) };
}

const isOneOf = (names: readonly string[]) => (names.length === 1 ? names[0]! : In([...names]));

/** What is due first comes first. */
async function listByDue(
  manager: EntityManager,
  condition: Condition<Review>,
  query: NumberedQuery,
): Promise<LongPage<Review>> {
  const given = Object.entries(condition).filter(([, value]) => value !== undefined);
  const where = Object.fromEntries(given) as FindOptionsWhere<Review>;
  const from = query.before === undefined ? where : await placeAfter(manager, where, query.before);
  const order = { due_at: 'ASC', review_id: 'ASC' } as const;
  const page = await readPage(query, {
    items: (part) => manager.find(Review, { where: from, order, ...part }),
    count: () => countTo(MOST_COUNTED, { manager, entity: Review, where }),
  });
  return longPage(page, ({ review_id: id }) => id);
}

/** @param last of the page before; where it is gone there is nothing after it */
async function placeAfter(manager: EntityManager, where: FindOptionsWhere<Review>, last: number) {
  const row = await manager.findOneBy(Review, { review_id: last });
  if (row === null) return { ...where, review_id: In([]) };
  const { due_at } = row;
  return [
    { ...where, due_at: MoreThan(due_at) },
    { ...where, due_at, review_id: MoreThan(last) },
  ];
}

export interface Reading {
  manager: EntityManager;
  nowMs: number;
  kinds: ReviewKinds;
  reader: Reader;
}

/** @throws AppError NOT_FOUND, FORBIDDEN for who has no say of it */
export async function readReview(reading: Reading, reviewId: number): Promise<ReviewView> {
  const row = await findReview(reading, reviewId);
  return (await toViews(reading, [row]))[0]!;
}

/** @throws AppError as `readReview` */
export async function findReview(
  { manager, kinds, reader }: Pick<Reading, 'manager' | 'kinds' | 'reader'>,
  reviewId: number,
): Promise<Review> {
  const row = await manager.findOneBy(Review, { review_id: reviewId });
  const kind = row === null ? undefined : kinds[row.kind];
  if (row === null || kind === undefined) throw new AppError('NOT_FOUND');
  if (!reader.can(kind.reads)) throw forbidden('permission');
  if (reader.restaurants !== undefined && !reader.restaurants.includes(row.restaurant_id ?? 0))
    throw forbidden('other_restaurant');
  return row;
}

export function forbidden(reason: string): AppError {
  return new AppError('FORBIDDEN', { details: { reason } });
}

async function toViews(reading: Reading, rows: readonly Review[]): Promise<ReviewView[]> {
  const { manager, kinds, nowMs } = reading;
  const people = await readPublicPeople(
    manager,
    rows.flatMap(({ applicant_id: id }) => id ?? []),
  );
  const shown = new Map<string, ReadonlyMap<number, Shown>>();
  for (const [name, ofKind] of Map.groupBy(rows, ({ kind }) => kind)) {
    const ids = ofKind.map(({ subject_id: id }) => id);
    shown.set(name, (await kinds[name]?.show(manager, ids)) ?? new Map<number, Shown>());
  }
  return rows.map((row) => {
    const { subject = null, flags = [] } = shown.get(row.kind)?.get(row.subject_id) ?? {};
    const { applicant_id: userId } = row;
    // A machine asks by its number below zero.
    const applicant = userId === null || userId < 0 ? null : (people.get(userId) ?? nobody(userId));
    const whyNot = whyNotOf(row, reading);
    const isCounted = row.limit_minutes !== null;
    return {
      review_id: row.review_id,
      kind: row.kind,
      subject_id: row.subject_id,
      ...{ subject, flags, status: row.status },
      applicant: applicant && { user_id: applicant.user_id, nickname: applicant.nickname },
      restaurant_id: row.restaurant_id,
      due_at: isCounted ? row.due_at.toISOString() : null,
      overdue: row.status === 'pending' && isCounted && row.due_at.getTime() <= nowMs,
      barred: barredFrom(row),
      may_decide: whyNot === null,
      why_not: whyNot,
      escalated_at: row.escalated_at?.toISOString() ?? null,
      decided_by: row.decided_by,
      decided_at: row.decided_at?.toISOString() ?? null,
      reason: row.reason,
      created_at: row.created_at.toISOString(),
    };
  });
}

/** As far as the queue knows; the domain that decides it knows all of it (RA-3). */
function whyNotOf(row: Review, { kinds, reader }: Reading): ReviewView['why_not'] {
  const kind = kinds[row.kind];
  if (row.status !== 'pending') return 'decided';
  if (apiKeyIdOf(reader.userId) !== undefined) return 'machine';
  if (kind === undefined || !reader.can(kind.decides)) return 'permission';
  const isUnknown = row.applicant_id === null || row.editor_id === null;
  if (isUnknown || (kind.hasBeneficiary && row.beneficiary_id === null)) return 'unknown';
  return barredFrom(row).find(({ user_id: id }) => id === reader.userId)?.reason ?? null;
}

function barredFrom({ applicant_id, beneficiary_id, editor_id }: Review): ReviewView['barred'] {
  const parties = [
    ['applicant', applicant_id],
    ['beneficiary', beneficiary_id],
    ['editor', editor_id],
  ] as const;
  const barred = new Map<number, (typeof parties)[number][0]>();
  for (const [reason, id] of parties) if (id !== null && id > 0 && !barred.has(id)) barred.set(id, reason);
  return [...barred].map(([user_id, reason]) => ({ user_id, reason }));
}
