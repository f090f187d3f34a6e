/** What is done to requests for approval behind the product's back. */
import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'mocha';
import { audit } from '../../src/books/audit.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { openOperators } from '../lottery/manage/operators.ts';
import { forEachDatabase } from '../support/databases.ts';
import { keepTables, restoreTable } from './keptTables.ts';
import { SEED_KEY } from './playedBooks.ts';

const BOUND = /RL-3 violated: a request is exactly what its hash says/;
const MADE = /RL-3 violated: each configuration that was agreed to/;
const DECIDED = /RL-3 violated: a request that is decided/;
const QUEUED = /R-1 violated: the queue says of approvals/;
const WAITING = /R-1 violated: what waits in approvals/;
const THERE = /R-1 violated: what waits in the queue is there/;
const PARTIES = /RL-3 violated: nobody decides what they asked for/;

forEachDatabase('tampering with approvals', (_open, openUrl) => {
  let url: string;
  let database: Database;
  /** Of a change that was made. */
  let approvalId: number;

  before(async () => {
    url = await openUrl();
    const here = await openOperators(url, { environment: { SEED_ENCRYPTION_KEY: SEED_KEY.toString('hex') } });
    const { campaign_id: campaignId } = await here.createActive();
    const waiting = await here.edit(campaignId, { free_draws_per_day: 1 });
    approvalId = waiting.data.approval_id;
    await here.decide(approvalId);
    await here.edit(campaignId, { free_draws_per_day: 2 });
    await here.server.close();
    database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    await keepTables(database, ['approvals', 'reviews']);
  });
  after(() => database?.close());
  afterEach(() => restoreTable(database, 'approvals'));

  const audited = async () => {
    const lines: string[] = [];
    await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
    return lines.join('\n');
  };

  it('RL-3 nothing is said of requests that nobody has touched', async () => {
    assert.match(await audited(), /^books balance/);
  });

  const tamperings: [string, RegExp][] = [
    [`proposed = REPLACE(proposed, '"free_draws_per_day":1', '"free_draws_per_day":9')`, BOUND],
    ['base_version = base_version + 1', BOUND],
    ['subject_id = subject_id + 1', BOUND],
    [`change_hash = '${'ab'.repeat(32)}'`, BOUND],
    [`change_hash = '${'ab'.repeat(32)}'`, MADE],
    [`status = 'rejected'`, MADE],
    [`status = 'rejected'`, QUEUED],
    ['decided_by = NULL', DECIDED],
    ['decided_at = NULL', DECIDED],
    [`status = 'pending'`, DECIDED],
    ['decided_by = author_id', PARTIES],
    ['editor_id = decided_by', PARTIES],
    ['author_id = NULL', PARTIES],
    ['decided_by = -1', PARTIES],
  ];
  for (const [change, named] of tamperings)
    it(`RL-3 ${change.replace(/[0-9a-f]{64}/, '…')} is named: ${named.source.slice(15, 50)}`, async () => {
      await database.transaction((tx) =>
        tx.execute(`UPDATE approvals SET ${change} WHERE approval_id = ?`, [approvalId]),
      );
      assert.match(await audited(), named);
    });

  it('R-1 a request that waits and is not in the queue is named, and so is what waits there of none', async () => {
    const waiting = `kind LIKE 'campaign.%' AND status = 'pending'`;
    await database.transaction((tx) =>
      tx.execute(`UPDATE reviews SET subject_id = subject_id + 900 WHERE ${waiting}`),
    );
    const named = await audited();
    await restoreTable(database, 'reviews');
    assert.match(named, WAITING);
    assert.match(named, THERE);
  });

  it('RL-3 a request that is gone is named by the configuration that came of it', async () => {
    await database.transaction((tx) =>
      tx.execute('DELETE FROM approvals WHERE approval_id = ?', [approvalId]),
    );
    assert.match(await audited(), MADE);
  });
});
