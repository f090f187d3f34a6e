import 'reflect-metadata';
import { matchMaker, type Server } from '@colyseus/core';
import { createServer } from '../arena.config.ts';
import { ConfigError, loadConfig } from './config.ts';
import { createContext } from './context.ts';
import { demoLogins } from './demo/seedDemo.ts';
import { keepCampaignsOpen } from './lottery/liveCampaigns.ts';

const SHUTDOWN_LIMIT_MS = 10_000;

/** Start: settings → services → listen → signals. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const context = await createContext(config);
  const { logger } = context;
  const server = createServer(context);
  await server.listen(config.port, config.host);
  const stopKeeping = await keepCampaignsOpen(context);
  const url = `http://${config.host}:${portOf(server)}`;
  process.stdout.write(
    `Kaijiang listens on ${url}\n  API      ${url}/api/v3/docs\n  health   ${url}/health\n${await demoLogins(context)}`,
  );

  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'shutting down');
    stopKeeping();
    setTimeout(() => {
      const { roomCount, ccu } = matchMaker.stats.local;
      logger.error({ roomCount, clients: ccu }, 'the shutdown took too long and was broken off');
      process.exit(1);
    }, SHUTDOWN_LIMIT_MS).unref();
    server.gracefullyShutdown(false).then(
      () => process.exit(),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('unhandledRejection', (reason) =>
    logger.error({ err: reason }, 'a rejection that nobody handled'),
  );
  process.on('uncaughtException', (error) => {
    // What it left half done is unknown; what was acknowledged is in the database, and another process takes over.
    logger.fatal({ err: error }, 'an exception that nobody caught');
    process.exitCode = 1;
    stop('uncaughtException');
  });
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** The port that is listened on; with PORT=0 the system has chosen it. */
function portOf(server: Server): number {
  const address = server.transport.server?.address();
  if (address === null || typeof address !== 'object') throw new Error('The server does not listen');
  return address.port;
}

main().catch((error: unknown) => {
  // A wrong setting is the operator's to mend and takes one line; anything else is ours and takes the stack.
  process.stderr.write(
    error instanceof ConfigError ? `${error.message}\n` : `${String((error as Error).stack)}\n`,
  );
  process.exit(1);
});
