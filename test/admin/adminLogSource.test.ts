import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';

describe('the audit log in the source', () => {
  const files = ['src', 'rooms', 'entities'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );

  it('A-10 nothing in the product changes or removes a row of the log', () => {
    assert.ok(files.includes('src/admin/adminLog.ts'));
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      assert.doesNotMatch(
        text,
        /(UPDATE|FROM|INTO|TRUNCATE|TABLE)\s+admin_audit_logs\s+(SET|RENAME|DROP)/i,
        file,
      );
      assert.doesNotMatch(
        text,
        /(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(\s+TABLE)?)\s+[`"]?admin_audit_logs/i,
        file,
      );
      assert.doesNotMatch(
        text,
        /(update|upsert|delete|remove|save|clear|restore|softDelete|getRepository)\w*\(\s*AdminAuditLog/i,
        file,
      );
      assert.doesNotMatch(text, /upsertAll\([^)]*AdminAuditLog/, file);
    }
  });

  it('A-10 only its own folder, its entity and the migrations know the table', () => {
    const knowing = files.filter((file) => /admin_audit_logs|AdminAuditLog/.test(readFileSync(file, 'utf8')));
    const others = knowing.filter(
      (file) =>
        !/^(src\/admin\/\w*[aA]dminLog|src\/platform\/database\/migrations\/|entities\/(admin|index)\b)/.test(
          file,
        ),
    );
    assert.deepEqual(others, []);
  });
});
