import assert from 'node:assert/strict';
import { audit } from '../../src/books/audit.ts';
import { FairnessExports } from '../../src/lottery/fairnessExport.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { ExportedLog } from '../../src/verifier/exportedLog.ts';
import { verifyLog } from '../../src/verifier/verifyLog.ts';
import { forEachDatabase } from '../support/databases.ts';
import { keepTables, restoreTable } from './keptTables.ts';
import { SEED_KEY } from './playedBooks.ts';
import { playVersions } from './playedVersions.ts';
import { tamperingsOf, type Chosen } from './tamperings.ts';

/** The tests are defined before anything is drawn; what they tamper with is chosen afterwards. */
const NAMES = tamperingsOf({
  campaignId: 0,
  prizeId: 0,
  otherPrizeId: 0,
  won: { drawId: 0, logNo: 0 },
  next: { drawId: 0, logNo: 0 },
  config: 0,
  stocks: [0, 0],
  lastEpoch: 9,
}).map(({ name }) => name);

forEachDatabase('tampering with a campaign', (_open, openUrl) => {
  let url: string;
  let database: Database;
  let chosen: Chosen;

  before(async function () {
    this.timeout(120_000);
    url = await openUrl();
    database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 8 }));
    const { campaignId, prizeIds } = await playVersions(database);
    chosen = await chooseRows(database, campaignId, prizeIds);
    await keepTables(database, [...new Set(tamperingsOf(chosen).map(({ table }) => table))]);
  });
  // Without the database there is nothing to close: the suite was skipped.
  after(() => database?.close());

  const audited = async () => {
    const lines: string[] = [];
    const code = await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
    return { code, text: lines.join('\n') };
  };
  const verified = async () => {
    const exports = new FairnessExports({
      database,
      seedKey: SEED_KEY,
      kept: { keptEntries: () => undefined },
    });
    const pieces: Uint8Array[] = [];
    for await (const { text } of exports.make(chosen.campaignId, '127.0.0.1')) pieces.push(text);
    const log = new ExportedLog({
      name: 'the export',
      chunks: () => pieces as unknown as AsyncIterable<Uint8Array>,
    });
    const lines: string[] = [];
    const code = await verifyLog(log, { sha256: nodeSha256, canonicalJson }, (line) => lines.push(line));
    return { code, text: lines.join('\n') };
  };

  it('L-5 nothing is said of a campaign of three versions that nobody has tampered with', async () => {
    assert.deepEqual([(await audited()).text.split('\n')[0], (await audited()).code], ['books balance', 0]);
    assert.equal((await verified()).code, 0);
  });

  for (const [index, name] of NAMES.entries()) {
    it(`L-5 RL-6 ${name} is named by the audit, and by the verifier where it is published`, async () => {
      const tampering = tamperingsOf(chosen)[index]!;
      try {
        for (const sql of tampering.sql) {
          const changed = await database.transaction((tx) => tx.execute(sql));
          assert.ok(changed > 0, 'the statement found nothing to tamper with');
        }
        const books = await audited();
        assert.match(books.text, tampering.audit);
        assert.equal(books.code, 1);
        const { code, text } = await verified();
        if (tampering.verify === undefined) assert.equal(code, 0, text);
        else {
          assert.match(text, tampering.verify);
          assert.equal(code, 1);
        }
      } finally {
        await restoreTable(database, tampering.table);
      }
    }).timeout(60_000);
  }

  it('L-5 nothing is said any more when all of it is as it was', async () => {
    assert.equal((await audited()).code, 0);
    assert.equal((await verified()).code, 0);
  });
});

async function chooseRows(database: Database, campaignId: number, prizeIds: number[]): Promise<Chosen> {
  const draws = await database.read<{ draw_id: number; log_no: number; streak_before: number }>(
    `SELECT draw_id, log_no, streak_before FROM lottery_draws
     WHERE campaign_id = ? AND table_version = 2 AND rolled_prize_id = prize_id AND prize_id = ? AND draw_no > 100
     ORDER BY draw_no`,
    [campaignId, prizeIds[1]],
  );
  const [won] = draws;
  const entries = await database.read<{ log_no: number; kind: string }>(
    `SELECT log_no, kind FROM lottery_fairness_entries WHERE campaign_id = ? ORDER BY log_no`,
    [campaignId],
  );
  const ofKind = (kind: string) =>
    entries.filter((entry) => entry.kind === kind).map(({ log_no }) => Number(log_no));
  assert.ok(won !== undefined, 'no draw of the second version has won');
  const place = { drawId: Number(won.draw_id), logNo: Number(won.log_no) };
  const [first, second] = ofKind('stock');
  return {
    campaignId,
    prizeId: prizeIds[0]!,
    otherPrizeId: prizeIds[2]!,
    won: place,
    next: { drawId: place.drawId + 1, logNo: place.logNo + 1 },
    config: ofKind('config')[1]!,
    stocks: [first!, second!],
    lastEpoch: ofKind('seed').length,
  };
}
