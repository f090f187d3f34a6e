import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Texts = { [key: string]: string | Texts };

const WEB = new URL('../../web/', import.meta.url).pathname;

/** Full keys → texts, of all files of a face in one language. */
function textsOf(face: string, language: string): Map<string, string> {
  const folder = join(WEB, face, 'locales', language);
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
  for (const file of readdirSync(folder))
    add(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Texts, '');
  return all;
}

/** What is asked for by name in the sources of a face and of what both share. */
function askedBy(face: string): Set<string> {
  const asked = new Set<string>();
  for (const folder of [face, 'shared']) {
    for (const file of readdirSync(join(WEB, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(vue|ts)$/.test(file)) continue;
      const source = readFileSync(join(WEB, folder, file), 'utf8');
      for (const [, key] of source.matchAll(/\bt\(\s*'([\w.-]+)'/g)) asked.add(key!);
    }
  }
  return asked;
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
      const missing = [...askedBy(face)].filter((key) => !chinese.has(key));
      assert.deepEqual(missing, []);
    });

    it('says what it says without shouting or congratulating', () => {
      const loud = [...chinese, ...english].filter(([, text]) => /[!！]|恭喜/.test(text));
      assert.deepEqual(loud, []);
    });
  });
}
