/**
 * `npm run profiles:rebuild`: makes what is counted of people anew from the books, beside the running service, as after an upgrade from a
 * build that did not count it. With `-- --check` it compares and changes nothing. Exit 0: made, or all agree; 1: something differs;
 * 2: the database cannot be read.
 */
import { checkProfiles, rebuildProfiles } from '../books/profiles.ts';
import { openDataSources } from '../platform/database/dataSource.ts';
import { Database } from '../platform/database/transaction.ts';
import { systemClock } from '../platform/clock.ts';
import { businessTimezone, databaseUrl } from './environment.ts';

const isCheck = process.argv.includes('--check');
try {
  const timezone = businessTimezone(process.env);
  const sources = await openDataSources({ url: databaseUrl(process.env), replicaUrls: [], poolSize: 2 });
  const database = new Database(sources, { timezone });
  const counting = { timezone, nowMs: systemClock.nowMs() };
  if (isCheck) {
    const { people, differences } = await checkProfiles(database, counting);
    for (const { userId, day, column, stored, counted } of differences)
      console.log(
        `user ${userId} ${day === '' ? 'in all' : day} ${column}: stored ${stored}, by the books ${counted}`,
      );
    console.log(`${people} people compared, ${differences.length} differences`);
    if (differences.length > 0) process.exitCode = 1;
  } else {
    console.log(`${await rebuildProfiles(database, counting)} people counted anew`);
  }
  await database.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
