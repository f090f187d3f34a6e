/*
 * Versions of the configuration. Each is a row that nobody changes; whoever makes the next one names the version that they have seen.
 * A row that is no document, whoever wrote it, holds nothing up: the newest good one holds, and the next change comes after the bad one.
 */
import { LessThan, type EntityManager } from 'typeorm';
import { BusinessConfig } from '../../entities/configuration/BusinessConfig.ts';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { differencesBetween, type Difference } from './differences.ts';
import { readDocument, writeDocument, type Configuration, type Sections } from './document.ts';

/** Versions among which a good one is looked for; where all of them are bad the environment holds. */
const LOOKED_AT = 20;

export interface Current {
  /** The newest that there is; 0: there is none. */
  newest: number;
  /** The one that holds; 0: what the environment says. */
  version: number;
  configuration: Configuration;
  /** Of the one that holds, what this build does not know. */
  unknown: Sections;
  /** Why the newest does not hold; null: it does. */
  fault: string | null;
}

export async function readNewestVersion(manager: EntityManager): Promise<number> {
  return (await manager.maximum(BusinessConfig, 'version')) ?? 0;
}

export async function readCurrent(manager: EntityManager, defaults: Configuration): Promise<Current> {
  const rows = await manager.find(BusinessConfig, { order: { version: 'DESC' }, take: LOOKED_AT });
  const newest = rows[0]?.version ?? 0;
  let fault: string | null = null;
  for (const row of rows) {
    const read = documentOf(row, defaults);
    if ('document' in read) {
      const { document: configuration, unknown } = read;
      return { newest, version: row.version, configuration, unknown, fault };
    }
    fault ??= read.fault;
  }
  return { newest, version: 0, configuration: defaults, unknown: {}, fault };
}

type ReadDocument = { document: Configuration; unknown: Sections } | { fault: string };

export function documentOf(
  { config }: Pick<BusinessConfig, 'config'>,
  defaults: Configuration,
): ReadDocument {
  try {
    const { configuration: document, unknown } = readDocument(config, defaults);
    return { document, unknown };
  } catch (error) {
    return { fault: (error as Error).message.slice(0, 1000) };
  }
}

/** What holds once a change is made. */
export interface Made {
  version: number;
  configuration: Configuration;
}

export interface Change {
  actor: Actor;
  /** That was seen. */
  version: number;
}

/**
 * What holds already makes no version.
 * @throws AppError CONFLICT with what holds, when another version has come meanwhile
 */
export async function changeConfiguration(
  tx: Tx,
  { actor, version, configuration }: Change & { configuration: Configuration },
  defaults: Configuration,
  nowMs: number,
): Promise<Made> {
  const before = await lockCurrent(tx, { version, wanted: configuration }, defaults);
  return store(tx, { actor, action: 'config.change', before, configuration, returnedTo: null }, nowMs);
}

/**
 * An earlier version's values hold again, as a version of their own. @param change its toVersion 0: what the environment says
 * @throws AppError NOT_FOUND, CONFLICT when the version seen is stale, or the earlier one is no document any more
 */
export async function returnConfiguration(
  tx: Tx,
  { actor, version, toVersion }: Change & { toVersion: number },
  defaults: Configuration,
  nowMs: number,
): Promise<Made> {
  const configuration = toVersion === 0 ? defaults : await readEarlier(tx, toVersion, defaults);
  const before = await lockCurrent(tx, { version, wanted: configuration }, defaults);
  return store(tx, { actor, action: 'config.return', before, configuration, returnedTo: toVersion }, nowMs);
}

async function readEarlier(tx: Tx, version: number, defaults: Configuration): Promise<Configuration> {
  const row = await tx.manager.findOneBy(BusinessConfig, { version });
  if (row === null) throw new AppError('NOT_FOUND');
  const read = documentOf(row, defaults);
  if ('document' in read) return read.document;
  throw new AppError('CONFLICT', { details: { reason: 'that version is not valid', fault: read.fault } });
}

/** Two who change the same version meet at its row, or at the number of the next one: who loses comes again and finds it. */
async function lockCurrent(
  tx: Tx,
  { version, wanted }: { version: number; wanted: Configuration },
  defaults: Configuration,
): Promise<Current> {
  await tx.lock(BusinessConfig, { order: { version: 'DESC' }, take: 1 });
  const current = await readCurrent(tx.manager, defaults);
  if (current.newest === version) return current;
  const { newest, configuration } = current;
  const fields = differencesBetween(configuration, wanted).map(({ field }) => field);
  throw new AppError('CONFLICT', {
    details: { current: { version: newest, config: configuration }, fields },
  });
}

interface NewVersion {
  actor: Actor;
  action: string;
  before: Current;
  configuration: Configuration;
  returnedTo: number | null;
}

async function store(
  tx: Tx,
  { actor, action, before, configuration, returnedTo }: NewVersion,
  nowMs: number,
): Promise<Made> {
  const changes = differencesBetween(before.configuration, configuration);
  // After a bad version the same values are a change: they hold by a version that is good.
  if (changes.length === 0 && before.fault === null) return { version: before.newest, configuration };
  const version = before.newest + 1;
  await insertOne(tx, BusinessConfig, {
    version,
    config: writeDocument(configuration, before.unknown),
    returned_to: returnedTo,
    created_by: actor.userId,
    created_at: new Date(nowMs),
  });
  const sideOf = (side: 'before' | 'after') =>
    Object.fromEntries(changes.map((change) => [change.field, change[side]]));
  await recordAction(
    tx,
    {
      actor,
      action,
      target: { type: 'config', id: version },
      before: { version: before.version, ...sideOf('before') },
      after: { version, ...sideOf('after'), ...(returnedTo !== null && { returned_to: returnedTo }) },
    },
    nowMs,
  );
  return { version, configuration };
}

export interface VersionRead {
  row: BusinessConfig;
  /** null: it is no document. */
  document: Configuration | null;
  /** Against the version before it that is one; of a bad one there are none. */
  changes: Difference[];
}

/** @throws AppError NOT_FOUND */
export async function readVersion(
  manager: EntityManager,
  version: number,
  defaults: Configuration,
): Promise<VersionRead> {
  const rows = await manager.find(BusinessConfig, {
    where: { version: LessThan(version + 1) },
    order: { version: 'DESC' },
    take: LOOKED_AT,
  });
  const [row, ...earlier] = rows;
  if (row?.version !== version) throw new AppError('NOT_FOUND');
  const read = documentOf(row, defaults);
  if ('fault' in read) return { row, document: null, changes: [] };
  const good = earlier.map((one) => documentOf(one, defaults)).find((one) => 'document' in one);
  const before = good === undefined ? defaults : good.document;
  return { row, document: read.document, changes: differencesBetween(before, read.document) };
}
