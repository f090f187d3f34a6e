import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Difference, type LogItem, type PublishedFairness } from '../draw/replay.ts';
import { LIMITS } from '../platform/limits.ts';
import { fairnessShape, logItemShape, logPageShape, parsed } from '../verifier/publishedShapes.ts';
import { NotPublished, type FairnessSource } from '../verifier/verifyLog.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Times that a server which asks to come back later is asked again, and the longest it is waited for. */
const MAX_RETRIES = 5;
const MAX_RETRY_AFTER_SECONDS = 10;
const MAX_EMPTY_PAGES = 3;
const EMPTY_PAGE_PAUSE_MS = 500;

/** Reads one campaign's public fairness data from a server, without a login. */
export class PublishedLog implements FairnessSource {
  readonly name: string;
  private readonly base: string;

  constructor(
    url: string,
    private readonly campaignId: number,
  ) {
    this.name = `campaign ${campaignId}`;
    this.base = `${url.replace(/\/+$/, '')}/api/v3/lottery/campaigns/${campaignId}`;
  }

  /**
   * All epochs, page by page. Only the newest can still change, so head and length are those of the last page.
   * @throws {NotPublished} @throws {Difference} for data not in the public format.
   */
  async fairness(): Promise<PublishedFairness> {
    const epochs: PublishedFairness['epochs'] = [];
    for (let route = 'fairness'; ;) {
      const { next_after_epoch: next, ...page } = await this.fairnessPage(route);
      epochs.push(...page.epochs);
      if (next === undefined) return { ...page, epochs };
      const last = page.epochs.at(-1)?.epoch;
      if (last !== next) throw new Difference(null, 'next_after_epoch', { expected: last, published: next });
      route = `fairness?after_epoch=${next}`;
    }
  }

  private async fairnessPage(route: string): Promise<z.output<typeof fairnessShape>> {
    const page = parsed(fairnessShape, await this.get(route), null);
    if (page.campaign_id === this.campaignId) return page;
    const values = { expected: this.campaignId, published: page.campaign_id };
    throw new Difference(null, 'campaign_id', values);
  }

  /**
   * The first `length` entries, page by page; what is appended meanwhile is left out. Ends early when there are fewer, also
   * after a while, in which a replica that is behind would have them.
   * @throws {NotPublished} @throws {Difference}
   */
  async *entries(length: number): AsyncGenerator<LogItem[]> {
    let empty = 0;
    for (let after = 0; after < length;) {
      const limit = Math.min(LIMITS.fairnessLogPage, length - after);
      const data = await this.get(`fairness-log?after=${after}&limit=${limit}`);
      const { items } = parsed(logPageShape, data, after + 1);
      if (items.length === 0) {
        if (++empty > MAX_EMPTY_PAGES) return;
        await sleep(EMPTY_PAGE_PAUSE_MS);
        continue;
      }
      empty = 0;
      const from = after;
      yield items.map((item, at) => parsed(logItemShape, item, from + at + 1));
      after += items.length;
    }
  }

  private async get(route: string): Promise<unknown> {
    const url = `${this.base}/${route}`;
    for (let retry = 0; ; retry++) {
      const response = await ask(url);
      if ((response.status !== 503 && response.status !== 429) || retry === MAX_RETRIES)
        return dataOf(response, url);
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? 1) || 1;
      await sleep(Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000);
    }
  }
}

async function ask(url: string): Promise<Response> {
  try {
    return await fetch(url, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: { accept: 'application/json' },
    });
  } catch (error) {
    throw new NotPublished(`no server answers at ${url} (${reasonOf(error)})`, { cause: error });
  }
}

async function dataOf(response: Response, url: string): Promise<unknown> {
  let envelope: unknown;
  try {
    envelope = await response.json();
  } catch (error) {
    throw new NotPublished(`${url} answers ${response.status} and no JSON (${reasonOf(error)})`, {
      cause: error,
    });
  }
  const { success, code, data } = envelopeShape.safeParse(envelope).data ?? {};
  if (response.ok && success === true) return data;
  throw new NotPublished(`${url} answers ${response.status} ${code ?? 'in another format'}`);
}

const envelopeShape = z.object({ success: z.boolean(), code: z.string(), data: z.unknown().optional() });

/** fetch hides the reason in its cause, and that of several addresses in the first of them. */
function reasonOf(error: unknown): string {
  const cause = (error as Error).cause ?? error;
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return (first as { code?: string }).code ?? (first as Error).message;
}
