import { format } from 'node:util';
import type { Logger } from './logger.ts';

/**
 * Has what libraries and the runtime print go through the logger: what collects the log of production reads every line as JSON.
 * What is printed before, or by the runtime as it dies, is beyond this.
 */
export function printJsonOnly(logger: Logger): void {
  const printed = logger.child({ source: 'console' });
  const levels = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;
  for (const [name, level] of Object.entries(levels) as [keyof typeof levels, 'debug'][]) {
    console[name] = (...parts: unknown[]) => printed[level](format(...parts));
  }
  // The runtime's own listener, which prints them, is one of these.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => printed.warn({ err: warning }, 'the runtime warns'));
}
