/** The build after this one: this checkout with what a release may add (RO-3), each in the way in which it would be added. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { goneAtExit } from '../support/goneAtExit.ts';

export const OWN = resolve(import.meta.dirname, '../..');
/** What its server is made of. */
const PARTS = ['src', 'rooms', 'entities', 'arena.config.ts', 'package.json', 'tsconfig.json'];

const MIGRATION = `
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, createTables, dropTables, integer, key, orNull, varchar, withDefault } from './tables.ts';

const WIDENED = ['lottery_draws', 'points_transactions', 'chat_messages', 'business_events', 'users'];
const TABLES = { later_things: { columns: { thing_id: key(integer) } } };

export class Later1900000000000 implements MigrationInterface {
  name = 'Later1900000000000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, TABLES);
    for (const table of WIDENED)
      await addColumns(runner, table, { later_note: orNull(varchar(32)), later_count: withDefault(integer, 7) });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES);
  }
}
`;

interface Change {
  file: string;
  of: string;
  to: string;
}

const CHANGES: Change[] = [
  {
    file: 'src/platform/database/dataSource.ts',
    of: 'export const MIGRATIONS = [',
    to: `import { Later1900000000000 } from './migrations/1900000000000-Later.ts';\nexport const MIGRATIONS = [\n  Later1900000000000,`,
  },
  // An event that it handles as well.
  {
    file: 'src/platform/events/types.ts',
    of: 'export const EVENT_TYPES = [',
    to: `export const EVENT_TYPES = [\n  'later:drawn',`,
  },
  {
    file: 'src/lottery/commitDraws.ts',
    of: 'emitEvents(tx, batch.events, nowMs)',
    to: `emitEvents(tx, [...batch.events, ...batch.events.map((event) => ({ ...event, type: 'later:drawn' as const }))], nowMs)`,
  },
  {
    file: 'src/notifications/handlers.ts',
    of: '  bus.onOrdered(types,',
    to: `  bus.on('later:drawn', 'later.count', async () => undefined);\n  bus.onOrdered(types,`,
  },
  // A field of a call from node to node.
  {
    file: 'src/lottery/ownerCalls.ts',
    of: 'return { userId, nickname };',
    to: 'return { userId, nickname, later: 1 };',
  },
  {
    file: 'src/lottery/ownerCalls.ts',
    of: 'nickname: z.string().max(64).optional() }),',
    to: 'nickname: z.string().max(64).optional(), later: z.int().optional() }),',
  },
];

/** What a node of this build says of it, once each. */
const HEARD = [
  'the schema is of a newer build',
  'an owner call of a newer build has more than is known here',
];

/** @returns its folder, gone with this process, and what this build has to say of it */
export function laterBuild(): { folder: string; heard: readonly string[] } {
  const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-later-')));
  for (const part of PARTS) cpSync(join(OWN, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'data'));
  symlinkSync(join(OWN, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'src/platform/database/migrations/1900000000000-Later.ts'), MIGRATION);
  for (const { file, of, to } of CHANGES) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(of)) throw new Error(`${file} has no ${of} any more`);
    writeFileSync(path, text.replace(of, to));
  }
  return { folder, heard: HEARD };
}
