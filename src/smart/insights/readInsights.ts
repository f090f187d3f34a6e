import { IsNull, LessThan, Not, type FindOptionsWhere } from 'typeorm';
import { SmartInsight, type InsightKind } from '../../../entities/smart/SmartInsight.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { readPage } from '../../platform/database/readPage.ts';
import { nextOf, type PageQuery } from '../../platform/shapes.ts';
import type { INSIGHT_STATES } from './messages.ts';

export interface AskedInsights extends PageQuery {
  state: (typeof INSIGHT_STATES)[number];
  kind?: InsightKind | undefined;
  before?: number | undefined;
}

const OF_STATE: Record<AskedInsights['state'], FindOptionsWhere<SmartInsight>> = {
  open: { dismissed_at: IsNull(), standing_key: Not(IsNull()) },
  dismissed: { dismissed_at: Not(IsNull()) },
  over: { dismissed_at: IsNull(), standing_key: IsNull() },
  all: {},
};

/** Newest first. */
export async function readInsights({ currentReader }: Database, asked: AskedInsights) {
  const { state, kind, before, limit } = asked;
  const where: FindOptionsWhere<SmartInsight> = { ...OF_STATE[state], ...(kind !== undefined && { kind }) };
  const page = await readPage(asked, {
    items: (part) =>
      currentReader.find(SmartInsight, {
        where: { ...where, ...(before !== undefined && { insight_id: LessThan(before) }) },
        order: { insight_id: 'DESC' },
        ...part,
      }),
    count: () => currentReader.countBy(SmartInsight, where),
  });
  return { ...page, next: nextOf(page.items, limit, ({ insight_id: id }) => id) };
}
