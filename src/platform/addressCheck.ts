import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError, startErrorOf } from './startError.ts';

/** Where a server listens; port 0: the system chooses one. */
export interface Address {
  host: string;
  port: number;
  /** What the settings of its port and host are called; absent: those of the server. */
  settings?: { port: string; host: string };
}

const SETTINGS = { port: 'PORT', host: 'HOST' };

/**
 * Tells at once, before the server is loaded and the database opened, of an address that cannot be had. It may still be taken
 * when the server binds it.
 * @throws StartError
 */
export async function checkAddress({ host, port, settings }: Address): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  probe.listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw bindErrorOf(error, { host, port, ...(settings && { settings }) });
  }
  probe.close();
  await once(probe, 'close');
}

export function bindErrorOf(error: unknown, { host, port, settings = SETTINGS }: Address): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartError(`${settings.port}: ${port} is taken on ${host} by another program`, {
        cause: error,
      });
    case 'EACCES':
      return new StartError(`${settings.port}: this user may not listen on ${port}; take one above 1023`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new StartError(`${settings.host}: ${host} is no address of this machine`, { cause: error });
    default:
      return startErrorOf(settings.host, error) ?? error;
  }
}
