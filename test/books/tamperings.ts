/** What whoever can write to the database may do to a campaign that was played, and who has to name it. */

/** Rows of the played campaign that are tampered with. */
export interface Chosen {
  campaignId: number;
  prizeId: number;
  otherPrizeId: number;
  /** Won by its roll, under the second version and a seed that is revealed; and the one after it. */
  won: { drawId: number; logNo: number };
  next: { drawId: number; logNo: number };
  /** Entries of the log. */
  config: number;
  stocks: [number, number];
  /** Of the seed in use. */
  lastEpoch: number;
}

export interface Tampering {
  name: string;
  table: string;
  sql: string[];
  /** What the audit has to say, and the verifier; undefined: nothing of it is published. */
  audit: RegExp;
  verify?: RegExp;
}

/** A place in the log, as both name it. */
const at = (logNo: number, rest = '') => new RegExp(`log_no ${logNo}: .*${rest}`);

function onDraws({ campaignId, otherPrizeId, won, next }: Chosen): Tampering[] {
  const table = 'lottery_draws';
  const update = (change: string, drawId = won.drawId) =>
    `UPDATE lottery_draws SET ${change} WHERE draw_id = ${drawId}`;
  const published = [
    'user_id = user_id + 1',
    `client_seed = 'mine'`,
    'fairness_epoch = 1',
    'table_version = 1',
    'level_bp = 400 - level_bp',
    'period_bp = 0',
    'pity_bp = pity_bp + 1',
    'streak_before = streak_before + 1',
    'roll = roll + 1',
    'rolled_prize_id = NULL',
    'prize_id = NULL, is_winner = 0',
    `prize_id = ${otherPrizeId}`,
    'is_guarantee = 1',
    `chain_hash = '${'0'.repeat(64)}'`,
    `draw_time = '2001-01-01 00:00:00.000'`,
  ].map((change) => ({
    name: change,
    table,
    sql: [update(change)],
    audit: at(won.logNo),
    verify: at(won.logNo),
  }));
  const kept: [string, RegExp][] = [
    ['interval_from = interval_from + 1', at(won.logNo, 'interval_from')],
    ['interval_to = interval_to + 1', at(won.logNo, 'interval_to')],
    ['is_winner = 0', new RegExp(`L-6 violated: is_winner.*\n  draw_id ${won.drawId}`)],
    ['points_cost = 99', /DRAW-8 violated: each request has exactly one debit/],
    [`request_id = 'other'`, new RegExp(`DRAW-4 violated: each draw belongs.*\n  draw_id ${won.drawId}`)],
  ];
  return [
    ...published,
    ...kept.map(([change, audit]) => ({ name: change, table, sql: [update(change)], audit })),
    {
      name: 'another draw_id',
      table,
      sql: [update('draw_id = draw_id + 100000')],
      audit: new RegExp(`draw_id = campaign_id.*\n  draw_id ${won.drawId + 100_000}`),
      verify: at(won.logNo, 'draw_id'),
    },
    {
      name: 'another draw_no',
      table,
      sql: [update('draw_no = draw_no + 100000')],
      audit: new RegExp(`draw_id = campaign_id.*\n  draw_id ${won.drawId},`),
      verify: at(won.logNo, 'draw_no'),
    },
    {
      name: 'a draw left out',
      table,
      sql: [`DELETE FROM lottery_draws WHERE draw_id = ${won.drawId}`],
      audit: /draws are numbered 1 to draw_no without gaps[^]*the log is numbered/,
      verify: at(won.logNo + 1, `log_no: expected ${won.logNo}`),
    },
    {
      name: 'two draws swapped',
      table,
      sql: [
        update('log_no = 1000001'),
        update(`log_no = ${won.logNo}`, next.drawId),
        `UPDATE lottery_draws SET log_no = ${next.logNo} WHERE campaign_id = ${campaignId} AND log_no = 1000001`,
      ],
      audit: at(won.logNo),
      verify: at(won.logNo, 'draw_no'),
    },
  ];
}

function onEntries({ campaignId, prizeId, config, stocks }: Chosen): Tampering[] {
  const table = 'lottery_fairness_entries';
  const where = (logNo: number) => `WHERE campaign_id = ${campaignId} AND log_no = ${logNo}`;
  const replaced = (logNo: number, from: string, to: string) =>
    `UPDATE ${table} SET payload = REPLACE(payload, '${from}', '${to}') ${where(logNo)}`;
  return [
    ['a weight', replaced(config, '"p":20000000', '"p":20000001'), config],
    ['a threshold', replaced(config, '"threshold":2', '"threshold":3'), config],
    ['a fallback', replaced(config, '"fallback_prize_id":', `"fallback_prize_id":${prizeId},"was":`), config],
    ['the stock of a version', replaced(config, '"stock":50', '"stock":49'), config],
    ['what was added', replaced(stocks[0], '"delta":5', '"delta":6'), stocks[0]],
    ['what remained', replaced(stocks[0], '"remaining":', '"remaining":1'), stocks[0]],
    [
      'what it is chained by',
      `UPDATE ${table} SET chain_hash = '${'0'.repeat(64)}' ${where(stocks[0])}`,
      stocks[0],
    ],
  ]
    .map(([name, sql, logNo]): Tampering => ({
      name: `${name} of the log`,
      table,
      sql: [String(sql)],
      audit: at(Number(logNo)),
      verify: at(Number(logNo)),
    }))
    .concat(
      {
        name: 'an entry left out',
        table,
        sql: [`DELETE FROM ${table} ${where(stocks[0])}`],
        audit: /the log is numbered 1 to log_no without gaps/,
        verify: at(stocks[0] + 1, `log_no: expected ${stocks[0]}`),
      },
      {
        name: 'two entries swapped',
        table,
        sql: [
          `UPDATE ${table} SET log_no = 1000001 ${where(stocks[0])}`,
          `UPDATE ${table} SET log_no = ${stocks[0]} ${where(stocks[1])}`,
          `UPDATE ${table} SET log_no = ${stocks[1]} ${where(1_000_001)}`,
        ],
        audit: at(stocks[0]),
        verify: at(stocks[0]),
      },
    );
}

function onRows({ campaignId, prizeId, lastEpoch }: Chosen): Tampering[] {
  const prize = (change: string, audit: RegExp): Tampering => ({
    name: change,
    table: 'lottery_prizes',
    sql: [`UPDATE lottery_prizes SET ${change} WHERE prize_id = ${prizeId}`],
    audit,
  });
  const ofPrize = (field: string) =>
    new RegExp(`L-12 violated: prizes are as they were published last\n  prize_id ${prizeId}: ${field} `);
  const campaign = (change: string, audit: RegExp, verify?: RegExp): Tampering => ({
    name: change,
    table: 'lottery_campaigns',
    sql: [`UPDATE lottery_campaigns SET ${change} WHERE campaign_id = ${campaignId}`],
    audit,
    ...(verify && { verify }),
  });
  const ofCampaign = (field: string) =>
    new RegExp(`L-12 violated: what a campaign.*\n  campaign_id ${campaignId}: ${field} `);
  const epoch = (change: string, number: number, audit: RegExp, verify?: RegExp): Tampering => ({
    name: `${change.replaceAll(/[0-9a-f]{64}/g, '…')} of epoch ${number}`,
    table: 'lottery_fairness_epochs',
    sql: [
      `UPDATE lottery_fairness_epochs SET ${change} WHERE campaign_id = ${campaignId} AND epoch = ${number}`,
    ],
    audit,
    ...(verify && { verify }),
  });
  const ofEpoch = (number: number, rest = '') =>
    new RegExp(`campaign_id ${campaignId}, epoch ${number}.*${rest}`);
  const other = 'ab'.repeat(32);
  return [
    prize('win_probability = win_probability * 2', ofPrize('p')),
    prize(`prize_name = 'other'`, ofPrize('name')),
    prize(`prize_type = 'virtual'`, ofPrize('type')),
    prize('prize_value = prize_value + 1', ofPrize('value')),
    prize('sort_order = 99', ofPrize('sort_order')),
    prize('fallback_prize_id = NULL', ofPrize('fallback_prize_id')),
    prize(
      'remaining_quantity = remaining_quantity + 1, total_quantity = total_quantity + 1',
      new RegExp(`remaining stock is what the log leaves\n  prize_id ${prizeId},`),
    ),
    campaign('cost_per_draw = 1', ofCampaign('cost_per_draw')),
    campaign('guarantee_threshold = 99', ofCampaign('guarantee')),
    campaign(`pity_steps = '[{"after":1,"bonus_bp":1}]'`, ofCampaign('pity')),
    campaign(`level_bonus_bp = '{"1":1}'`, ofCampaign('level_bonus_bp')),
    campaign(`bonus_periods = '[1]'`, ofCampaign('periods')),
    campaign(`chain_head = '${other}'`, /chain_head is the hash of the last log entry/, /chain_head/),
    epoch(`encrypted_seed = 'AAAA'`, 2, ofEpoch(2, 'encrypted_seed.*cannot be decrypted')),
    epoch(`encrypted_seed = 'AAAA'`, lastEpoch, ofEpoch(lastEpoch, 'encrypted_seed.*cannot be decrypted')),
    epoch(`server_seed = '${other}'`, 2, ofEpoch(2, 'server_seed'), /epoch 2: server_seed_hash/),
    epoch(`server_seed = '${other}'`, lastEpoch, ofEpoch(lastEpoch, 'server_seed: it is told')),
    epoch(`server_seed_hash = '${other}'`, 2, ofEpoch(2), /epoch 2: server_seed_hash/),
    epoch(`server_seed_hash = '${other}'`, lastEpoch, ofEpoch(lastEpoch), /log_no \d+: server_seed_hash/),
    epoch('to_draw_no = to_draw_no - 1', 2, /seed epochs follow each other/, /epoch 3: from_draw_no/),
    epoch('revealed_at = NULL', 2, /seed epochs follow each other/, /epoch 2: seed revealed/),
    {
      name: 'an epoch left out',
      table: 'lottery_fairness_epochs',
      sql: [`DELETE FROM lottery_fairness_epochs WHERE campaign_id = ${campaignId} AND epoch = 2`],
      audit: /seed epochs follow each other/,
      verify: /epoch: expected 2, published 3/,
    },
    {
      name: 'a request left out',
      table: 'lottery_draw_requests',
      sql: [`DELETE FROM lottery_draw_requests WHERE campaign_id = ${campaignId} AND request_id = 'b-2'`],
      audit: /DRAW-4 violated: each draw belongs to a request/,
    },
  ];
}

export const tamperingsOf = (chosen: Chosen): Tampering[] => [
  ...onDraws(chosen),
  ...onEntries(chosen),
  ...onRows(chosen),
];
