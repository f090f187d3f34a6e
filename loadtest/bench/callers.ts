/** A load process of the bench: diners who draw over REST at all nodes, before, during and after the death of one. */
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { Backoff, retryAfterMs } from '../../src/client/patience.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { HttpClient } from '../http.ts';
import { giveUp, serveOutages } from './outageWorker.ts';
import { until } from './polling.ts';

interface Call {
  startedMs: number;
  /** Infinity while it is under way. */
  endedMs: number;
  /** Why it was sent again. */
  retries: string[];
}

/** A call belongs to the outage when it was under way at the kill or began so soon after it. */
const OUTAGE_MS = 1000;

let calls: Call[] = [];

serveOutages({
  begin: async ({ urls, campaignId, diners }) => {
    const nodes = urls.map((url) => new HttpClient(url, diners.length));
    diners.forEach(({ token }, at) => {
      const caller = new Caller(nodes, at, token, campaignId);
      caller.drawForEver().catch(giveUp);
    });
    await until(() => calls.filter(isOver).length >= diners.length);
  },
  report: async (killedMs) => {
    const endMs = killedMs + OUTAGE_MS;
    const concerned = ({ startedMs, endedMs }: Call) => startedMs <= endMs && endedMs >= killedMs;
    await until(() => Date.now() > endMs && calls.every((call) => !concerned(call) || isOver(call)));
    const met = calls.filter(concerned);
    calls = calls.filter((call) => !isOver(call));
    return {
      tookMs: {
        'under way at the kill': met.filter((call) => call.startedMs <= killedMs).map(latencyMs),
        'under way or begun within 1 s': met.map(latencyMs),
      },
      retries: met.flatMap((call) => call.retries),
    };
  },
});

class Caller {
  private readonly runId = Date.now().toString(36);

  constructor(
    private readonly nodes: readonly HttpClient[],
    private readonly at: number,
    private readonly token: string,
    private readonly campaignId: number,
  ) {}

  async drawForEver(): Promise<never> {
    for (let count = 0; ; count++) {
      const call: Call = { startedMs: Date.now(), endedMs: Infinity, retries: [] };
      calls.push(call);
      await this.draw(count, call.retries);
      call.endedMs = Date.now();
    }
  }

  /** Each call first to the next node; whatever is not answered goes to another one, with the same request id. */
  private async draw(count: number, retries: string[]): Promise<DrawReply> {
    const requestId = `${this.runId}-${this.at}-${count}`;
    const body = { campaign_id: this.campaignId, draw_count: 1, request_id: requestId };
    const backoff = new Backoff();
    for (let attempt = 0; ; attempt++) {
      const node = this.nodes[(this.at + count + attempt) % this.nodes.length]!;
      try {
        return await node.call<DrawReply>({ method: 'POST', path: '/lottery/draw', token: this.token, body });
      } catch (thrown) {
        const error = asKaijiangError(thrown);
        if (!error.isPassing) throw error;
        retries.push(error.code);
        // A dead node says nothing about the others; one that asks for patience speaks for the campaign.
        const allAsked = (attempt + 1) % this.nodes.length === 0;
        if (error.code !== 'UNREACHABLE' || allAsked) await backoff.pause(retryAfterMs(error));
      }
    }
  }
}

function isOver({ endedMs }: Call): boolean {
  return endedMs < Infinity;
}

function latencyMs({ startedMs, endedMs }: Call): number {
  return endedMs - startedMs;
}
