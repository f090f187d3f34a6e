/** A node as `npm start` runs it, with pages from another folder. */
import { createLogger } from '../../src/platform/logger.ts';
import { serve } from '../../src/serve.ts';
import { loadConfig } from '../../src/settings.ts';

const { PAGES_FOLDER: pages, ...environment } = process.env;
const config = loadConfig(environment);
await serve(config, createLogger(config.logLevel), pages);
