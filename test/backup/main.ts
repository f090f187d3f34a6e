/**
 * `npm run backup:drill -- [--database sqlite|mariadb] [--diners 200] [--seconds 10]`: a backup while diners draw, a lost database, and the way
 * back, with RPO and RTO. Exit 0: nothing is missing; 1: something is; 2: wrong options.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseKind, readCommandLine, whole } from '../../loadtest/commandLine.ts';
import { startMariadb } from '../support/services.ts';
import { runDrill } from './drill.ts';

const USAGE = `npm run backup:drill -- [options]

  --database KIND       sqlite or mariadb, which needs mariadbd on PATH (sqlite)
  --diners N            who draw all the time, each with one request in flight (200)
  --seconds N           how long they draw before the backup, and after it (10)
`;

const { kind, diners, seconds } = readCommandLine({
  usage: USAGE,
  known: {
    database: { type: 'string', default: 'sqlite' },
    diners: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
  },
  read: (values) => ({
    kind: databaseKind('database', values.database),
    diners: whole('diners', values.diners, { most: 2000 }),
    seconds: whole('seconds', values.seconds, { most: 3600 }),
  }),
});

// The SDK reports every lost connection on the console.
console.info = console.warn = () => undefined;
const folder = mkdtempSync(join(tmpdir(), 'kaijiang-drill-'));
const mariadb = kind === 'mariadb' ? await startMariadb() : undefined;
try {
  const databaseUrl =
    mariadb === undefined
      ? `sqlite:${join(folder, 'kaijiang.db')}`
      : mariadb.url(await mariadb.createDatabase());
  const { kept, lost, drawnOn, faults } = await runDrill({
    ...{ databaseUrl, diners, seconds },
    folder: join(folder, 'backup'),
    imagesFolder: join(folder, 'images'),
    print: (line) => console.log(line),
  });
  console.log(`${kept} draws of before are all there, ${lost} of after are not, ${drawnOn} were made since`);
  for (const fault of faults) console.log(`FAULT ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await mariadb?.stop();
  rmSync(folder, { recursive: true, force: true });
}
// Sockets of the framework's client would keep the process.
process.exit();
