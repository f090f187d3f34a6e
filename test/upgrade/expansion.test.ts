/*
 * RO-3 what migrations may do since the release before, so that its nodes go on beside those of this one.
 *
 * They expand: new tables, new columns that are null or have a default, wider columns, other indices that forbid nothing new. Whatever
 * takes away, renames or narrows is a contraction: it comes in the release after the one that has stopped using it, and its name says
 * which step a build must have to bear it (`isBorne` in src/platform/database/migrate.ts).
 */
import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { DataSource, type DataSourceOptions, type TableColumn } from 'typeorm';
import { PREVIOUS_MIGRATION } from '../../loadtest/upgrade/previousRelease.ts';
import { MIGRATIONS } from '../../src/platform/database/dataSource.ts';
import { isBorne } from '../../src/platform/database/migrate.ts';
import { forEachDatabase } from '../support/databases.ts';

type Migrations = readonly (new () => unknown)[];

/** By table, its columns by name. */
type Shape = Map<string, Map<string, TableColumn>>;

/** One after the other, each with what is told of it. */
const BREAKS: [sql: string, expected: string][] = [
  ['ALTER TABLE lottery_prizes DROP COLUMN tier', 'lottery_prizes.tier is gone'],
  [
    'ALTER TABLE inventory_deliveries RENAME COLUMN carrier TO courier',
    'inventory_deliveries.carrier is gone',
  ],
  ['DROP TABLE idempotency_records', 'idempotency_records is gone'],
  [
    'DROP TABLE readiness_probes; CREATE TABLE readiness_probes (probe_id VARCHAR(20) NOT NULL PRIMARY KEY)',
    'readiness_probes.probe_id has length 20 instead of 36',
  ],
  [
    'DROP TABLE finished_works; CREATE TABLE finished_works (name VARCHAR(64) NOT NULL PRIMARY KEY, later INTEGER NOT NULL)',
    'finished_works.later is asked for, and nodes of before do not write it',
  ],
];

const previous = MIGRATIONS.findIndex(({ name }) => name === PREVIOUS_MIGRATION) + 1;

forEachDatabase('migrations since the release before', (_open, _openUrl, openUrl) => {
  let url: string;
  let old: Shape;
  let now: Shape;
  before('makes a database of the release before, and brings it to this one', async function () {
    this.timeout(300_000);
    assert.ok(previous > 0, `${PREVIOUS_MIGRATION} is no migration`);
    url = await openUrl();
    old = await shapeAfter(url, { migrations: MIGRATIONS.slice(0, previous) });
    // What builds of that release do not bear they are kept from by its name.
    const borne = MIGRATIONS.filter(({ name }, at) => at < previous || isBorne(name, namesOf(previous)));
    now = await shapeAfter(url, { migrations: borne });
  });

  it('RO-3 take nothing away, rename nothing and narrow nothing', () => {
    assert.ok(old.size > 100);
    assert.deepEqual(differencesOf(old, now), []);
  });

  it('RO-3 one that did would be noticed', async () => {
    const noticed: string[] = [];
    for (const [sql, expected] of BREAKS) {
      const broken = await shapeAfter(url, { sql });
      const found = differencesOf(old, broken).filter((one) => !noticed.includes(one));
      assert.deepEqual(found, [expected], sql);
      noticed.push(...found);
    }
  }).timeout(120_000);

  it('RO-3 a contraction is borne by builds that have what it needs, and by no others', () => {
    const last = MIGRATIONS.at(-1)!.name;
    const own = namesOf(MIGRATIONS.length);
    assert.ok(isBorne('Later1900000000000', own));
    assert.ok(isBorne(`DropNeeds${last.slice(-13)}At1900000000000`, own));
    assert.ok(!isBorne(`DropNeeds${last.slice(-13)}At1900000000000`, namesOf(previous)));
    assert.ok(!isBorne('DropNeeds1800000000000At1900000000000', own));
  });
});

function namesOf(count: number): string[] {
  return MIGRATIONS.slice(0, count).map(({ name }) => name);
}

async function open(url: string, migrations: Migrations): Promise<DataSource> {
  const options = url.startsWith('sqlite:')
    ? { type: 'better-sqlite3', database: url.slice('sqlite:'.length) }
    : { type: 'mysql', url, timezone: 'Z', charset: 'utf8mb4' };
  return new DataSource({ ...options, migrations: [...migrations] } as DataSourceOptions).initialize();
}

async function shapeAfter(
  url: string,
  { migrations = [], sql }: { migrations?: Migrations; sql?: string },
): Promise<Shape> {
  const source = await open(url, migrations);
  const runner = source.createQueryRunner();
  try {
    if (sql === undefined) await source.runMigrations({ transaction: 'each' });
    else for (const statement of sql.split(';')) await runner.query(statement);
    const tables = await runner.getTables();
    const schema = await runner.getCurrentDatabase();
    return new Map(
      tables
        // MariaDB tells of those of its other databases as well.
        .filter(({ database }) => database === undefined || database === schema)
        .map(({ name, columns }) => [
          name.split('.').at(-1)!,
          new Map(columns.map((column) => [column.name, column])),
        ]),
    );
  } finally {
    await runner.release();
    await source.destroy();
  }
}

/** What nodes of before could not work with, one line each. */
function differencesOf(old: Shape, now: Shape): string[] {
  return [...old].flatMap(([table, columns]) => {
    const present = now.get(table);
    if (present === undefined) return [`${table} is gone`];
    const added = [...present.values()].filter(({ name }) => !columns.has(name));
    return [
      ...[...columns.values()].flatMap((column) => narrowed(table, column, present.get(column.name))),
      ...added
        .filter(({ isNullable, isGenerated, default: value }) => !isNullable && !isGenerated && value == null)
        .map(({ name }) => `${table}.${name} is asked for, and nodes of before do not write it`),
    ];
  });
}

function narrowed(table: string, old: TableColumn, now: TableColumn | undefined): string[] {
  const name = `${table}.${old.name}`;
  if (now === undefined) return [`${name} is gone`];
  const sizes = ['length', 'precision', 'scale'] as const;
  return [
    ...(rankOf(now.type) < rankOf(old.type) || kindOf(now.type) !== kindOf(old.type)
      ? [`${name} is ${now.type} instead of ${old.type}`]
      : []),
    ...sizes.flatMap((size) =>
      Number(now[size] ?? 0) < Number(old[size] ?? 0)
        ? [`${name} has ${size} ${now[size]} instead of ${old[size]}`]
        : [],
    ),
    ...(old.isNullable && !now.isNullable ? [`${name} may not be null any more`] : []),
    ...(old.default != null && now.default == null && !now.isNullable
      ? [`${name} has no default any more`]
      : []),
  ];
}

const WHOLE = ['tinyint', 'smallint', 'int', 'integer', 'bigint'];

/** Whole numbers widen into each other. */
function kindOf(type: string): string {
  return WHOLE.includes(type) ? 'whole' : type;
}

function rankOf(type: string): number {
  return WHOLE.indexOf(type);
}
