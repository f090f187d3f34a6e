import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PERMISSIONS } from '../../src/identity/access/permissions.ts';
import { factNames } from '../../web/admin/rules/facts.ts';
import { RULE_TYPES } from '../../web/admin/rules/wire.ts';

type Texts = { [key: string]: string | Texts };

const WEB = new URL('../../web/', import.meta.url).pathname;

/** Full keys → texts, of all files that a face takes together in one language. */
function textsOf(face: string, language: string): Map<string, string> {
  const list = join(WEB, face, 'locales', `${language}.ts`);
  const files = [...readFileSync(list, 'utf8').matchAll(/from '([^']+\.json)'/g)].map(([, file]) => file!);
  const all = new Map<string, string>();
  const add = (texts: Texts, prefix: string) => {
    for (const [key, text] of Object.entries(texts)) {
      if (typeof text !== 'string') {
        add(text, `${prefix}${key}.`);
        continue;
      }
      assert.ok(!all.has(prefix + key), `${prefix}${key} is there twice`);
      all.set(prefix + key, text);
    }
  };
  for (const file of files) add(JSON.parse(readFileSync(resolve(dirname(list), file), 'utf8')) as Texts, '');
  return all;
}

/** All sources of a face, of what both share, and of what it shows of the other. */
function sourcesOf(face: string): Map<string, string> {
  const sources = new Map<string, string>();
  const read = (file: string) => {
    if (sources.has(file)) return;
    const source = readFileSync(file, 'utf8');
    sources.set(file, source);
    for (const [, taken] of source.matchAll(/from '(\.[^']+\.(?:vue|ts))'/g)) {
      const next = resolve(dirname(file), taken!);
      if (next.startsWith(WEB)) read(next);
    }
  };
  for (const folder of [face, 'shared']) {
    for (const file of readdirSync(join(WEB, folder), { recursive: true, encoding: 'utf8' }))
      if (/\.(vue|ts)$/.test(file)) read(join(WEB, folder, file));
  }
  return sources;
}

/** What is asked for by name, and how names begin that are put together. */
function askedBy(face: string): { keys: Set<string>; beginnings: Set<string> } {
  const [keys, beginnings] = [new Set<string>(), new Set<string>()];
  for (const source of sourcesOf(face).values()) {
    for (const [, key] of source.matchAll(/\bt\(\s*'([\w.-]+)'/g)) keys.add(key!);
    for (const [, beginning] of source.matchAll(/\bt\(\s*`([\w.-]+\.)\$\{/g)) beginnings.add(beginning!);
  }
  return { keys, beginnings };
}

function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
}

for (const face of ['diner', 'admin']) {
  describe(`texts of web/${face}`, () => {
    const chinese = textsOf(face, 'zh-CN');
    const english = textsOf(face, 'en');

    it('RW-10 each is there in both languages, with the same places to fill in', () => {
      assert.deepEqual([...chinese.keys()].sort(), [...english.keys()].sort());
      for (const [key, text] of chinese)
        assert.deepEqual(new Set(placeholdersOf(text)), new Set(placeholdersOf(english.get(key)!)), key);
    });

    it('RW-10 each that is asked for by name is there', () => {
      const { keys, beginnings } = askedBy(face);
      assert.deepEqual(
        [...keys].filter((key) => !chinese.has(key)),
        [],
      );
      const known = [...chinese.keys()];
      assert.deepEqual(
        [...beginnings].filter((begin) => !known.some((key) => key.startsWith(begin))),
        [],
      );
    });

    it('says what it says without shouting or congratulating', () => {
      const loud = [...chinese, ...english].filter(([, text]) => /[!！]|恭喜/.test(text));
      assert.deepEqual(loud, []);
    });
  });
}

describe('texts of web/admin', () => {
  it('A-9 P-11 there are words for each permission, and for all that formulas may name', () => {
    const known = textsOf('admin', 'zh-CN');
    const facts = RULE_TYPES.flatMap(factNames).map((name) => `rules.fact.${name}`);
    const permissions = PERMISSIONS.map((name) => `access.permissions.${name.replace(':', '.')}`);
    assert.deepEqual(
      [...facts, ...permissions].filter((key) => !known.has(key)),
      [],
    );
  });
});
