/** The database, whichever it is. */
import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import type { Clock } from '../platform/clock.ts';
import { isSqliteUrl } from '../platform/database/databaseUrl.ts';
import { openUnchanged } from '../platform/database/unchangedSource.ts';
import { StartError } from '../platform/startError.ts';
import type { Config } from '../settings.ts';
import type { Finding } from './finding.ts';
import { lookAtServer, lookAtTables } from './mysql.ts';
import { lookAtSchema, lookAtSeeds } from './schema.ts';
import { lookAtFile } from './sqlite.ts';

const REMEDY =
  'mend what DATABASE_URL names, or what it says; a node starts with the same connection and would end with this line';

export async function lookAtDatabase(config: Config, clock: Clock): Promise<Finding[]> {
  const { databaseUrl: url } = config;
  if (isSqliteUrl(url) && !existsSync(url.slice('sqlite:'.length)))
    return [{ level: 'ok', name: 'database', found: 'the first start makes the file' }];
  let source: DataSource;
  try {
    source = await openUnchanged({ setting: 'DATABASE_URL', url });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [{ level: 'fail', name: 'database', found: error.message, remedy: REMEDY }];
  }
  try {
    return [
      { level: 'ok', name: 'database', found: 'answers' },
      ...(await lookInside(source, config, clock)),
    ];
  } finally {
    await source.destroy();
  }
}

async function lookInside(source: DataSource, config: Config, clock: Clock): Promise<Finding[]> {
  const isSqlite = isSqliteUrl(config.databaseUrl);
  const outside = isSqlite ? [await lookAtFile(source)] : await lookAtServer(source, clock);
  const { findings, hasTables } = await lookAtSchema(source);
  if (!hasTables) return [...outside, ...findings];
  const tables = isSqlite ? [] : [await lookAtTables(source)];
  return [...outside, ...findings, ...tables, await lookAtSeeds(source, config.seedKey)];
}
