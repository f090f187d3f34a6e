import canonicalize from 'canonicalize';

/** The RFC 8785 form of a JSON value. */
export function canonicalJson(value: unknown): string {
  const json = canonicalize(value);
  if (json === undefined) throw new TypeError('Only JSON values have a canonical form');
  return json;
}
