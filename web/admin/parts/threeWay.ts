/** Two edits of one document, side by side: what each changed of what both began with. */

export interface FieldDiff {
  /** Names joined by dots; items of lists go by what `keyOf` says. */
  path: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
}

type Json = unknown;

/** Names an item of a list by what makes it the same one in both; undefined: lists are one value. */
export type ItemKey = (path: string, item: Record<string, Json>) => string | undefined;

/** Every field that one of the two changed to something that the other did not. */
export function threeWay(
  versions: { base: Json; mine: Json; theirs: Json },
  keyOf: ItemKey = () => undefined,
): FieldDiff[] {
  const base = flatten(versions.base, keyOf);
  const mine = flatten(versions.mine, keyOf);
  const theirs = flatten(versions.theirs, keyOf);
  const paths = [...new Set([...mine.keys(), ...theirs.keys(), ...base.keys()])];
  return paths
    .map((path) => ({ path, base: base.get(path), mine: mine.get(path), theirs: theirs.get(path) }))
    .filter((field) => !isSame(field.mine, field.theirs));
}

/** What one version changed of another. */
export function changesOf(before: Json, after: Json, keyOf?: ItemKey): Omit<FieldDiff, 'base'>[] {
  return threeWay({ base: before, mine: after, theirs: before }, keyOf);
}

/** Whether only one of the two touched it. */
export function isContested({ base, mine, theirs }: FieldDiff): boolean {
  return !isSame(base, mine) && !isSame(base, theirs);
}

export function isSame(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function flatten(value: Json, keyOf: ItemKey, path = '', into = new Map<string, Json>()): Map<string, Json> {
  if (Array.isArray(value)) {
    const keys = value.map((item: Json) =>
      isRecord(item) ? keyOf(path, item as Record<string, Json>) : undefined,
    );
    if (value.length > 0 && keys.every((key) => key !== undefined))
      value.forEach((item: Json, at) => flatten(item, keyOf, join(path, keys[at]!), into));
    else into.set(path, value);
  } else if (isRecord(value)) {
    for (const [name, one] of Object.entries(value)) flatten(one, keyOf, join(path, name), into);
  } else if (value !== undefined) into.set(path, value);
  return into;
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
