import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'mocha';
import { EVENT_TYPES } from '../../../src/platform/events/types.ts';

describe('events that this build writes', () => {
  it('are in docs/events.md with what they tell, each once', () => {
    const rows = [...readFileSync('docs/events.md', 'utf8').matchAll(/^\| `([a-z_]+:[a-z_]+)` .*$/gm)];
    assert.deepEqual(rows.map(([, type]) => type).sort(), [...EVENT_TYPES].sort());
    for (const [row] of rows) {
      const [, when, data] = row.split(/ +\| +/);
      assert.ok(when !== '' && /`[a-z_:]+`/.test(data ?? ''), row);
    }
  });
});
