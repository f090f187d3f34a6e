/** Loaded by mocha before any test file. */
import { logSearch, noteLogins } from './logs.ts';
import { describeSkipped, stopSharedServers } from './shared.ts';

// Far from UTC, with half an hour in it: a time that is read or written as local time shows.
process.env['TZ'] = 'America/St_Johns';

// A signal would end this process without its exit handlers, which end the servers it started.
process.once('SIGTERM', () => process.exit(143));
process.once('SIGHUP', () => process.exit(129));

// The SDK remarks on every closed connection; tests that close one say so themselves.
const REMARKS = /^(Room connection was closed|\[Colyseus reconnection\])/;
for (const level of ['warn', 'info'] as const) {
  const print = console[level];
  console[level] = (...parts: unknown[]) => {
    if (!REMARKS.test(String(parts[0]))) print(...parts);
  };
}

noteLogins(logSearch);

export const mochaHooks = {
  // Of the root suite: a failure counts as one of the run's.
  async afterAll(): Promise<void> {
    await logSearch.settled(3000);
    logSearch.assertClean();
  },
};

export async function mochaGlobalTeardown(): Promise<void> {
  await stopSharedServers();
  process.stdout.write(describeSkipped());
}
