import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a name. @throws when it has none, or nobody says so in time */
export type ResolveName = (name: string) => Promise<string[]>;

const SERVER_MS = 1500;

/**
 * Asks the name servers directly: the system's own way holds one of four threads of this process for as long as they are silent,
 * and a few endpoints with such names would stand in everybody's way. What they do not know the system may (its hosts file).
 */
export const resolveName: ResolveName = async (name) => {
  if (/(^|\.)localhost$/i.test(name)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver({ timeout: SERVER_MS, tries: 2 });
  const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = asked.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const silent = asked.find((answer) => answer.status === 'rejected' && isSilence(answer.reason));
  if (silent?.status === 'rejected') throw silent.reason;
  return (await lookup(name, { all: true })).map(({ address }) => address);
};

function isSilence(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ETIMEOUT';
}
