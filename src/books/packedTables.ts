/** What UNCOMPRESS() and JSON_TABLE do on MySQL, as tables of a connection to SQLite: packs as rows, without a text in between. */
import type BetterSqlite3 from 'better-sqlite3';
import { decompress, DRAW, REQUEST } from '../lottery/archive/drawPack.ts';

const REQUEST_COLUMNS = Object.keys(REQUEST).map((name) => `request_${name}`);
const DRAW_COLUMNS = Object.keys(DRAW).map((name) => `draw_${name}`);

export function addPackedTables(connection: BetterSqlite3.Database): void {
  connection.table('packed_requests', {
    columns: REQUEST_COLUMNS,
    parameters: ['content'],
    *rows(content: unknown) {
      for (const request of requestsOf(content)) yield cellsOf(request, REQUEST_COLUMNS.length);
    },
  });
  connection.table('packed_draws', {
    columns: [...REQUEST_COLUMNS, ...DRAW_COLUMNS],
    parameters: ['content'],
    *rows(content: unknown) {
      for (const request of requestsOf(content)) {
        const cells = cellsOf(request, REQUEST_COLUMNS.length);
        for (const draw of listsOf(request[REQUEST_COLUMNS.length]))
          yield [...cells, ...cellsOf(draw, DRAW_COLUMNS.length)];
      }
    },
  });
}

/** Of what is no pack any more there are none: that it is none another check finds. */
function requestsOf(content: unknown): unknown[][] {
  try {
    return listsOf(JSON.parse(decompress(content as Buffer)));
  } catch {
    return [];
  }
}

function listsOf(value: unknown): unknown[][] {
  return Array.isArray(value) ? value.filter((one) => Array.isArray(one)) : [];
}

/** Whole numbers as such: SQLite would take a number of JavaScript for one with a point, and write it out as one. */
function cellsOf(values: readonly unknown[], count: number): (bigint | string | null)[] {
  return Array.from({ length: count }, (_, at) => {
    const value = values[at];
    if (typeof value === 'string') return value;
    return Number.isSafeInteger(value) ? BigInt(value as number) : null;
  });
}
