import { loadConfig } from './settings.ts';
import { checkAddress } from './platform/addressCheck.ts';
import { StartError } from './platform/startError.ts';

/** As the settings have it, for what is told before the settings are read. */
const isProduction = process.env['NODE_ENV'] === 'production';

/** Settings and the address, which are told of at once when they are wrong; and only then the server, which takes a moment to load. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  await checkAddress(config);
  const { createLogger } = await import('./platform/logger.ts');
  const logger = createLogger(config.logLevel);
  if (isProduction) (await import('./platform/jsonOutput.ts')).printJsonOnly(logger);
  const { serve } = await import('./serve.ts');
  await serve(config, logger);
}

/** What the operator can mend takes one line; anything else is ours and takes the stack. In production both are lines of the log. */
async function refuse(error: unknown): Promise<never> {
  const isTold = error instanceof StartError;
  if (isProduction) {
    const { createLogger } = await import('./platform/logger.ts');
    createLogger('fatal').fatal(isTold ? {} : { err: error }, isTold ? error.message : 'the start failed');
  } else {
    process.stderr.write(`${isTold ? error.message : String((error as Error).stack)}\n`);
  }
  process.exit(1);
}

await main().catch(refuse);
