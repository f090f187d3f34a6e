import assert from 'node:assert/strict';
import type { z } from 'zod';
import { openapiText } from '../../../build/openapiFile.ts';
import { declaredRoutes } from '../../../src/domains.ts';

interface Parameter {
  name: string;
  schema: { type?: string; minimum?: number; maximum?: number; default?: unknown };
}
interface Operation {
  security?: unknown;
  parameters?: Parameter[];
}

const { paths } = JSON.parse(openapiText()) as { paths: Record<string, Record<string, Operation>> };
const routes = declaredRoutes();

function operationOf({ method, path }: { method: string; path: string }): Operation {
  return paths[`/api/v3${path.replace(/:(\w+)/g, '{$1}')}`]![method]!;
}

/** Every parameter of a path or a query: what checks it, and what the document says of it. */
function* parameters(): Iterable<{ about: string; shape: z.ZodType; schema: Parameter['schema'] }> {
  for (const route of routes) {
    for (const part of [route.params, route.query]) {
      for (const [name, shape] of Object.entries((part as z.ZodObject | undefined)?.shape ?? {})) {
        const { schema } = operationOf(route).parameters!.find((parameter) => parameter.name === name)!;
        yield { about: `${route.method} ${route.path} ${name}`, shape: shape as z.ZodType, schema };
      }
    }
  }
}

describe('S-2 the OpenAPI document says of paths and queries what is checked', () => {
  it('numbers are integers with the bounds that hold', () => {
    let numbers = 0;
    for (const { about, shape, schema } of parameters()) {
      // Where a page ended is a text of ours, whatever it is made of.
      if (typeof shape.safeParse('1').data !== 'number' || about.endsWith(' before')) continue;
      numbers += 1;
      const { type, minimum, maximum } = schema;
      assert.equal(type, 'integer', about);
      const takes = (value: number) => shape.safeParse(String(value)).success;
      assert.deepEqual([takes(minimum!), takes(maximum!)], [true, true], about);
      assert.deepEqual([takes(minimum! - 1), takes(maximum! + 1)], [false, false], about);
      assert.ok(!shape.safeParse(`0${minimum}`).success, `${about} has one way of writing`);
    }
    assert.ok(numbers > 30, String(numbers));
  });

  it('what is true or false is a boolean', () => {
    const found = [...parameters()].filter(({ shape }) => shape.safeParse('true').data === true);
    assert.ok(found.length >= 2);
    for (const { about, shape, schema } of found) {
      assert.equal(schema.type, 'boolean', about);
      assert.equal(shape.safeParse('false').data, false, about);
    }
  });

  it('defaults are those that are taken', () => {
    let defaults = 0;
    for (const { about, shape, schema } of parameters()) {
      const taken = shape.safeParse(undefined).data;
      if (taken !== undefined) defaults += 1;
      assert.equal(schema.default, taken, about);
    }
    assert.ok(defaults > 10, String(defaults));
  });

  it('every operation says whether it needs a login, or a key', () => {
    for (const route of routes) {
      // An API key has permissions alone.
      const ofUser = [{ bearer: [] }];
      const ofAnybody = route.access === 'public' ? [] : ofUser;
      const isOpenToKeys = route.access !== 'public' && route.access !== 'user';
      const expected = isOpenToKeys ? [...ofUser, { apiKey: [] }] : ofAnybody;
      assert.deepEqual(operationOf(route).security, expected, `${route.method} ${route.path}`);
    }
    for (const path of ['/health', '/ready']) assert.deepEqual(paths[path]!['get']!.security, []);
  });
});
