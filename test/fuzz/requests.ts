/** Requests for operations of the document: as a client would make them, and as no client should. */
import fc from 'fast-check';
import { formOf, SMALL_GIF } from '../support/forms.ts';
import type { Operation, Parameter, Schema } from './document.ts';
import { fitting, hostile, HOSTILE_TEXTS, type Known } from './values.ts';

export interface Request {
  method: string;
  /** With the query string, below the root of the API. */
  path: string;
  headers: Record<string, string>;
  /** As it is sent. */
  body: string | undefined;
}

/** What a request is put together from. */
export interface Parts {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  headers: Record<string, unknown>;
  body: unknown;
}

/** The parts of requests that fit the document. */
export function fittingParts(operation: Operation, known: Known = {}): fc.Arbitrary<Parts> {
  const { parameters, body } = operation;
  const parts = (place: Parameter['in']) => {
    const here = parameters.filter((parameter) => parameter.in === place);
    const values = here.map(({ name, schema }) => [name, textValues(schema, known, name)] as const);
    const requiredKeys = here.filter(({ required }) => required || place === 'path').map(({ name }) => name);
    return fc.record(Object.fromEntries(values), { requiredKeys });
  };
  return fc.record({
    path: parts('path'),
    query: parts('query'),
    headers: parts('header'),
    body: body === undefined ? fc.constant(undefined) : bodies(body, known),
  });
}

/** The document's own example is one of them: what is checked as a whole is seldom met by chance. */
function bodies(body: Schema, known: Known): fc.Arbitrary<unknown> {
  const made = fitting(body, known);
  return body.example === undefined ? made : fc.oneof(made, fc.constant(body.example));
}

/** One request that fits, always the same: the document's own example, or one with nothing in it that is not required. */
export function exampleOf(operation: Operation, known: Known = {}): Parts {
  const bare = {
    ...operation,
    parameters: operation.parameters.filter(({ required, in: place }) => required || place === 'path'),
    body: operation.body === undefined ? undefined : withoutOptional(operation.body),
  };
  const [parts] = fc.sample(fittingParts(bare, known), { seed: 7, numRuns: 1 });
  return operation.body?.example === undefined ? parts! : { ...parts!, body: operation.body.example };
}

export function requestOf({ method, path, fileField, csv }: Operation, parts: Parts): Request {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(parts.path[name]));
  const query = Object.entries(parts.query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  );
  const body = parts.body === undefined ? csv : JSON.stringify(parts.body);
  const type = parts.body === undefined ? 'text/csv' : 'application/json';
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': type };
  for (const [name, value] of Object.entries(parts.headers)) headers[name] = headerText(value);
  if (fileField !== undefined && body === undefined) {
    const form = formOf(fileField, SMALL_GIF);
    Object.assign(headers, form.headers);
    return {
      method,
      path: query.length === 0 ? filled : `${filled}?${query.join('&')}`,
      headers,
      body: form.body,
    };
  }
  return { method, path: query.length === 0 ? filled : `${filled}?${query.join('&')}`, headers, body };
}

/** Requests that mostly fit, with at times something in them that does not. */
export function fuzzedRequests(operation: Operation, known: Known): fc.Arbitrary<Request> {
  const changes = fc.array(changeOf(operation), { maxLength: 2 });
  return fc
    .tuple(
      fittingParts(operation, known),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, changes),
      brokenTexts(),
    )
    .map(([parts, made, breakText]) => {
      const request = requestOf(
        operation,
        made.reduce((changed, change) => change(changed), parts),
      );
      return breakText === undefined ? request : { ...request, body: breakText(request.body) };
    });
}

type Change = (parts: Parts) => Parts;

function changeOf({ parameters, body }: Operation): fc.Arbitrary<Change> {
  const choices: fc.Arbitrary<Change>[] = [
    fc
      .tuple(fc.constantFrom(...HOSTILE_TEXTS), fc.constantFrom(...HOSTILE_TEXTS))
      .map(([name, value]) => (parts) => ({ ...parts, query: { ...parts.query, [name]: value } })),
  ];
  for (const { in: place, name } of parameters) {
    const part = place === 'path' ? 'path' : place === 'query' ? 'query' : 'headers';
    const value = fc.oneof(
      fc.constantFrom(...HOSTILE_TEXTS),
      fc.constant(['1', '2']),
      fc.constant(undefined),
    );
    // Without a text in its place the path would be that of another operation.
    const inPath = HOSTILE_TEXTS.filter((text) => text !== '');
    if (part === 'path') choices.push(fc.constantFrom(...inPath).map(inPart(part, name)));
    else choices.push(value.map(inPart(part, name)));
  }
  if (body !== undefined) choices.push(...changesOfBody(body));
  return fc.oneof(...choices);
}

function inPart(part: 'path' | 'query' | 'headers', name: string) {
  return (value: unknown): Change =>
    (parts) => {
      const { [name]: _, ...others } = parts[part];
      return { ...parts, [part]: value === undefined ? others : { ...others, [name]: value } };
    };
}

const FOREIGN_FIELDS = ['role', 'is_admin', 'user_id', 'permissions', 'constructor', 'toString', '__v', 'id'];

function changesOfBody(body: Schema): fc.Arbitrary<Change>[] {
  const fields = Object.keys(body.properties ?? {});
  const within = (name: string, value: unknown) => (parts: Parts) => ({
    ...parts,
    body: { ...(parts.body as object), [name]: value },
  });
  const names = fields.length === 0 ? FOREIGN_FIELDS : fields;
  return [
    hostile().map((value) => (parts: Parts) => ({ ...parts, body: value })),
    fc.tuple(fc.constantFrom(...names), hostile()).map(([name, value]) => within(name, value)),
    fc.constantFrom(...names).map((name) => within(name, undefined)),
    fc.tuple(fc.constantFrom(...FOREIGN_FIELDS), hostile()).map(([name, value]) => within(name, value)),
  ];
}

/** Now and then the text itself is broken. */
function brokenTexts(): fc.Arbitrary<((text: string | undefined) => string | undefined) | undefined> {
  const broken = fc.constantFrom<(text: string | undefined) => string | undefined>(
    (text) => text?.slice(0, -1),
    (text) => text && text + text,
    (text) => text?.replace('{', '{"__proto__":{"polluted":true},'),
    (text) => text?.replace('{', '{"user_id":1,"user_id":2,'),
    (text) => text && '['.repeat(10_000) + ']'.repeat(10_000),
    (text) => text && `\ufeff${text}`,
  );
  return fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: broken });
}

const KEYS = ['k-1', 'k-2', 'k-3'];

/** As text, as it goes into a URL or a header: a known value fits there whatever its type. */
function textValues(schema: Schema, known: Known, name: string): fc.Arbitrary<unknown> {
  const meant = known[name] ?? [];
  const made = fitting(schema);
  // Most keys are new; of the others, some are used before with another body.
  if (name === 'Idempotency-Key') return fc.oneof({ weight: 4, arbitrary: made }, fc.constantFrom(...KEYS));
  return meant.length === 0
    ? made
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...meant) }, { weight: 1, arbitrary: made });
}

function withoutOptional(schema: Schema): Schema {
  const { properties, required = [], minProperties = 0 } = schema;
  if (properties === undefined) return schema;
  const others = Object.keys(properties).filter((name) => !required.includes(name));
  const names = [...required, ...others.slice(0, Math.max(0, minProperties - required.length))];
  const kept = names.map((name) => [name, withoutOptional(properties[name]!)] as const);
  return { ...schema, properties: Object.fromEntries(kept), required: names };
}

/** What no URL can carry is sent as what a browser would make of it. */
function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

/** A header takes neither line ends nor anything beyond Latin-1; the client itself refuses them. */
function headerText(value: unknown): string {
  return String(value)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 8000);
}
