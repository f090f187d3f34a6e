/** How it goes with what models recommend (B-4): shown and clicked, by model and by position, of as long as lists are kept. */
import { In } from 'typeorm';
import type { z } from 'zod';
import { SmartModel } from '../../entities/smart/SmartModel.ts';
import { SmartServed } from '../../entities/smart/SmartServed.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { countFeedback } from './feedback.ts';
import type { modelShape, reportShape } from './messages.ts';
import type { Strategy } from './serving/strategy.ts';

export const SERVED_DAYS = 30;

const MODELS: NumberedTable<SmartModel> = { entity: SmartModel, key: 'version' };
type ModelView = z.output<typeof modelShape>;
type Reading = Pick<Database, 'currentReader'>;

/** Newest first. */
export async function listModels(database: Reading, query: NumberedQuery): Promise<LongPage<ModelView>> {
  const page = await listNumbered(database.currentReader, MODELS, {}, query);
  return { ...page, items: await withCounts(database, page.items) };
}

export async function modelView(database: Reading, model: SmartModel): Promise<ModelView> {
  const [view] = await withCounts(database, [model]);
  return view!;
}

/** @throws AppError NOT_FOUND */
export async function readReport(
  database: Reading,
  version: number,
): Promise<Pick<z.output<typeof reportShape>, 'model' | 'positions' | 'strategies'>> {
  const model = await database.currentReader.findOneBy(SmartModel, { version });
  if (model === null) throw new AppError('NOT_FOUND');
  const [view, lengths, feedback] = await Promise.all([
    modelView(database, model),
    countServed(database, [version]),
    countFeedback(database, [version]),
  ]);
  const longest = lengths.reduce((most, { length }) => Math.max(most, length), 0);
  const positions = Array.from({ length: longest }, (_, at) => {
    const position = at + 1;
    const shown = sumOf(lengths.filter(({ length }) => length >= position).map(({ lists }) => lists));
    const count = (kind: string) =>
      sumOf(
        feedback.filter((row) => row.position === position && row.kind === kind).map((row) => row.entries),
      );
    const clicks = count('clicked');
    return {
      position,
      shown,
      clicks,
      likes: count('liked'),
      not_interested: count('not_interested'),
      ctr: rateOf(clicks, shown),
    };
  });
  const byStrategy = Map.groupBy(lengths, ({ strategy }) => strategy);
  const strategies = [...byStrategy]
    .map(([strategy, rows]) => ({ strategy, lists: sumOf(rows.map(({ lists }) => lists)) }))
    .sort((a, b) => b.lists - a.lists);
  return { model: view, positions, strategies };
}

async function withCounts(database: Reading, models: readonly SmartModel[]): Promise<ModelView[]> {
  const versions = models.map(({ version }) => version);
  const [served, feedback] = await Promise.all([
    countServed(database, versions),
    countFeedback(database, versions),
  ]);
  return models.map(({ parameters: _, ...model }) => {
    const own = served.filter(({ version }) => version === model.version);
    const shown = sumOf(own.map(({ lists, length }) => lists * length));
    const clicked = feedback.filter(({ version, kind }) => version === model.version && kind === 'clicked');
    const clicks = sumOf(clicked.map(({ entries }) => entries));
    return {
      ...model,
      created_at: model.created_at.toISOString(),
      finished_at: model.finished_at?.toISOString() ?? null,
      activated_at: model.activated_at?.toISOString() ?? null,
      lists: sumOf(own.map(({ lists }) => lists)),
      clicks,
      ctr: rateOf(clicks, shown),
    };
  });
}

interface ServedCount {
  version: number;
  strategy: Strategy;
  length: number;
  lists: number;
}

async function countServed({ currentReader }: Reading, versions: readonly number[]): Promise<ServedCount[]> {
  if (versions.length === 0) return [];
  const rows = await currentReader
    .createQueryBuilder(SmartServed, 'of')
    .select('of.model_version', 'version')
    .addSelect('of.strategy', 'strategy')
    .addSelect('of.items_count', 'length')
    .addSelect('COUNT(*)', 'lists')
    .where({ model_version: In([...versions]) })
    .groupBy('of.model_version')
    .addGroupBy('of.strategy')
    .addGroupBy('of.items_count')
    .getRawMany<{ version: number; strategy: Strategy; length: number; lists: number }>();
  return rows.map((row) => ({
    version: Number(row.version),
    strategy: row.strategy,
    length: Number(row.length),
    lists: Number(row.lists),
  }));
}

function rateOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
