/** The OpenAPI document as whatever is generated from it needs it: a flat list of operations, with all references resolved. */
/** What JSON Schema the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  minProperties?: number;
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  example?: unknown;
}

export interface Parameter {
  in: 'path' | 'query' | 'header' | 'cookie';
  name: string;
  required: boolean;
  schema: Schema;
}

export interface Operation {
  /** As `POST /lottery/draw`; parameters in braces. */
  name: string;
  method: string;
  /** Below the root of the API, with parameters in braces. */
  path: string;
  isPublic: boolean;
  /** Only who has a permission may call it. */
  isRestricted: boolean;
  parameters: Parameter[];
  body: Schema | undefined;
  /** Its body is a form with one file, by this name. */
  fileField: string | undefined;
  /** The document's example of a body that is text/csv and nothing else. */
  csv: string | undefined;
  /** `data` of its success, and every type that its success may have. */
  data: Schema | undefined;
  answerTypes: string[];
  /** Statuses of its refusals. */
  refusals: number[];
}

const ROOT = '/api/v3';
/** Deeper references than the document can have: one that leads to itself. */
const MOST_REFERENCES = 30;

interface Content {
  content?: Record<string, { schema?: Schema }>;
}
interface RawOperation {
  security?: Record<string, unknown>[];
  parameters?: (Omit<Parameter, 'required'> & { required?: boolean })[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}
interface RawDocument {
  paths: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** All operations below the root of the API, as the server publishes them, but for streams, whose answers have no end. */
export async function readOperations(origin: string): Promise<Operation[]> {
  const response = await fetch(`${origin}${ROOT}/openapi.json`);
  const document = (await response.json()) as RawDocument;
  const schemas = document.components?.schemas ?? {};
  const { [`${ROOT}/openapi.json`]: _itself, ...paths } = document.paths;
  const ofApi = Object.entries(paths).filter(([path]) => path.startsWith(ROOT));
  return ofApi.flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { responses = {} }]) => responses['200']?.content?.['text/event-stream'] === undefined)
      .map(([method, raw]) => operationOf(method.toUpperCase(), path.slice(ROOT.length), raw, schemas)),
  );
}

function operationOf(
  method: string,
  path: string,
  raw: RawOperation,
  schemas: Record<string, Schema>,
): Operation {
  const schemaOf = (content: Content | undefined, type = 'application/json') => {
    const schema = content?.content?.[type]?.schema;
    return schema === undefined ? undefined : resolve(schema, schemas);
  };
  const parameters = (raw.parameters ?? []).map((parameter) => ({
    ...parameter,
    required: parameter.required ?? false,
    schema: resolve(parameter.schema, schemas),
  }));
  const statuses = Object.keys(raw.responses ?? {});
  const success = raw.responses?.[statuses.find((status) => status < '300')!];
  return {
    name: `${method} ${path}`,
    method,
    path,
    isPublic: (raw.security ?? []).length === 0,
    isRestricted: (raw.security ?? []).some((scheme) => 'apiKey' in scheme),
    parameters,
    body: schemaOf(raw.requestBody),
    fileField: Object.keys(schemaOf(raw.requestBody, 'multipart/form-data')?.properties ?? {})[0],
    csv: raw.requestBody?.content?.['text/csv']?.schema?.example as string | undefined,
    data: schemaOf(success)?.properties?.['data'],
    answerTypes: Object.keys(success?.content ?? {}),
    refusals: statuses.filter((status) => status >= '400').map(Number),
  };
}

/** The schema with every reference replaced by what it refers to. */
function resolve(schema: Schema, schemas: Record<string, Schema>, depth = 0): Schema {
  if (depth > MOST_REFERENCES) throw new Error('A schema of the document refers to itself');
  const deeper = (inner: Schema) => resolve(inner, schemas, depth + 1);
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    const named = schemas[name];
    if (named === undefined) throw new Error(`The document has no schema ${name}`);
    return deeper(named);
  }
  const resolved: Schema = { ...schema };
  if (schema.properties !== undefined) {
    resolved.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, deeper(property)]),
    );
  }
  for (const list of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
    if (schema[list] !== undefined) resolved[list] = schema[list].map(deeper);
  }
  if (schema.items !== undefined) resolved.items = deeper(schema.items);
  if (typeof schema.additionalProperties === 'object') {
    resolved.additionalProperties = deeper(schema.additionalProperties);
  }
  return resolved;
}
