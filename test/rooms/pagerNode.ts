/** A node of the product that has pagers as well: `startServerProcess` runs it. */
import { createServer } from '../../arena.config.ts';
import { createContext } from '../../src/context.ts';
import { listen, urlOf } from '../../src/platform/http/listen.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { loadConfig } from '../../src/settings.ts';
import { addPagers } from './pagerKind.ts';

const config = loadConfig(process.env);
const context = await createContext(config, { logger: createLogger(config.logLevel) });
const server = createServer(context);
addPagers(context);
await listen(server, config);
process.once('SIGTERM', () => void server.gracefullyShutdown(true));
process.stdout.write(`Kaijiang listens on ${urlOf(server, config.host)}\n`);
