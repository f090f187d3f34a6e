/** Values for schemas of the document: ones that fit, and ones that a hostile client would send in their place. */
import fc from 'fast-check';
import type { Schema } from './document.ts';

/** By the name of a field: values that mean something to this server, such as ids that exist. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

const LONGEST = 300;

/** Values that fit the schema, as far as a schema can tell. */
export function fitting(schema: Schema, known: Known = {}, name = ''): fc.Arbitrary<unknown> {
  const made = madeBy(schema, known, name);
  const meant = (known[name] ?? []).filter((value) => mayBe(schema, value));
  return meant.length === 0
    ? made
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...meant) }, { weight: 1, arbitrary: made });
}

/** Every text that has broken something somewhere. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  'NaN',
  'null',
  '[object Object]',
  "'",
  '"',
  '\\',
  '`',
  '%',
  '_',
  "' OR '1'='1",
  "1'; DROP TABLE users; --",
  '1 UNION SELECT * FROM users',
  "' OR SLEEP(2) -- ",
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e',
  '\r\nX-Injected: 1',
  '../../etc/passwd',
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '💥'.repeat(20),
  'ﷺ'.repeat(64),
  '9'.repeat(30),
  'x'.repeat(5000),
];

/** Anything JSON can say, with a taste for what is at the edges. */
export function hostile(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>(...HOSTILE_TEXTS),
    fc.constantFrom<unknown>(0, -0, -1, 0.1, 1e-9, 1.005, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21, 1e308),
    fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { $ne: null }, { length: 1e9 }),
    fc.jsonValue({ maxDepth: 4 }),
  );
}

function madeBy(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => fitting(choice, known, name)));
  if (schema.allOf !== undefined) return merged(schema.allOf, known);
  const types = [schema.type ?? 'any'].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, known, name)));
}

function ofType(type: string, schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer({ min: Math.ceil(lowest(schema)), max: Math.floor(highest(schema)) });
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return lists(schema, known, name);
    case 'object':
      return objects(schema, known);
    case 'any':
      return fc.jsonValue({ maxDepth: 2 });
    default:
      throw new Error(`The document has a type that nothing here can make: ${type}`);
  }
}

function texts({ pattern, format, minLength = 0, maxLength = LONGEST }: Schema): fc.Arbitrary<string> {
  const length = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONGEST)) };
  if (format === 'date-time') return moments();
  if (pattern !== undefined && canMake(pattern)) {
    return fc.stringMatching(new RegExp(pattern)).filter(({ length: size }) => size <= maxLength);
  }
  if (format === 'uri')
    return fc.webUrl({ validSchemes: ['https'] }).filter((url) => url.length <= maxLength);
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ ...length, unit: 'grapheme-ascii' }) },
    {
      weight: 1,
      arbitrary: fc.string({ ...length, unit: 'binary' }).filter((text) => text.length <= maxLength),
    },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_TEXTS).map((text) => text.slice(0, maxLength)) },
  );
}

function moments(): fc.Arbitrary<string> {
  return fc
    .date({ min: new Date('1971-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
}

/** Some patterns (properties of characters) are beyond what fast-check makes texts of. */
function canMake(pattern: string): boolean {
  try {
    fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 1, seed: 1 });
    return true;
  } catch {
    return false;
  }
}

/** Half of them with two decimals: amounts of points take no others. */
function numbers(schema: Schema): fc.Arbitrary<number> {
  const [min, max] = [lowest(schema), highest(schema)];
  const hundredths = { min: Math.ceil(min * 100), max: Math.floor(Math.min(max, 1e12) * 100) };
  return fc.oneof(
    fc
      .integer({ min: Math.max(hundredths.min, -5000), max: Math.min(hundredths.max, 500_00) })
      .map((n) => n / 100),
    fc.double({ min, max, noNaN: true }),
  );
}

function lowest({ minimum = -1_000_000, exclusiveMinimum }: Schema): number {
  return exclusiveMinimum === undefined ? minimum : exclusiveMinimum + 0.01;
}

function highest({ maximum = 1_000_000, exclusiveMaximum }: Schema): number {
  return exclusiveMaximum === undefined ? maximum : exclusiveMaximum - 0.01;
}

function lists(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown[]> {
  const { items, prefixItems, minItems = 0, maxItems = 5 } = schema;
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map((item) => fitting(item, known)));
  // The values known for `ids` are those of one `id`.
  const each = fitting(items ?? {}, known, name.replace(/s$/, ''));
  return fc.array(each, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 5)) });
}

function objects(schema: Schema, known: Known): fc.Arbitrary<object> {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, property]) => [name, fitting(property, known, name)] as const,
  );
  if (properties.length === 0 && typeof schema.additionalProperties === 'object') {
    return fc.dictionary(
      texts(schema.propertyNames ?? { maxLength: 20 }),
      fitting(schema.additionalProperties),
    );
  }
  return fc.record(Object.fromEntries(properties), { requiredKeys: schema.required ?? [] });
}

function merged(parts: Schema[], known: Known): fc.Arbitrary<object> {
  return fc
    .tuple(...parts.map((part) => fitting(part, known)))
    .map((made) => Object.assign({}, ...(made as object[])) as object);
}

function mayBe(schema: Schema, value: unknown): boolean {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.some((choice) => mayBe(choice, value));
  const types = [schema.type ?? 'any'].flat();
  if (types.includes('any')) return true;
  if (typeof value === 'number') return types.includes('number') || types.includes('integer');
  return types.includes(typeof value);
}
