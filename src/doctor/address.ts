/** Whether clients reach a node by PUBLIC_ADDRESS, over HTTP and by a WebSocket, as seen from here. */
import { once } from 'node:events';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import type { Config } from '../settings.ts';
import type { Finding } from './finding.ts';

const ANSWER_MS = 5000;
const LOOPBACK = /^(127\.|\[::1\]|localhost)/;
/** What Node says of a certificate that browsers would refuse as well. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/;
/** What a node says to a WebSocket that has no seat. */
const NO_SEAT = 403;

export async function lookAtAddress({ publicAddress, redisUrl, production }: Config): Promise<Finding[]> {
  if (publicAddress !== undefined) return reach(publicAddress, production);
  const name = 'address';
  if (redisUrl === undefined)
    return [{ level: 'ok', name, found: 'none; clients of a lone node come back to where they were' }];
  const remedy =
    'set PUBLIC_ADDRESS of each node to the host and path by which the proxy leads to it alone, as draw.example.com/node1';
  const found =
    'PUBLIC_ADDRESS is not set: clients are sent to whatever node their proxy chooses, not to their room';
  return [{ level: 'fail', name, found, remedy }];
}

async function reach(address: string, production: boolean): Promise<Finding[]> {
  const encrypted = await health(`https://${address}`);
  if (encrypted.isCertificateBad) return [unreachable(encrypted, address)];
  const { scheme, outcome } = encrypted.isWell
    ? { scheme: 'https', outcome: encrypted }
    : { scheme: 'http', outcome: await health(`http://${address}`) };
  if (!outcome.isWell) return [unreachable(outcome, address)];
  const isOpen = scheme === 'http' && production && !LOOPBACK.test(address);
  const name = 'address';
  const found = `${outcome.url} answers`;
  const remedy =
    'let the proxy in front speak TLS: passwords, codes and tokens are readable on the way (deploy/README.md, TLS)';
  return [
    isOpen
      ? { level: 'warn', name, found: `${found}, and https:// does not: ${encrypted.said}`, remedy }
      : { level: 'ok', name, found },
    await upgrade(`${scheme}://${address}`),
  ];
}

interface Outcome {
  url: string;
  isWell: boolean;
  isCertificateBad: boolean;
  said: string;
}

/** Of any node there: the path of an address leads to rooms alone. */
async function health(base: string): Promise<Outcome> {
  const url = new URL('/health', base).href;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const body = (await response.text()).slice(0, 100);
    const isWell = response.ok && body.includes('"status":"ok"');
    return {
      url,
      isWell,
      isCertificateBad: false,
      said: `${response.status}${isWell ? '' : `, not of a node`}`,
    };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    const said = cause?.code ?? name;
    return { url, isWell: false, isCertificateBad: CERTIFICATE.test(said), said };
  }
}

function unreachable({ url, said, isCertificateBad }: Outcome, address: string): Finding {
  const remedy = isCertificateBad
    ? `let the proxy show a certificate that names ${new URL(url).hostname}, with those in between, of an authority that browsers know`
    : `start the node; then see that ${address} is its host and port, that its name resolves here too, and that firewall and proxy let it through`;
  return { level: 'fail', name: 'address', found: `${url}: ${said}`, remedy };
}

/** Asks for a WebSocket without a seat, which a node refuses in its own words and a proxy in others. */
async function upgrade(base: string): Promise<Finding> {
  const name = 'websocket';
  const url = `${base.replace(/\/$/, '')}/doctor/doctor`;
  const remedy =
    'let the proxy pass upgrades (Upgrade and Connection, HTTP/1.1) of PUBLIC_ADDRESS/<process>/<room> to this node, without the path of the address';
  const { status, said } = await askUpgrade(url);
  if (status === NO_SEAT && said.includes(`"code":${NO_SEAT}`))
    return { level: 'ok', name, found: `${url.replace(/^http/, 'ws')} reaches a node` };
  return { level: 'fail', name, found: `${url}: ${status ?? said}, which no node has answered`, remedy };
}

async function askUpgrade(url: string): Promise<{ status: number | undefined; said: string }> {
  const ask = url.startsWith('https:') ? requestHttps : requestHttp;
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  };
  const request = ask(url, { headers, agent: false, signal: AbortSignal.timeout(ANSWER_MS) });
  request.on('upgrade', (_response, socket) => {
    socket.destroy();
    request.destroy(new Error('it was upgraded'));
  });
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode, said: (await text(response)).slice(0, 200) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { status: undefined, said: code ?? message };
  } finally {
    request.destroy();
  }
}
