import { z } from 'zod';

/** Settings that are URLs are taken apart here as those who connect will do it, so that nothing of them fails later. */

/** redis://user:pass@host:port/number, or rediss:// for TLS, with ?ssl_ca=FILE */
export const redisUrlShape = checkedBy(faultOfRedisUrl);

/** host:port, perhaps with a path, by which clients reach a process. */
export const publicAddressShape = checkedBy(faultOfPublicAddress);

/** An origin, as browsers write it in the header: whatever differs from that to the letter would never match. */
export const originShape = z.string().transform((text, context) => {
  const origin = originOf(text);
  if (typeof origin === 'string') return origin;
  context.addIssue({ code: 'custom', message: origin.fault });
  return z.NEVER;
});

/** The value is never shown: URLs have passwords in them. */
function checkedBy(faultOf: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((text, context) => {
    const message = faultOf(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function faultOfRedisUrl(text: string): string | undefined {
  const form = 'must be redis://host:port, or rediss://host:port for TLS';
  if (!/^rediss?:\/\//.test(text)) return form;
  const url = parseUrl(text);
  if (typeof url === 'string') return url;
  if (url.hostname === '' || url.hash !== '') return form;
  if (!/^\/?\d{0,4}$/.test(url.pathname))
    return 'must have the number of a database, or nothing, as its path';
  for (const name of url.searchParams.keys()) {
    if (name !== 'ssl_ca') return `has an unknown option ${JSON.stringify(name)}; there is ssl_ca`;
    if (url.protocol !== 'rediss:') return 'must be rediss:// for ssl_ca to mean anything';
  }
  return undefined;
}

function faultOfPublicAddress(text: string): string | undefined {
  const form = 'must be host:port, without http://';
  if (/[\s@?#\\]|:\/\//.test(text) || text.startsWith('/') || !URL.canParse(`http://${text}`)) return form;
  return new URL(`http://${text}`).port === '0' ? form : undefined;
}

/** The URL, or what is wrong with it. */
function parseUrl(text: string): URL | string {
  const url = URL.parse(text);
  // An @ or a colon may also be in what follows the port: a path, or the name of a file.
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  const port = /:(\d+)$/.exec(authority)?.[1];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return 'has a port beyond 1 to 65535';
  const encoding =
    'cannot be read as a URL: in a user or password write % as %25, / as %2F, # as %23, ? as %3F';
  if (url === null) return encoding;
  return [url.username, url.password, url.pathname].every(isDecodable) ? url : encoding;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function originOf(text: string): string | { fault: string } {
  if (text.includes('*')) return { fault: 'must list each origin; there are no wildcards' };
  // A page in an app has a scheme of its own, as capacitor://localhost.
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { fault: 'must be origins with their scheme: https://shop.example' };
  const url = URL.parse(text);
  if (url === null || url.host === '') return { fault: 'must be origins: https://shop.example' };
  const hasMore = !/^\/?$/.test(url.pathname) || /[?#@]/.test(text);
  if (hasMore) return { fault: 'must be origins without a path: browsers send https://shop.example' };
  return url.origin === 'null' ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;
}
