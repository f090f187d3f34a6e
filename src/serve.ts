import 'reflect-metadata';
import type { Server } from '@colyseus/core';
import { createServer } from '../arena.config.ts';
import type { Config } from './settings.ts';
import { createContext, type Context } from './context.ts';
import { demoLogins } from './demo/seedDemo.ts';
import { findPages } from './platform/http/pages.ts';
import { listen, urlOf } from './platform/http/listen.ts';
import type { Logger } from './platform/logger.ts';
import { beginBackground } from './domains.ts';
import { Shutdown } from './shutdown.ts';

const CLOSING_LIMIT_MS = 1000;

/** Services → listen → background → signals → told. @param pages the folder of the pages for people. @throws StartError */
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
  // Whoever has read that it listens may end it at once.
  new Shutdown({ server, context, stopBackground }).listen();
  await tellAddress(context, urlOf(server, config.host));
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

/** Takes this process off the lists of nodes and closes what was opened, as far as that is quick: it ends either way. */
async function closeBriefly(server: Server, context: Context): Promise<void> {
  await Promise.race([
    server.gracefullyShutdown(false).then(() => context.close()),
    new Promise((resolve) => setTimeout(resolve, CLOSING_LIMIT_MS)),
  ]);
}
