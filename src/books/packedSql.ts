/** Draws in packs as rows: each check of the books is of all draws, wherever they are, by the same statement. */
import { DRAW, REQUEST, type Kind } from '../lottery/archive/drawPack.ts';
import type { Dialect } from '../platform/database/sources.ts';

/** A column of a row that is in a pack: where its cell is, or of what others it is made. */
interface Column {
  name: string;
  sql(cell: (of: 'request' | 'draw', name: string) => string): string;
}

const REQUEST_NAMES = Object.keys(REQUEST);
const DRAW_NAMES = Object.keys(DRAW);
const KINDS: Readonly<Record<string, Kind>> = { ...REQUEST, ...DRAW };

const cells = (of: 'request' | 'draw', names: readonly string[]): Column[] =>
  names.map((name) => ({ name, sql: (cell) => cell(of, name) }));

const CAMPAIGN: Column = { name: 'campaign_id', sql: () => 'p.campaign_id' };
const DRAWS: readonly Column[] = [
  { name: 'draw_id', sql: (cell) => `p.campaign_id * 10000000000 + ${cell('draw', 'draw_no')}` },
  CAMPAIGN,
  ...cells('request', ['user_id', 'request_id', 'client_seed']),
  ...cells('draw', DRAW_NAMES),
  { name: 'is_winner', sql: (cell) => `(${cell('draw', 'prize_id')} IS NOT NULL)` },
];
const REQUESTS: readonly Column[] = [CAMPAIGN, ...cells('request', REQUEST_NAMES)];

/** Tables that are in packs as well. */
const TABLES = [
  { name: 'lottery_draws', columns: DRAWS, isDraws: true },
  { name: 'lottery_draw_requests', columns: REQUESTS, isDraws: false },
] as const;

/**
 * A statement of which those tables have the rows of packs as well. Columns that it does not name are left out, since what they have is
 * brought together for each statement anew.
 */
export function withPacked(statement: string, dialect: Dialect): string {
  const named = new Set(statement.match(/\w+/g));
  const parts = TABLES.filter(({ name }) => named.has(name)).map(({ name, columns, isDraws }) => {
    const wanted = columns.filter((column, at) => at === 0 || named.has(column.name));
    const packed = wanted.map(({ name: column, sql }) => `${sql(cellOf(dialect))} AS ${column}`);
    // A name that is given by WITH hides a table from all but itself.
    const rows = dialect === 'sqlite' ? `main.${name}` : name;
    return `${name} AS (SELECT ${wanted.map((column) => column.name).join(', ')} FROM ${rows}
      UNION ALL SELECT ${packed.join(', ')} FROM ${packedRows(dialect, isDraws)})`;
  });
  return parts.length === 0 ? statement : `WITH ${parts.join(',\n')}\n${statement}`;
}

/** Packs `p` with a row `j` for each request, or for each draw. */
export function packedRows(dialect: Dialect, isDraws: boolean): string {
  if (dialect === 'sqlite')
    return `lottery_draw_packs p JOIN ${isDraws ? 'packed_draws' : 'packed_requests'}(p.content) j`;
  const text = 'CONVERT(UNCOMPRESS(p.content) USING utf8mb4)';
  const nested = `, NESTED PATH '$[${REQUEST_NAMES.length}][*]' COLUMNS (${tableColumns('draw', DRAW_NAMES)})`;
  return `lottery_draw_packs p JOIN JSON_TABLE(IF(JSON_VALID(${text}), ${text}, '[]'), '$[*]' COLUMNS (
      ${tableColumns('request', REQUEST_NAMES)}${isDraws ? nested : ''})) j`;
}

const TYPES: Record<Kind, string> = {
  whole: 'BIGINT',
  wholeOrNull: 'BIGINT',
  flag: 'BIGINT',
  points: 'BIGINT',
  id: 'VARCHAR(64)',
  hash: 'VARCHAR(64)',
  time: 'DATETIME(3)',
};

function tableColumns(of: 'request' | 'draw', names: readonly string[]): string {
  return names.map((name, at) => `${of}_${name} ${TYPES[KINDS[name]!]} PATH '$[${at}]'`).join(', ');
}

/** The value of a cell, as the table's own column has it. */
export function cellOf(dialect: Dialect): (of: 'request' | 'draw', name: string) => string {
  return (of, name) => {
    const kind = KINDS[name]!;
    const value = `j.${of}_${name}`;
    if (dialect === 'sqlite') return kind === 'points' ? `${value} / 100.0` : value;
    if (kind === 'points') return `CAST(${value} / 100 AS DECIMAL(15,2))`;
    if (kind === 'id') return `CONVERT(${value} USING ascii) COLLATE ascii_bin`;
    return kind === 'hash' ? `${value} COLLATE utf8mb4_unicode_ci` : value;
  };
}
