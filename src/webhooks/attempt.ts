/** One try of a delivery, by the Standard Webhooks headers, and what came of it. */
import type { Webhook } from '../../entities/webhooks/Webhook.ts';
import { LIMITS } from '../platform/limits.ts';
import type { DueDelivery, Outcome } from './deliveryStore.ts';
import { post } from './post.ts';
import type { WebhookSecrets } from './secrets.ts';
import { RefusedTarget, type Targets } from './targets.ts';

/** What TLS says of one that is not signed by an authority this node knows, is of another host, or of another time. */
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|ALTNAME/;

export interface AttemptServices {
  targets: Targets;
  webhookSecrets: WebhookSecrets;
}

export interface Attempted {
  endpoint: Webhook;
  delivery: DueDelivery;
  nowMs: number;
  /** The node ends: what is not answered by then is given back. */
  ending: AbortSignal;
}

/** @returns undefined when the node has ended before it was answered */
export async function attempt(
  { targets, webhookSecrets }: AttemptServices,
  { endpoint, delivery, nowMs, ending }: Attempted,
): Promise<Outcome | undefined> {
  const late = AbortSignal.timeout(LIMITS.webhookAnswerMs);
  const { id, body } = delivery;
  const timestampSeconds = Math.floor(nowMs / 1000);
  const signature = webhookSecrets.sign({ id, timestampSeconds, body }, secretsOf(endpoint, nowMs));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Kaijiang-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signature,
    ...(delivery.isSimulated && { 'kaijiang-simulated': 'true' }),
  };
  try {
    const signal = AbortSignal.any([late, ending]);
    const { status, retryAfter } = await post(targets, { url: endpoint.url, headers, body, signal });
    if (status >= 200 && status < 300) return { isDelivered: true, status };
    const isRedirect = status >= 300 && status < 400;
    const error = isRedirect ? 'it redirects, which is not followed' : `it answered ${status}`;
    return { isDelivered: false, status, error, retryAfterMs: readRetryAfter(retryAfter, nowMs) };
  } catch (error) {
    if (ending.aborted) return undefined;
    return { isDelivered: false, status: null, error: late.aborted ? 'no answer in time' : reasonOf(error) };
  }
}

function secretsOf(
  { secret, previous_secret: previous, previous_until: until }: Webhook,
  nowMs: number,
): string[] {
  const isOverlapping = previous !== null && until !== null && nowMs < until.getTime();
  return isOverlapping ? [secret, previous] : [secret];
}

/** Seconds, or a date. */
export function readRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LIMITS.webhookRetryAfterMs);
}

/** Without a message of the network, which may quote anything. */
function reasonOf(error: unknown): string {
  if (error instanceof RefusedTarget) return `it ${error.message}`;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code !== 'string') return String(name);
  return CERTIFICATE.test(code) ? `its certificate is not trusted: ${code}` : code;
}
