/** Whether the tables are those of this build, and the keys those of what is stored. */
import type { DataSource } from 'typeorm';
import { SeedKeyCheck } from '../lottery/seedKeyCheck.ts';
import { readSchemaState } from '../platform/database/migrate.ts';
import { StartError } from '../platform/startError.ts';
import type { Finding } from './finding.ts';

export interface SchemaLook {
  findings: Finding[];
  /** Whether there are tables to look at. */
  hasTables: boolean;
}

export async function lookAtSchema(source: DataSource): Promise<SchemaLook> {
  const name = 'schema';
  const { isEmpty, pending, newer, unbearable } = await readSchemaState(source);
  if (newer.length > 0) {
    const found = `of a newer build: it has ${(unbearable ?? newer[0]!).slice(0, 64)}${more(newer)}`;
    const finding: Finding =
      unbearable === undefined
        ? {
            level: 'warn',
            name,
            found,
            remedy: 'this build goes on beside it: finish the rollout, or take it back',
          }
        : {
            ...{ level: 'fail', name, found },
            remedy: 'run the build that has made it, or restore a backup of before into an empty database',
          };
    return { findings: [finding], hasTables: true };
  }
  if (isEmpty) {
    const found = `empty: the first start makes it in ${pending.length} steps`;
    return { findings: [{ level: 'ok', name, found }], hasTables: false };
  }
  if (pending.length > 0) {
    const remedy =
      'make a backup, then start a node of this build: it brings the schema up to date, one node alone';
    const found = `behind this build by ${pending.length}: ${pending[0]}${more(pending)}`;
    return { findings: [{ level: 'fail', name, found, remedy }], hasTables: true };
  }
  return { findings: [{ level: 'ok', name, found: 'of this build' }], hasTables: true };
}

export async function lookAtSeeds(source: DataSource, seedKey: Buffer): Promise<Finding> {
  const name = 'seeds';
  try {
    await new SeedKeyCheck({ reader: source.manager }, seedKey).check();
    return { level: 'ok', name, found: 'what is stored is read by SEED_ENCRYPTION_KEY' };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy =
      'give SEED_ENCRYPTION_KEY as it was when the database was filled (outside production kept in ./data/seed-key); it is backed up apart from the database';
    return { level: 'fail', name, found: error.message, remedy };
  }
}

function more(names: readonly string[]): string {
  return names.length === 1 ? '' : ` and ${names.length - 1} more`;
}
