import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'mocha';

const PAGE = 'docs/raw-sql.md';
const FOLDERS = ['src', 'rooms', 'entities'];
const MIGRATIONS = 'src/platform/database/migrations/';
/** A text that begins as a statement does. A route's `DELETE /auth/me` does not. */
const STATEMENT =
  /['"`]\s*(SELECT|INSERT|UPDATE|DELETE FROM|REPLACE INTO|WITH|BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SET|SHOW)\b/;

describe('SQL that is written by hand', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  const found = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith(MIGRATIONS))
    .filter((file) => STATEMENT.test(readFileSync(file, 'utf8')));
  const listed = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `.*?(?= \| )/gm)].flatMap(([cell]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
  );

  it('is in files that docs/raw-sql.md gives a reason for, each once', () => {
    assert.ok(found.length > 10);
    assert.deepEqual(found.sort(), listed.sort());
  });
});
