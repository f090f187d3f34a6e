import { it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { liveMonth } from './month/live.ts';

forEachDatabase('a month of one diner', (_open, openUrl) => {
  it('P-1 P-12 every number of account, lots, statistics, leaderboards and check-ins is what a calculation of its own says', async function () {
    this.timeout(120_000);
    await liveMonth(await openUrl());
  });
});
