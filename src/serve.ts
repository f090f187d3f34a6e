import 'reflect-metadata';
import { matchMaker, type Server } from '@colyseus/core';
import { createServer } from '../arena.config.ts';
import type { Config } from './settings.ts';
import { createContext, type Context } from './context.ts';
import { demoLogins } from './demo/seedDemo.ts';
import { findPages } from './platform/http/pages.ts';
import { listen, urlOf } from './platform/http/listen.ts';
import type { Logger } from './platform/logger.ts';
import { beginBackground } from './domains.ts';

const SHUTDOWN_LIMIT_MS = 10_000;
const CLOSING_LIMIT_MS = 1000;

/** Services → listen → background → signals. @param pages the folder of the pages for people. @throws StartError */
export async function serve(config: Config, logger: Logger, pages = findPages()): Promise<void> {
  const context = await createContext(config, { logger, pages });
  const server = createServer(context);
  let stopBackground: () => void;
  try {
    await listen(server, config);
    stopBackground = await beginBackground(context);
  } catch (error) {
    await closeBriefly(server, context);
    throw error;
  }
  await tellAddress(context, urlOf(server, config.host));
  endOnSignals(server, logger, stopBackground);
}

/** In development for whoever sits in front of it; in production every line is one of the log. */
async function tellAddress(context: Context, url: string): Promise<void> {
  if (context.config.production) context.logger.info({ url }, `Kaijiang listens on ${url}`);
  else {
    process.stdout.write(
      `Kaijiang listens on ${url}\n${context.pages === undefined ? '' : `  diners   ${url}/\n  console  ${url}/admin\n`}  API      ${url}/api/v3/docs\n  health   ${url}/health\n${await demoLogins(context)}`,
    );
  }
}

function endOnSignals(server: Server, logger: Logger, stopBackground: () => void): void {
  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'shutting down');
    stopBackground();
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

/** Takes this process off the lists of nodes and closes what was opened, as far as that is quick: it ends either way. */
async function closeBriefly(server: Server, context: Context): Promise<void> {
  await Promise.race([
    server.gracefullyShutdown(false).then(() => context.close()),
    new Promise((resolve) => setTimeout(resolve, CLOSING_LIMIT_MS)),
  ]);
}
