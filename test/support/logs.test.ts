import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { LogSearch, noteLogins } from './logs.ts';

const token = () => randomBytes(32).toString('base64url');
const line = (fields: object) =>
  `${JSON.stringify({ level: 30, time: 1_795_374_000_123, pid: 480613, ...fields })}\n`;

describe('the search of the logs', () => {
  let search: LogSearch;
  beforeEach(() => (search = new LogSearch()));
  const write = (fields: object) => search.destination.write(line(fields));
  const assertFound = (secret: string) => {
    assert.throws(
      () => search.assertClean(),
      (error) =>
        error instanceof Error && error.message.includes('"of":"') && !error.message.includes(secret),
    );
  };

  it('A-11 finds mobiles and access tokens, and shows the line without them', () => {
    for (const secret of ['13912345678', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl']) {
      search = new LogSearch();
      write({ of: `x${secret}y` });
      assertFound(secret);
    }
  });

  it('A-11 finds refresh tokens and codes that were issued, before the line or after it', () => {
    for (const secret of [token(), '480614']) {
      for (const isFirst of [true, false]) {
        search = new LogSearch();
        if (isFirst) search.issue(secret);
        write({ of: `hello ${secret}!`, url: `/x?token=${secret}` });
        if (!isFirst) search.issue(secret);
        assertFound(secret);
      }
    }
  });

  it('A-11 lets pass what only looks like one', () => {
    search.issue('480613');
    search.issue('480614');
    search.issue(token());
    write({ atMs: 1_395_374_000_123, part: 0.13912345678, id: '139123456789', hash: token(), count: 480615 });
    write({ ratio: 1.480614, uuid: '480614ab-0000-4480-9614-139123456789' });
    search.assertClean();
    assert.equal(search.searchedLines, 2);
  });

  it('A-11 searches what a process prints, in whatever pieces, but for what it prints for whoever started it', async () => {
    const printed = new PassThrough().setEncoding('utf8');
    search.follow(printed);
    printed.write(
      'Demo logins, code 123456:\n  13800000000 super admin · 13800000001 admin\nSMS to 139****5678: your ',
    );
    printed.write('code is 480614\n');
    await new Promise(setImmediate);
    search.assertClean();
    printed.write('Error: 139123');
    printed.end('45678 is busy');
    await search.settled(1000);
    assert.throws(() => search.assertClean(), /Error: 13\*\*\*\* is busy/);
    search = new LogSearch();
    const again = new PassThrough().setEncoding('utf8');
    search.follow(again);
    again.end(`SMS to 139****5678: your code is 480614\n${line({ of: '480614' })}`);
    await search.settled(1000);
    assertFound('480614');
  });

  it('A-11 notes the refresh tokens that logins answer with', async () => {
    const refreshToken = token();
    const { fetch } = globalThis;
    try {
      globalThis.fetch = async () => Response.json({ data: { refresh_token: refreshToken } });
      noteLogins(search);
      const answer = await globalThis.fetch('http://127.0.0.1/api/v3/auth/login', { method: 'POST' });
      assert.match(await answer.text(), /refresh_token/);
    } finally {
      globalThis.fetch = fetch;
    }
    write({ of: refreshToken });
    assertFound(refreshToken);
  });
});
