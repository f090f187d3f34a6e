export interface ChangedField {
  name: string;
  before: string;
  after: string;
  isChanged: boolean;
}

/** The fields of a change, those that it is about first; what is no object is one field without a name. */
export function changedFields(before: unknown, after: unknown): ChangedField[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .map((name) => {
      const [from, to] = [textOf(old[name]), textOf(now[name])];
      return { name, before: from, after: to, isChanged: from !== to };
    })
    .sort((a, b) => Number(b.isChanged) - Number(a.isChanged));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return { '': value };
  return value as Record<string, unknown>;
}

function textOf(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
