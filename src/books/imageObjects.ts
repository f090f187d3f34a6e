/** That pictures are where their rows say, and nothing else is (RA-8). */
import { thumbnailOf } from '../images/address.ts';
import type { Objects, StoredObject } from '../images/objects.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Invariant, Violation } from './check.ts';
import { Findings } from './checks.ts';
import { Unreadable, type Snapshot } from './snapshot.ts';

const THERE: Invariant = { rule: 'RA-8', holds: 'each picture has its two objects' };
const KNOWN: Invariant = { rule: 'RA-8', holds: 'an object of no picture is gone after a day' };
const PAGE = 1000;
/** The sweep looks every hour, at a part of what there is. */
const GRACE = 2;

/**
 * Rows and objects, both in the order of their names, side by side. The objects of a row that goes meanwhile are there for an hour still.
 * @throws {Unreadable}
 */
export async function auditImages(snapshot: Snapshot, objects: Objects, nowMs: number): Promise<Violation[]> {
  const findings = new Findings();
  const tooOldMs = nowMs - GRACE * LIMITS.unusedImageMs;
  const stored = listAll(objects);
  let next = await stored.next();
  const passUnknown = (before: string | undefined) => {
    const { name, writtenAtMs } = next.value as StoredObject;
    if (before !== undefined && name >= before) return false;
    if (writtenAtMs < tooOldMs) findings.add(KNOWN, `object ${name}`);
    return true;
  };
  for await (const key of keysOf(snapshot)) {
    for (const name of [key, thumbnailOf(key)]) {
      while (next.done !== true && passUnknown(name)) next = await stored.next();
      if (next.done !== true && next.value.name === name) next = await stored.next();
      else findings.add(THERE, `object ${name}`);
    }
  }
  while (next.done !== true && passUnknown(undefined)) next = await stored.next();
  return findings.violations;
}

async function* keysOf(snapshot: Snapshot): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const rows = await snapshot.query<{ image_key: string }>(
      `SELECT image_key FROM image_resources WHERE image_key > ? ORDER BY image_key LIMIT ${PAGE}`,
      [after],
    );
    for (const { image_key: key } of rows) yield key;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.image_key;
  }
}

async function* listAll(objects: Objects): AsyncGenerator<StoredObject, undefined> {
  for (let after = ''; ;) {
    const found = await list(objects, after);
    yield* found;
    if (found.length < PAGE) return undefined;
    after = found.at(-1)!.name;
  }
}

async function list(objects: Objects, after: string): Promise<StoredObject[]> {
  try {
    return await objects.list(after, PAGE);
  } catch (error) {
    throw new Unreadable('cannot read the pictures', { cause: error });
  }
}
