/** What this device notes of each draw when it is answered, so that a proof can be held against it later. */
import type { DrawReply } from '../../../src/lottery/messages.ts';
import type { Receipt } from '../../../src/verifier/publishedShapes.ts';

const KEY = 'kaijiang.receipts';
const KEPT = 200;

export function noteReceipts(reply: DrawReply, nowMs = Date.now()): void {
  const received_at = new Date(nowMs).toISOString();
  const noted = reply.draws.map(
    ({ draw_id, draw_no, prize, is_guarantee, roll, server_seed_hash, client_seed }): Receipt => ({
      ...{ draw_id, draw_no, is_guarantee, roll, server_seed_hash, client_seed, received_at },
      prize_id: prize?.prize_id ?? null,
    }),
  );
  // An answer that comes again says what the first one said: that one is kept.
  const before = receipts();
  const earlier = new Set(before.map(({ draw_id }) => draw_id));
  const fresh = noted.filter(({ draw_id }) => !earlier.has(draw_id));
  if (fresh.length === 0) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([...before, ...fresh].slice(-KEPT)));
  } catch (error) {
    console.warn('no room for the receipt of a draw', error);
  }
}

export function receiptOf(drawId: number): Receipt | undefined {
  return receipts().find(({ draw_id }) => draw_id === drawId);
}

function receipts(): Receipt[] {
  return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Receipt[];
}
