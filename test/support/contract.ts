/**
 * Whether an answer is one that the OpenAPI document knows: its status for its operation, its body in full, its code, and its
 * headers, both those that must be there and those that may not.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ERRORS, type ErrorCode } from '../../src/platform/errors.ts';
import { buildDocument } from '../../src/platform/http/openapi.ts';
import type { Route } from '../../src/platform/http/route.ts';

export interface SeenAnswer {
  method: string;
  /** From the root of the server, with or without a query. */
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

interface Reference {
  $ref?: string;
}
interface HeaderObject extends Reference {
  required?: boolean;
  schema: { type?: string };
}
interface ResponseObject extends Reference {
  headers?: Record<string, HeaderObject>;
  content?: Record<string, { schema: object }>;
}
export interface DocumentObject {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>;
  components: { schemas: Record<string, object> };
}

export class Contract {
  private readonly ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  private readonly validators = new WeakMap<object, ValidateFunction>();
  private readonly templates: { template: string; pattern: RegExp }[];
  /** In lower case: every header that some answer of the document has. */
  private readonly headerNames: ReadonlySet<string>;

  constructor(private readonly document: DocumentObject) {
    addFormats.default(this.ajv);
    // Words of the document that say nothing of values.
    this.ajv.addVocabulary(['example', 'discriminator']);
    // A path without parameters is meant rather than one with.
    this.templates = Object.keys(document.paths)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`) }))
      .sort((a, b) => a.template.split('{').length - b.template.split('{').length);
    this.headerNames = new Set(
      this.responses().flatMap(({ headers = {} }) => Object.keys(headers).map((name) => name.toLowerCase())),
    );
  }

  /** What of it the document does not say; undefined when nothing. */
  violationOf(answer: SeenAnswer): string | undefined {
    const path = answer.path.replace(/\?.*$/s, '');
    const method = answer.method.toLowerCase();
    const found = this.templates.find(
      ({ template, pattern }) => pattern.test(path) && method in this.document.paths[template]!,
    );
    if (found === undefined) return this.outside(answer);
    const { responses } = this.document.paths[found.template]![method]!;
    const response = responses[answer.status];
    const name = `${answer.method} ${found.template}`;
    if (response === undefined) return `${name} answers ${answer.status}, which the document does not have`;
    const violations = [
      ...this.headerFaults(this.resolve(response), answer.headers),
      ...this.bodyFaults(this.resolve(response), answer),
    ];
    return violations.length === 0 ? undefined : `${name} ${answer.status}: ${violations.join('; ')}`;
  }

  /** Every response of the document, as `get /path 200`. */
  responseNames(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method} ${path} ${status}`),
      ),
    );
  }

  private outside(answer: SeenAnswer): string | undefined {
    const name = `${answer.method} ${answer.path} ${answer.status}`;
    if (answer.status < 400) return `${name} is in no document`;
    // Refused, and as nobody can be refused otherwise.
    const refusal = {
      content: { 'application/json': { schema: this.document.components.schemas['Error']! } },
    };
    const violations = this.bodyFaults(refusal, answer);
    return violations.length === 0 ? undefined : `${name}: ${violations.join('; ')}`;
  }

  private headerFaults({ headers = {} }: ResponseObject, sent: Headers): string[] {
    const faults: string[] = [];
    const declared = new Map(Object.entries(headers).map(([name, header]) => [name.toLowerCase(), header]));
    for (const [name, header] of declared) {
      const { required = false, schema } = this.resolve(header);
      const value = sent.get(name);
      if (value === null) {
        if (required) faults.push(`the header ${name} is missing`);
        continue;
      }
      const fault = this.fault(schema, schema.type === 'integer' ? Number(value) : value);
      if (fault !== undefined) faults.push(`the header ${name} is ${value}: ${fault}`);
    }
    for (const name of this.headerNames) {
      if (sent.has(name) && !declared.has(name)) faults.push(`the header ${name} is not in the document`);
    }
    return faults;
  }

  private bodyFaults({ content }: ResponseObject, answer: SeenAnswer): string[] {
    const { status, headers, text, method } = answer;
    if (method === 'HEAD') return [];
    if (content === undefined) return text === '' ? [] : ['it has a body'];
    const type = headers.get('content-type') ?? '';
    if (/^text\/csv(;|$)/.test(type) && 'text/csv' in content) return [];
    if (/^image\/[a-z]+$/.test(type) && 'image/*' in content) return [];
    if (!('application/json' in content)) return [`its type is ${type}`];
    if (!/^application\/json(;|$)/.test(type)) return [`its type is ${type}: ${text.slice(0, 200)}`];
    const body = jsonOf(text);
    if (body === undefined) return [`it is no JSON: ${text.slice(0, 200)}`];
    const { code, request_id: requestId } = body as { code?: string; request_id?: string };
    const faults = [this.fault(content['application/json'].schema, body)].filter(
      (fault) => fault !== undefined,
    );
    if (requestId !== undefined && requestId !== headers.get('x-request-id'))
      faults.push('request_id differs from X-Request-Id');
    if (code !== undefined && code !== 'OK' && ERRORS[code as ErrorCode]?.[0] !== status)
      faults.push(`${code} with status ${status}`);
    return faults;
  }

  private fault(schema: object, value: unknown): string | undefined {
    let validate = this.validators.get(schema);
    if (validate === undefined) {
      const text = JSON.stringify({ ...schema, $defs: this.document.components.schemas });
      validate = this.ajv.compile(
        JSON.parse(text.replaceAll('"#/components/schemas/', '"#/$defs/')) as object,
      );
      this.validators.set(schema, validate);
    }
    if (validate(value)) return undefined;
    return this.ajv.errorsText(validate.errors, { dataVar: 'answer' });
  }

  private responses(): ResponseObject[] {
    return Object.values(this.document.paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ responses }) => Object.values(responses).map((response) => this.resolve(response)));
  }

  private resolve<T extends Reference>(object: T): T {
    if (object.$ref === undefined) return object;
    const [, ...steps] = object.$ref.split('/');
    return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], this.document) as T;
  }
}

/** That of a server in this process. All servers with the same routes have the same one. */
export function contractOf(routes: readonly Route[]): Contract {
  const name = routes.map(({ method, path }) => `${method} ${path}`).join();
  let contract = contracts.get(name);
  if (contract === undefined) {
    contract = new Contract(documentOf(JSON.stringify(buildDocument(routes))));
    contracts.set(name, contract);
  }
  return contract;
}

export function documentOf(text: string): DocumentObject {
  return JSON.parse(text) as DocumentObject;
}

const contracts = new Map<string, Contract>();

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
