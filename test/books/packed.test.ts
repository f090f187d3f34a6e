import assert from 'node:assert/strict';
import { audit } from '../../src/books/audit.ts';
import { CHECKS } from '../../src/books/checks.ts';
import { withPacked } from '../../src/books/packedSql.ts';
import { checkProfiles } from '../../src/books/profiles.ts';
import { Snapshot } from '../../src/books/snapshot.ts';
import { LotteryDrawPack } from '../../entities/lottery/LotteryDrawPack.ts';
import { compress, decompress } from '../../src/lottery/archive/drawPack.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Break } from './breaking.ts';
import { BREAKS } from './breaks.ts';
import { keepTables, restoreTable } from './keptTables.ts';
import { endCampaigns, packAll } from './packedBooks.ts';
import { playBooks, SEED_KEY } from './playedBooks.ts';

const DELAY_MS = 60_000;
const ROWS = ['lottery_draws', 'lottery_draw_requests'];
const PACKS = ['lottery_draw_packs', 'lottery_packed_diners'];
/** One of each invariant that belongs to draws. */
const OF_DRAWS = BREAKS.filter(
  ({ table, violates }) => !ROWS.includes(table) && /^(DRAW|L-5|L-6|L-7|L-8|L-10|E-1)/.test(violates),
)
  // Of packed draws there are no rows to choose by.
  .filter(({ sql }) => !sql.includes('FROM lottery_draws'))
  .filter(isFirstOfItsKind);
const OF_ROWS = BREAKS.filter(({ table }) => ROWS.includes(table)).filter(isFirstOfItsKind);

type Content = [...unknown[], unknown[][]][];

/** Changes what a pack has; with the hash of it where whoever does it knows about it. */
interface Tampering {
  title: string;
  violates: string;
  change(content: Content): void;
  knowsHash: boolean;
}

const DRAWS_AT = 11;
const drawsOf = (request: unknown[]) => request[DRAWS_AT] as unknown[][];
const TAMPERINGS: Tampering[] = [
  {
    title: 'the cost of a draw',
    violates: 'RO-6 violated: each pack of draws is what was packed',
    change: (content) => (drawsOf(content[0]!)[0]![14] = 1),
    knowsHash: false,
  },
  {
    title: 'the cost of a draw, with the hash',
    violates: 'L-7 violated: each draw is free',
    change: (content) => (drawsOf(content[0]!)[0]![14] = 1),
    knowsHash: true,
  },
  {
    title: 'the prize of a draw, with the hash',
    violates: 'L-5 violated: each chain_hash follows',
    change: (content) => (drawsOf(content[0]!)[0]![12] = null),
    knowsHash: true,
  },
  {
    title: 'who has drawn, with the hash',
    violates: 'DRAW-8 violated: each debit belongs to a request of the same user',
    change: (content) => (content[0]![0] = 77),
    knowsHash: true,
  },
  {
    title: 'a draw less, with the hash',
    violates: 'DRAW-4 violated: each request has exactly its draws',
    change: (content) => drawsOf(content.at(-1)!).pop(),
    knowsHash: true,
  },
  {
    title: 'a request less, with the hash',
    violates: 'L-5 violated: draws are numbered 1 to draw_no',
    change: (content) => content.pop(),
    knowsHash: true,
  },
  {
    title: 'no list any more, with the hash',
    violates: 'RO-6 violated: each pack of draws is what was packed',
    change: (content) => (content[0] = 'x' as never),
    knowsHash: true,
  },
];

/** By SQL, of packs and those who are listed with them. */
const PACK_BREAKS: [violates: string, sql: string][] = [
  ['RO-6 violated: each pack has the draws', 'DELETE FROM lottery_draw_packs WHERE first_draw_no = 1'],
  ['L-5 violated: draws are numbered', 'DELETE FROM lottery_draw_packs WHERE last_draw_no = 104'],
  ['RO-6 violated: whoever is listed', 'DELETE FROM lottery_draw_packs WHERE last_draw_no = 104'],
  [
    'RO-6 violated: each pack of draws is',
    `UPDATE lottery_draw_packs SET content = 'x' WHERE first_draw_no = 1`,
  ],
  [
    'L-5 violated: the log is numbered',
    `UPDATE lottery_draw_packs SET content = 'x' WHERE first_draw_no = 1`,
  ],
  ...['last_draw_no', 'first_log_no', 'last_log_no'].map((column): [string, string] => [
    'RO-6 violated: each pack has the draws',
    `UPDATE lottery_draw_packs SET ${column} = ${column} + 1 WHERE first_draw_no = 1`,
  ]),
  [
    'RO-6 violated: each pack has the draws',
    `UPDATE lottery_draw_packs SET last_time = '2026-01-01 00:00:00.000' WHERE first_draw_no = 1`,
  ],
  ['RO-6 violated: whoever has draws', 'DELETE FROM lottery_packed_diners WHERE user_id = 1'],
  [
    'RO-6 violated: whoever has draws',
    'UPDATE lottery_packed_diners SET draws = draws + 1 WHERE user_id = 1',
  ],
  [
    'RO-6 violated: whoever has draws',
    `UPDATE lottery_packed_diners SET last_time = '2026-01-01 00:00:00.000' WHERE user_id = 1`,
  ],
  [
    'RO-6 violated: whoever is listed',
    `INSERT INTO lottery_packed_diners (user_id, campaign_id, first_draw_no, draws, last_time)
     VALUES (77, 1, 1, 1, '2026-01-01 00:00:00.000')`,
  ],
];

forEachDatabase('audit of draws in packs', (_open, openUrl) => {
  let url: string;
  let database: Database;

  const run = async () => {
    const lines: string[] = [];
    const code = await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
    return { code, lines };
  };
  const execute = (sql: string) => database.transaction((tx) => tx.execute(sql));
  const restore = async (tables: readonly string[]) => {
    for (const table of tables) await restoreTable(database, table);
  };
  const mustFind = async (violates: string) => {
    const { code, lines } = await run();
    assert.ok(
      lines.some((line) => line.startsWith(violates)),
      lines.join('\n'),
    );
    assert.equal(code, 1);
  };

  before(async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 8 }));
    await endCampaigns(database, await playBooks(database));
    assert.deepEqual((await run()).lines.slice(0, 1), ['books balance'], 'before they are packed');
    await keepTables(database, [...ROWS, ...OF_DRAWS.map(({ table }) => table).filter(isFirst)]);
    const archived = await packAll(database);
    assert.deepEqual(
      archived.map(({ draws, packed, problem }) => [draws, packed, problem]),
      [
        [104, 104, undefined],
        [104, 104, undefined],
      ],
    );
    await keepTables(database, PACKS);
  });
  after(() => database?.close());

  it('RO-6 books whose draws are in packs balance, with all that they had', async () => {
    const { code, lines } = await run();
    assert.equal(lines[0], 'books balance', lines.join('\n'));
    assert.match(lines[1] ?? '', /^7 users, \d+ transactions, 208 draws$/);
    assert.equal(code, 0);
    assert.deepEqual(await database.readCurrent('SELECT draw_id FROM lottery_draws'), []);
    assert.deepEqual(await database.readCurrent('SELECT user_id FROM lottery_draw_requests'), []);
    assert.ok((await database.currentReader.count(LotteryDrawPack)) >= 8);
  });

  it('RO-6 every check in full agrees, and the rows that packs stand for are the ones that were packed', async () => {
    const snapshot = await Snapshot.open(url);
    try {
      for (const { holds, sql } of CHECKS)
        assert.deepEqual(
          await snapshot.query(withPacked(sql(snapshot.dialect), snapshot.dialect)),
          [],
          holds,
        );
      for (const [table, key] of [
        ['lottery_draws', 'draw_id'],
        ['lottery_draw_requests', 'campaign_id, user_id, request_id'],
      ] as const) {
        const [row] = await snapshot.query<object>(`SELECT * FROM kept_${table} LIMIT 1`);
        const columns = Object.keys(row!).join(', ');
        const rowsOf = (from: string) => `SELECT ${columns} FROM ${from} ORDER BY ${key}`;
        assert.deepEqual(
          await snapshot.query(withPacked(rowsOf(table), snapshot.dialect)),
          await snapshot.query(rowsOf(`kept_${table}`)),
        );
      }
    } finally {
      await snapshot.close();
    }
  });

  it('RO-6 what is counted of people is what packs say', async function () {
    this.timeout(DELAY_MS);
    const { differences } = await checkProfiles(database, {
      timezone: 'Asia/Shanghai',
      nowMs: systemClock.nowMs(),
    });
    assert.deepEqual(
      differences.filter(({ column }) => /draws/.test(column)),
      [],
    );
  });

  for (const [violates, sql] of PACK_BREAKS) {
    it(`${violates}: ${sql}`, async () => {
      try {
        assert.ok((await execute(sql)) > 0, 'the statement found nothing to break');
        await mustFind(violates);
      } finally {
        await restore(PACKS);
      }
    });
  }

  for (const { title, violates, change, knowsHash } of TAMPERINGS) {
    it(`${violates}: ${title}`, async () => {
      try {
        const packs = await database.currentReader.find(LotteryDrawPack, {
          order: { campaign_id: 'ASC', first_draw_no: 'ASC' },
        });
        const pack = packs.find(
          ({ content }) => drawsOf((JSON.parse(decompress(content)) as Content)[0]!)[0]![12] !== null,
        )!;
        const content = JSON.parse(decompress(pack.content)) as Content;
        change(content);
        const text = JSON.stringify(content);
        const hash = knowsHash ? nodeSha256.hex(text) : pack.content_hash;
        await database.transaction((tx) =>
          tx.manager.update(
            LotteryDrawPack,
            { campaign_id: pack.campaign_id, first_draw_no: pack.first_draw_no },
            { content: compress(text), content_hash: hash },
          ),
        );
        await mustFind(violates);
      } finally {
        await restore(PACKS);
      }
    });
  }

  it('RO-6 a draw that is a row as well as in a pack is found', async () => {
    try {
      await execute(
        'INSERT INTO lottery_draws SELECT * FROM kept_lottery_draws WHERE draw_no = 7 AND campaign_id = 1',
      );
      await mustFind('L-5 violated: draws are numbered 1 to draw_no without gaps');
    } finally {
      await execute('DELETE FROM lottery_draws');
    }
  });

  for (const { violates, table, sql } of OF_DRAWS) {
    it(`${violates}, of draws in packs: ${sql}`, async () => {
      const found = await execute(sql);
      try {
        assert.ok(found > 0, 'the statement found nothing to break');
        await mustFind(violates.replace(': ', ' violated: '));
      } finally {
        await restoreTable(database, table);
      }
    });
  }

  it('RO-6 what is broken before it is packed stays as it is, or is found in its pack', async function () {
    this.timeout(2 * DELAY_MS);
    for (const { violates, sql } of OF_ROWS) {
      for (const table of PACKS) await execute(`DELETE FROM ${table}`);
      await restore(ROWS);
      assert.ok((await execute(sql)) > 0, `${sql} found nothing to break`);
      await packAll(database);
      const { code, lines } = await run();
      const line = violates.replace(': ', ' violated: ');
      assert.equal(code, 1, sql);
      assert.ok(
        lines.some((text) => text.startsWith(line)),
        `${sql}\n${lines.join('\n')}`,
      );
    }
    for (const table of ROWS) await execute(`DELETE FROM ${table}`);
    await restore(PACKS);
    assert.equal((await run()).code, 0);
  });
});

function isFirstOfItsKind({ violates }: Break, at: number, all: readonly Break[]): boolean {
  return all.findIndex((one) => one.violates === violates) === at;
}

function isFirst(table: string, at: number, tables: readonly string[]): boolean {
  return tables.indexOf(table) === at;
}
