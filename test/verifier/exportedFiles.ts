/** Files as GET …/fairness-export answers, whole and tampered with, by the name that they are saved as. */
import { configOf, prizeOf } from '../draw/configs.ts';
import { chained, LogWriter, type Published } from '../books/publishedLogs.ts';

const CONFIG = configOf({
  prizes: [
    prizeOf({ prize_id: 1, p: 20_000_000, stock: 1, fallback_prize_id: 2 }),
    prizeOf({ prize_id: 2, name: '奶茶 𝄞 "大"杯', p: 20_000_000, stock: 5 }),
    prizeOf({ prize_id: 3, p: 10_000_000, stock: null }),
  ],
  guarantee: { threshold: 4, prize_id: 3 },
  pity: [{ after: 2, bonus_bp: 500 }],
  level_bonus_bp: { '1': 0, '2': 300 },
  periods: [{ starts_at: '2026-03-02T00:00:00Z', ends_at: '2026-03-03T00:00:00Z', bonus_bp: 1000 }],
});

/** Several versions, epochs and changes of stock; everything that a draw may depend on. */
export function playedLog(draws = 400): Published {
  const log = new LogWriter().rotate(Buffer.alloc(32, 1)).publish(CONFIG);
  const play = (count: number, drawn_at?: string) => {
    for (let draw = 0; draw < count; draw++)
      log.draw(1 + (draw % 9), { level: 1 + (draw % 2), ...(drawn_at && { drawn_at }) });
  };
  play(draws);
  // A prize more, another threshold and other chances; the stock goes on.
  log.addStock(2, 300).publish({
    ...CONFIG,
    prizes: [...CONFIG.prizes, prizeOf({ prize_id: 4, p: 1_000_000, stock: 9 })],
    guarantee: { threshold: 9, prize_id: 4 },
  });
  log.rotate(Buffer.alloc(32, 2));
  play(draws, '2026-03-02T12:00:00.000Z');
  log.addStock(2, -1).publish({ ...CONFIG, guarantee: { threshold: 2, prize_id: 3 }, pity: [] });
  play(draws);
  log.rotate(Buffer.alloc(32, 3));
  play(draws);
  return log.published();
}

/** As the server lays it out. */
export function fileOf({ fairness, items }: Published): string {
  const lines = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).join(',\n');
  const { epochs, ...head } = fairness;
  const data = `{"fairness":${JSON.stringify(head).slice(0, -1)},"epochs":[\n${lines(epochs)}]},\n"log":[\n${lines(items)}\n]}`;
  return `{"success":true,"code":"OK","message":"OK","data":${data},"request_id":"a","timestamp":"2026-03-01T04:00:00.000Z"}`;
}

export function exportedFiles(): Record<string, string> {
  const log = playedLog();
  const whole = fileOf(log);
  const { fairness, items } = log;
  const drawn = items.findIndex((item) => item.kind === 'draw' && item.draw_no === 700);
  const changed = (change: object): Published => ({
    fairness,
    items: items.map((item, at) => (at === drawn ? Object.assign({}, item, change) : item)),
  });
  return {
    'whole.json': whole,
    'other layout.json': JSON.stringify({ log: items, more: 1, fairness }, null, 2),
    'with a mark.json': `\ufeff${JSON.stringify({ data: { log: items, fairness } })}`,
    'roll.json': fileOf(changed({ roll: 1 })),
    'seed.json': fileOf(changed({ client_seed: 'mine' })),
    'rewritten.json': fileOf(chained(changed({ prize_id: 4 }))),
    'format.json': fileOf(changed({ roll: '1' })),
    'longer.json': fileOf({ fairness: { ...fairness, log_length: fairness.log_length - 1 }, items }),
    'shorter.json': fileOf({ fairness, items: items.slice(0, -1) }),
    'hash.json': whole.replace(/"server_seed_hash":"../, '"server_seed_hash":"zz'),
    'cut.json': whole.slice(0, whole.length / 2),
    'cut at an entry.json': whole.slice(0, whole.indexOf(',\n', whole.length / 2)),
    'broken.json': whole.replace('"draw_no":700,', '"draw_no":700;'),
    'empty.json': ' ',
    'text.json': 'hello',
    'other.json': '{"items":[1]}',
    'list.json': '[]',
    'refusal.json': '{"success":false,"code":"NOT_FOUND"}',
    'two logs.json': whole.replace('"fairness":', '"log":[],"fairness":'),
    'log alone.json': '{"log":[]}',
  };
}
