/*
 * Lists of the API as tables for a spreadsheet (RA-6): the whole of what a route answers page by page, under the same filter and with
 * the same masks, since it is the route itself that is asked for each page.
 *
 * A table is made while it is sent, a page of it at a time, as fast as the client takes it; it ends when the client goes, and when its
 * caller may not see the list any more, also while the client takes nothing. What is sent is written down before it is sent. On a
 * node so many are made at once and no more, and after each page as much time as it took goes to others.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Caller, Permission } from '../caller.ts';
import { AppError, asAppError } from '../errors.ts';
import type { ExportedList } from '../exportedList.ts';
import { LIMITS } from '../limits.ts';
import { actorOf, identityOf, type ListExport, type Reply, type Route, type RouteInput } from './route.ts';
import { sendCsv, type CsvCell, type CsvReply } from './sendCsv.ts';

export interface ListExportServices {
  access: {
    can(identity: Caller, permission: Permission): boolean;
    /** Absent: logins are not revoked here. */
    isRevoked?(sessionId: number): boolean;
  };
  /** Before anything is sent. Absent: this server gives no lists away. */
  recordExport?: ((exported: ExportedList) => Promise<void>) | undefined;
}

type Input = RouteInput<unknown, Record<string, unknown>, unknown>;
/** What lists answer with. `next`: where the page after it begins, null at the end; without one, `page` says which it is. */
interface ListedPage {
  items: readonly unknown[];
  next?: string | null;
}

export class ListExports {
  /** By caller. */
  private readonly running = new Map<number, number>();

  constructor(private readonly services: ListExportServices) {}

  /** @throws AppError as the route, BUSY; NOT_FOUND where nothing is given away */
  async send(request: Request, response: Response, { route, input }: Asked): Promise<void> {
    const { userId } = identityOf(input);
    this.begin(userId);
    let checking: NodeJS.Timeout | undefined;
    try {
      const table = await this.tableOf(route, input);
      checking = setInterval(() => void this.endUnlessAllowed(route, input), CHECK_MS);
      await sendCsv(request, response, table);
    } finally {
      clearInterval(checking);
      const left = this.running.get(userId)! - 1;
      if (left === 0) this.running.delete(userId);
      else this.running.set(userId, left);
    }
  }

  private begin(userId: number): void {
    const all = [...this.running.values()].reduce((sum, count) => sum + count, 0);
    const own = this.running.get(userId) ?? 0;
    if (all >= LIMITS.listExports || own >= LIMITS.listExportsPerPerson)
      throw new AppError('BUSY', { retryAfterSeconds: 10 });
    this.running.set(userId, own + 1);
  }

  private async tableOf(route: ListRoute, input: Input): Promise<CsvReply> {
    const { recordExport } = this.services;
    if (recordExport === undefined) throw new AppError('NOT_FOUND');
    const { name } = route.list;
    const columns = columnsOf(itemOf(route));
    const pages = this.pages(route, input);
    // What is refused is refused before anything is said of a success, and before it is written down.
    const first = await pages.next();
    await recordExport({ actor: actorOf(input), name, path: input.request.path, filter: filterOf(input) });
    const parts = partsOf(first, pages, columns);
    return { csv: { name: `${name}.csv`, columns: columns.map((column) => column.name), parts } };
  }

  private async *pages(route: ListRoute, input: Input): AsyncGenerator<readonly unknown[]> {
    const { shape } = route.query;
    const limit = LIMITS.rowsPerExportedPage;
    let query: Record<string, unknown> = { ...input.query, ...('limit' in shape && { limit, page: 1 }) };
    delete query['format'];
    for (let page = 1; ; page++) {
      const startedMs = performance.now();
      // Nobody is told how many there are in all.
      const { data } = (await route.handle({
        ...input,
        query: { ...query, isUncounted: true },
      })) as Reply<unknown>;
      const { items, next } = data as ListedPage;
      yield items;
      if (next === null || (next === undefined && (!('page' in shape) || items.length < limit))) return;
      query =
        next === undefined
          ? { ...query, page: page + 1 }
          : { ...query, before: z.parse(shape['before'], next) };
      await sleep(Math.min(performance.now() - startedMs, MOST_PAUSE_MS));
      const refusal = this.endUnlessAllowed(route, input);
      if (refusal !== undefined) throw refusal;
    }
  }

  /** A permission that is taken away, and a login that is ended, end the downloads that they began (RA-12). @returns why */
  private endUnlessAllowed({ access }: Route, input: Input): AppError | undefined {
    const identity = identityOf(input);
    const { can, isRevoked } = bound(this.services.access);
    try {
      if (isRevoked(identity.sessionId)) throw new AppError('TOKEN_REVOKED');
      if (access !== 'public' && access !== 'user' && !can(identity, access)) throw new AppError('FORBIDDEN');
      return undefined;
    } catch (thrown) {
      // Closed, it would still be sent what waits in the kernel, which may be megabytes.
      input.request.socket.resetAndDestroy();
      return asAppError(thrown);
    }
  }
}

const MOST_PAUSE_MS = 200;
/** Within a second of it, the way of the news included. */
const CHECK_MS = 300;

function bound(access: ListExportServices['access']) {
  return {
    can: access.can.bind(access),
    isRevoked: access.isRevoked?.bind(access) ?? (() => false),
  };
}

interface ListRoute extends Route {
  list: ListExport;
  query: z.ZodObject;
}

interface Asked {
  route: ListRoute;
  input: Input;
}

/** Whether a call is one for the table of a list. */
export function isAskedAsTable(route: Route, query: unknown): route is ListRoute {
  return route.list !== undefined && (query as { format?: unknown }).format === 'csv';
}

function filterOf({ request }: Input): Record<string, string> {
  const { format: _, page: _page, limit: _limit, ...filter } = request.query as Record<string, string>;
  return filter;
}

async function* partsOf(
  first: IteratorResult<readonly unknown[]>,
  rest: AsyncGenerator<readonly unknown[]>,
  columns: readonly Column[],
): AsyncGenerator<CsvCell[][]> {
  const row = (item: unknown) => columns.map(({ path }) => cellOf(item, path));
  if (first.done !== true) yield first.value.map(row);
  for await (const items of rest) yield items.map(row);
}

interface Column {
  name: string;
  path: readonly string[];
}

/** What the items of a list are. */
function itemOf({ data, path }: Route): z.ZodType {
  const items =
    data instanceof z.ZodObject ? bare((data.shape as Record<string, z.ZodType>)['items']) : undefined;
  if (!(items instanceof z.ZodArray)) throw new Error(`${path} answers with no list`);
  return items.element as z.ZodType;
}

/** One for each value; those of an object within the item by both names, with a dot between them. */
function columnsOf(shape: z.ZodType, path: readonly string[] = []): Column[] {
  const inner = bare(shape);
  if (!(inner instanceof z.ZodObject)) return [{ name: path.join('.'), path }];
  const fields = Object.entries<z.ZodType>(inner.shape);
  return fields.flatMap(([name, field]) => columnsOf(field, [...path, name]));
}

/** Whether or not it may be absent. */
function bare(shape: z.ZodType | undefined): z.ZodType | undefined {
  return shape instanceof z.ZodNullable || shape instanceof z.ZodOptional
    ? bare(shape.unwrap() as z.ZodType)
    : shape;
}

/** Lists, and whatever differs from item to item, are JSON. */
function cellOf(item: unknown, path: readonly string[]): CsvCell {
  const value = path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | null | undefined)?.[name],
    item,
  );
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean);
}
