import assert from 'node:assert/strict';
import { it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { describe as shown, play } from './interleavings/play.ts';

/** A seed that found something becomes a test of its own, named after what it found. */
const SEED = 20_261_129;

/** What each run must have seen a few times: one that is refused everywhere has tried nothing. */
const HAPPENED = [
  ...[
    'earn',
    'consume',
    'transfer',
    'freeze',
    'unfreeze',
    'consume-frozen',
    'rollback',
    'adjust',
    'draw',
    'pay',
    'refund',
    'check-in',
    'claim',
  ].map((name) => `${name} OK`),
  ...[
    'approve OK',
    'reject OK',
    'rollback restored',
    'rollback grace',
    'rollback expired',
    'repeat replayed',
  ],
  ...[
    'repeat IDEMPOTENCY_KEY_REUSED',
    'transfer CONFLICT',
    'consume POINTS_INSUFFICIENT',
    'approve CONFLICT',
    'pay replayed',
    'pay CONFLICT',
    'pay pending',
    'refund pending',
    'refund CONFLICT',
    'check-in CONFLICT',
    'claim CONFLICT',
  ],
];

forEachDatabase('interleavings of the points ledger', (_open, openUrl) => {
  it(`P-2 PTS-2 PTS-3 PTS-4 P-7 P-8 P-9 RP-1 RP-2 RP-3 RP-7 RP-8 RP-9 RP-12 RP-15 seed ${SEED}: whatever 50 people do at once, the books are what they were told`, async () => {
    const url = await openUrl();
    // More where nodes meet at the same rows: on SQLite all transactions take their turns.
    const operations = url.startsWith('sqlite:') ? 4000 : 6200;
    const options = { url, seed: SEED, operations, parallel: 24, roundOf: operations / 2 };
    const report = await play(options);
    assert.deepEqual(report.violations, [], shown(options, report));
    for (const what of HAPPENED)
      assert.ok((report.counts.get(what) ?? 0) >= 3, `${what}: ${[...report.counts].join(', ')}`);
  }).timeout(300_000);
});
