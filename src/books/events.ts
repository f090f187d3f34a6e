/**
 * The events of draws against the requests they tell of. Read in pages and taken apart here: the JSON functions of the databases
 * would take longer for it than all other checks together.
 */
import { z } from 'zod';
import { Findings } from './checks.ts';
import type { Invariant, Violation } from './check.ts';
import { readPackedRequests } from './packs.ts';
import type { Snapshot } from './snapshot.ts';
import { DRAWN_EVENT } from './sql.ts';

const PAGE_EVENTS = 2000;
const DRAWS_PER_CAMPAIGN = 10_000_000_000;

const TELLS: Invariant = { rule: 'E-1', holds: `each ${DRAWN_EVENT} event tells of a request and its draws` };
const ONCE: Invariant = { rule: 'E-1', holds: `no two ${DRAWN_EVENT} events tell of the same request` };

interface EventRow {
  event_id: number;
  user_id: number | null;
  event_data: string;
}

interface RequestRow {
  draw_id: number | string;
  campaign_id: number;
  user_id: number;
  request_id: string;
  draw_count: number;
  first_draw_no: number | string;
}

const dataShape = z.object({
  campaign_id: z.int(),
  user_id: z.int(),
  request_id: z.string(),
  draws: z.array(z.object({ draw_id: z.int() })).min(1),
});
type EventData = z.output<typeof dataShape>;

export async function auditEvents(snapshot: Snapshot): Promise<Violation[]> {
  const findings = new Findings();
  const seen = new SeenDraws();
  for (let after = 0; ;) {
    const events = await snapshot.query<EventRow>(
      `SELECT event_id, user_id, event_data FROM business_events
       WHERE event_type = '${DRAWN_EVENT}' AND event_id > ? ORDER BY event_id LIMIT ${PAGE_EVENTS}`,
      [after],
    );
    if (events.length === 0) return findings.violations;
    const told = events.map((event) => ({ event, data: dataOf(event, findings) }));
    const requests = await findRequests(
      snapshot,
      told.flatMap(({ data }) => (data === undefined ? [] : [data.draws[0]!.draw_id])),
    );
    for (const { event, data } of told) {
      if (data !== undefined) compare(event, data, { requests, seen, findings });
    }
    after = events.at(-1)!.event_id;
  }
}

function dataOf({ event_id, event_data }: EventRow, findings: Findings): EventData | undefined {
  try {
    const parsed = dataShape.safeParse(JSON.parse(event_data));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    findings.add(TELLS, `event_id ${event_id}: ${issue!.path.join('.')} ${issue!.message}`);
  } catch (error) {
    findings.add(TELLS, `event_id ${event_id}: ${(error as Error).message}`);
  }
  return undefined;
}

/** The requests that draws belong to, by draw_id. */
async function findRequests(
  snapshot: Snapshot,
  drawIds: readonly number[],
): Promise<Map<number, RequestRow>> {
  if (drawIds.length === 0) return new Map();
  const rows = await snapshot.query<RequestRow>(
    `SELECT d.draw_id, r.campaign_id, r.user_id, r.request_id, r.draw_count, r.first_draw_no FROM lottery_draws d
     JOIN lottery_draw_requests r
       ON r.campaign_id = d.campaign_id AND r.user_id = d.user_id AND r.request_id = d.request_id
     WHERE d.draw_id IN (${drawIds.join(',')})`,
  );
  const found = new Map(rows.map((row) => [Number(row.draw_id), row]));
  const others = drawIds.filter((drawId) => !found.has(drawId));
  for (const [drawId, request] of await readPackedRequests(snapshot, others))
    found.set(drawId, { ...request, draw_id: drawId });
  return found;
}

interface Comparison {
  requests: Map<number, RequestRow>;
  seen: SeenDraws;
  findings: Findings;
}

function compare(event: EventRow, data: EventData, { requests, seen, findings }: Comparison): void {
  const firstId = data.draws[0]!.draw_id;
  const request = requests.get(firstId);
  const place = `event_id ${event.event_id}, request_id ${data.request_id}, draw_id ${firstId}`;
  if (request === undefined) {
    findings.add(TELLS, `${place}: no such request`);
    return;
  }
  const agrees =
    request.campaign_id * DRAWS_PER_CAMPAIGN + Number(request.first_draw_no) === firstId &&
    request.campaign_id === data.campaign_id &&
    request.user_id === data.user_id &&
    request.user_id === event.user_id &&
    request.request_id === data.request_id &&
    request.draw_count === data.draws.length &&
    data.draws.every(({ draw_id }, at) => draw_id === firstId + at);
  if (!agrees) findings.add(TELLS, `${place}: the request is not the one told of`);
  else if (!seen.add(firstId)) findings.add(ONCE, place);
}

/** A set of draws, one bit each. Only draws that exist are put in, so it grows with the last draw_no. */
class SeenDraws {
  private readonly bits = new Map<number, Uint8Array>();

  /** Whether the draw was not in the set. */
  add(drawId: number): boolean {
    const campaignId = Math.floor(drawId / DRAWS_PER_CAMPAIGN);
    const drawNo = drawId % DRAWS_PER_CAMPAIGN;
    const at = Math.floor(drawNo / 8);
    let bits = this.bits.get(campaignId) ?? new Uint8Array(1024);
    if (at >= bits.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(bits);
      bits = larger;
    }
    this.bits.set(campaignId, bits);
    const bit = 1 << (drawNo % 8);
    if ((bits[at]! & bit) !== 0) return false;
    bits[at]! |= bit;
    return true;
  }
}
