import { isIP } from 'node:net';
import { AppError } from '../platform/errors.ts';
import { pauseUntil } from '../platform/repeating.ts';
import { AllowedAddresses } from './addresses.ts';
import { resolveName, type ResolveName } from './resolveName.ts';

/** Longer than a name takes to be found, shorter than somebody waits for an answer. */
const CHECK_MS = 2000;

/** Where events would go, and may not. */
export class RefusedTarget extends Error {
  override readonly name = 'RefusedTarget';
}

/*
 * The way into networks that are not public is closed here (E-6): an endpoint is refused when it is made or edited, and each try
 * connects to nothing but addresses that were checked after its name was resolved for this very try.
 */
export class Targets {
  private readonly allowed: AllowedAddresses;

  constructor(
    networks: readonly string[],
    private readonly resolve: ResolveName = resolveName,
  ) {
    this.allowed = new AllowedAddresses(networks);
  }

  /**
   * Whether an endpoint may be kept. A name that nobody knows yet may, over https: what it will mean is checked by each try.
   * @throws AppError VALIDATION_FAILED
   */
  async check(text: string): Promise<void> {
    try {
      const url = readUrl(text);
      const giveUp = new AbortController();
      const late = pauseUntil(giveUp.signal, CHECK_MS);
      const addresses = await Promise.race([this.addressesOf(url).catch(unlessUnknown), late]);
      giveUp.abort();
      if (addresses === undefined && url.protocol === 'http:')
        throw new RefusedTarget('http is for networks that WEBHOOK_ALLOWED_NETWORKS names');
    } catch (error) {
      if (!(error instanceof RefusedTarget)) throw error;
      throw new AppError('VALIDATION_FAILED', { details: [{ path: 'url', message: error.message }] });
    }
  }

  /** The addresses that may be connected to now. @throws RefusedTarget, or what the name servers say */
  async addressesOf(url: URL): Promise<string[]> {
    const host = hostOf(url);
    const found = isIP(host) > 0 ? [host] : await this.resolve(host);
    const isAllowed = (ip: string) =>
      url.protocol === 'http:' ? this.allowed.isNamed(ip) : this.allowed.isAllowed(ip);
    const addresses = found.filter(isAllowed);
    if (addresses.length > 0) return addresses;
    if (url.protocol === 'http:' && found.some((ip) => this.allowed.isAllowed(ip)))
      throw new RefusedTarget('http is for networks that WEBHOOK_ALLOWED_NETWORKS names');
    throw new RefusedTarget('is at an address that is not public');
  }
}

/** @throws RefusedTarget */
export function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new RefusedTarget('must be a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new RefusedTarget('must begin with https://');
  if (url.username !== '' || url.password !== '') throw new RefusedTarget('must have no credentials');
  return url;
}

/** Without the brackets of an IPv6 address and the dot at the end of a whole name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function unlessUnknown(error: unknown): undefined {
  if (error instanceof RefusedTarget) throw error;
  return undefined;
}
