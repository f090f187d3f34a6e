import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { after, before, it } from 'mocha';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type {
  CampaignDetail,
  CampaignSummary,
  DrawnRecord,
  FairnessView,
  LogEntry,
  PrizeView,
  Proof,
} from '../../src/lottery/views.ts';
import type { DrawConfig } from '../../src/draw/odds.ts';
import type { Page } from '../../src/platform/shapes.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { startServer, type RunningServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

interface Log {
  items: LogEntry[];
}

function configOf({ items }: Log): DrawConfig {
  const item = items.find(({ kind }) => kind === 'config');
  assert.ok(item?.kind === 'config');
  return item.config as unknown as DrawConfig;
}

/** The text of a log item that its hash covers, written from wire.md. */
function textOf(item: LogEntry): string {
  switch (item.kind) {
    case 'seed':
      return ['seed', item.epoch, item.server_seed_hash].join('|');
    case 'config':
      return ['config', item.table_version, sha256(canonicalize(item.config)!)].join('|');
    case 'stock':
      return ['stock', item.prize_id, item.delta, item.remaining].join('|');
    case 'draw':
      return [
        ...['draw', item.draw_no, item.user_id, item.client_seed, item.epoch, item.table_version],
        ...[item.level_bp, item.period_bp, item.pity_bp, item.streak_before, item.roll],
        ...[item.prize_id ?? 0, item.is_guarantee ? 1 : 0],
      ].join('|');
  }
}

forEachDatabase('lottery routes', (_open, openUrl) => {
  const clock = new TestClock();
  let server: RunningServer;
  let token: string;
  let userId: number;
  let reply: DrawReply;
  let later: number[];
  let draft: number;
  before(async () => {
    server = await startServer(await openUrl(), { clock });
    ({ token, userId } = await server.login('13900000001'));
    const body = { campaign_id: 1, request_id: 'ten', draw_count: 10, client_seed: 'my_seed-1' };
    reply = (await server.api<DrawReply>('POST', '/lottery/draw', { token, body })).data;
    const campaignOf = async (status: 'draft' | 'scheduled' | 'ended', days: number) => {
      const times = {
        start_time: new Date(clock.nowMs() + days * DAY_MS),
        end_time: new Date(clock.nowMs() + 60 * DAY_MS),
      };
      return (await createCampaign(server.context.database, { campaign: { status, ...times } })).campaignId;
    };
    later = [
      await campaignOf('scheduled', 1),
      await campaignOf('ended', 2),
      await campaignOf('scheduled', 3),
    ];
    draft = await campaignOf('draft', 4);
  });
  after(() => server?.close());

  const answer = <Data>(path: string) => server.api<Data>('GET', path, { token });
  const get = async <Data>(path: string) => {
    const { status, code, data } = await answer<Data>(path);
    assert.deepEqual([status, code], [200, 'OK'], path);
    return data;
  };
  const idsOf = (items: { campaign_id: number }[]) => items.map((item) => item.campaign_id);

  it('L-1 campaigns come newest first, in pages, by status, and drafts not at all', async () => {
    const all = await get<Page<CampaignSummary>>('/lottery/campaigns');
    assert.deepEqual(idsOf(all.items), [...later.toReversed(), 1]);
    assert.deepEqual([all.page, all.limit, all.total], [1, 20, 4]);
    const second = await get<Page<CampaignSummary>>('/lottery/campaigns?page=2&limit=3');
    assert.deepEqual([idsOf(second.items), second.page, second.limit, second.total], [[1], 2, 3, 4]);
    assert.deepEqual(idsOf((await get<Page<CampaignSummary>>('/lottery/campaigns?status=ended')).items), [
      later[1],
    ]);
    assert.deepEqual(await get('/lottery/campaigns?status=draft'), {
      items: [],
      page: 1,
      limit: 20,
      total: 0,
    });
    assert.equal((await answer('/lottery/campaigns?status=open')).code, 'VALIDATION_FAILED');
    assert.deepEqual(all.items.at(-1), {
      campaign_id: 1,
      name: '开业大抽奖',
      type: 'wheel',
      description: '每次 100 积分，连续 9 次未中第 10 次必中',
      status: 'active',
      starts_at: new Date(clock.nowMs() - DAY_MS).toISOString(),
      ends_at: new Date(clock.nowMs() + 365 * DAY_MS).toISOString(),
      cost_per_draw: 100,
      total_draws: null,
      remaining_draws: null,
      draws_per_user_per_day: 1000,
      free_draws_per_day: 0,
      wins_per_user: null,
    });
  });

  it('L-1 a draft is not there for anyone', async () => {
    for (const path of ['', '/fairness', '/fairness-log', '/fairness-export']) {
      const { status, code } = await answer(`/lottery/campaigns/${draft}${path}`);
      assert.deepEqual([status, code], [404, 'NOT_FOUND'], path);
    }
    assert.equal((await answer(`/lottery/prizes?campaign_id=${draft}`)).code, 'NOT_FOUND');
  });

  it('L-10 a campaign is told with its prizes, probabilities, statistics, my record and its room', async () => {
    const {
      prizes,
      statistics,
      my_record: mine,
      room_id: roomId,
      guarantee_threshold,
    } = await get<CampaignDetail>('/lottery/campaigns/1');
    assert.deepEqual([roomId, guarantee_threshold], ['campaign-1', 10]);
    const won = reply.draws.filter((draw) => draw.prize !== null);
    assert.deepEqual(statistics, { draws: 10, wins: won.length, win_rate: won.length / 10, participants: 1 });
    const prizeValue = won.reduce((sum, { prize }) => sum + prize!.value, 0);
    assert.deepEqual(mine, { draws: 10, wins: won.length, streak: reply.streak, prize_value: prizeValue });
    assert.deepEqual(
      prizes.map((prize) => prize.probability),
      [0.0005, 0.003, 0.015, 0.03, 0.05, 0.05, 0.1, 0.05],
    );
    const stock = [20, 100, 500, 2000, 5000, null, null, null];
    for (const [at, { prize_id: prizeId, remaining, total }] of prizes.entries()) {
      const given = won.filter(({ prize }) => prize!.prize_id === prizeId).length;
      assert.deepEqual([total, remaining], [stock[at], stock[at] === null ? null : stock[at]! - given]);
    }
    const other = await server.login('13900000002');
    const theirs = (await server.api<CampaignDetail>('GET', '/lottery/campaigns/1', { token: other.token }))
      .data;
    assert.deepEqual(theirs.my_record, { draws: 0, wins: 0, streak: 0, prize_value: 0 });
    for (const id of ['999', '0', 'abc', '1.5', '99999999999']) {
      const { code } = await answer(`/lottery/campaigns/${id}`);
      assert.equal(code, id === '999' ? 'NOT_FOUND' : 'VALIDATION_FAILED', id);
    }
  });

  it('L-2 prizes come with their probabilities when asked for', async () => {
    const { items } = await get<{ items: PrizeView[] }>(
      '/lottery/prizes?campaign_id=1&include_probability=true',
    );
    const { prizes } = await get<CampaignDetail>('/lottery/campaigns/1');
    assert.deepEqual(
      items,
      prizes.map(({ effective_probability: _, ...prize }) => prize),
    );
    const bare = (await get<{ items: PrizeView[] }>('/lottery/prizes?campaign_id=1')).items;
    assert.deepEqual(
      bare,
      items.map(({ probability: _, ...prize }) => prize),
    );
    assert.deepEqual(Object.keys(bare[0]!).sort(), [
      'image_url',
      'name',
      'prize_id',
      'remaining',
      'tier',
      'total',
      'type',
      'value',
    ]);
    assert.equal((await answer('/lottery/prizes')).code, 'VALIDATION_FAILED');
  });

  it('L-9 my draws come newest first, in pages, and nobody else has them', async () => {
    const page = await get<Page<DrawnRecord>>('/lottery/history?page=2&limit=4');
    assert.deepEqual([page.page, page.limit, page.total], [2, 4, 10]);
    const records = reply.draws
      .toReversed()
      .map(({ draw_id, draw_no, is_winner, is_guarantee, prize, points_cost }) => ({
        ...{
          draw_id,
          draw_no,
          campaign_id: 1,
          request_id: 'ten',
          is_winner,
          is_guarantee,
          prize,
          points_cost,
        },
        drawn_at: new Date(clock.nowMs()).toISOString(),
      }));
    assert.deepEqual(page.items, records.slice(4, 8));
    assert.deepEqual((await get<Page<DrawnRecord>>('/lottery/history?campaign_id=1')).items, records);
    assert.equal((await get<Page<DrawnRecord>>(`/lottery/history?campaign_id=${later[0]}`)).total, 0);
    const other = await server.login('13900000002');
    const theirs = await server.api<Page<DrawnRecord>>('GET', '/lottery/history', { token: other.token });
    assert.equal(theirs.data.total, 0);
  });

  it('A-9 all but the fairness routes need a login', async () => {
    const reading = server.context.routes.filter(
      ({ method, path }) => method === 'get' && path.startsWith('/lottery'),
    );
    const open: string[] = [];
    for (const { path } of reading) {
      const id = path.includes('/draws/') ? reply.draws[0]!.draw_id : 1;
      const { status, code } = await server.api('GET', path.replace(':id', String(id)));
      if (status === 200) open.push(path);
      else assert.equal(code, 'UNAUTHENTICATED', path);
    }
    assert.deepEqual(open.sort(), [
      '/lottery/campaigns/:id/fairness',
      '/lottery/campaigns/:id/fairness-export',
      '/lottery/campaigns/:id/fairness-log',
      '/lottery/draws/:id/proof',
    ]);
  });

  it('L-5 fairness and its log are one hash chain from the genesis on, in the public format', async () => {
    const { data: fairness } = await server.api<FairnessView>('GET', '/lottery/campaigns/1/fairness');
    const { data: log } = await server.api<Log>('GET', '/lottery/campaigns/1/fairness-log?limit=1000');
    assert.deepEqual(Object.keys(fairness).sort(), [
      'campaign_id',
      'chain_head',
      'epochs',
      'genesis',
      'log_length',
    ]);
    assert.equal(fairness.genesis, sha256('kaijiang:1'));
    const [epoch, ...others] = fairness.epochs;
    assert.deepEqual(others, []);
    assert.deepEqual(epoch, {
      epoch: 1,
      server_seed_hash: reply.draws[0]!.server_seed_hash,
      server_seed: null,
      from_draw_no: 1,
      to_draw_no: null,
      committed_at: new Date(clock.nowMs()).toISOString(),
      revealed_at: null,
    });
    assert.equal(log.items.length, 12);
    let head: string = fairness.genesis;
    for (const [at, item] of log.items.entries()) {
      assert.equal(item.log_no, at + 1);
      head = sha256(`${head}|${textOf(item)}`);
      assert.equal(item.chain_hash, head, `log_no ${item.log_no}`);
    }
    assert.deepEqual([head, log.items.length], [fairness.chain_head, fairness.log_length]);
    const config = configOf(log);
    assert.deepEqual(
      [config.cost_per_draw, config.guarantee, config.prizes[0]?.p, config.prizes[0]?.stock],
      ['100.00', { threshold: 10, prize_id: 7 }, 50_000, 20],
    );
  });

  it('L-5 the log is paged by log_no', async () => {
    const page = async (query: string) =>
      (await get<Log>(`/lottery/campaigns/1/fairness-log?${query}`)).items.map((item) => item.log_no);
    assert.deepEqual(await page('after=3&limit=4'), [4, 5, 6, 7]);
    assert.deepEqual(await page('after=10&limit=4'), [11, 12]);
    assert.deepEqual(await page('after=12'), []);
    assert.deepEqual(await page('after=999999999999999'), []);
    for (const query of ['after=-1', 'after=x', 'limit=0', 'limit=1001', 'before=3']) {
      const { code } = await answer(`/lottery/campaigns/1/fairness-log?${query}`);
      assert.equal(code, 'VALIDATION_FAILED', query);
    }
    assert.equal((await answer('/lottery/campaigns/999/fairness-log')).code, 'NOT_FOUND');
  });

  it('L-5 the proof of a draw is hashed from the entry before it, and agrees with what was told', async () => {
    const { items } = await get<Log>('/lottery/campaigns/1/fairness-log?limit=1000');
    for (const draw of reply.draws) {
      const proof = await get<Proof>(`/lottery/draws/${draw.draw_id}/proof`);
      assert.equal(sha256(`${proof.previous_hash}|${textOf(proof)}`), proof.chain_hash);
      const item = items.find((entry) => entry.kind === 'draw' && entry.draw_no === draw.draw_no);
      const { campaign_id, previous_hash, interval, server_seed_hash, server_seed, config, ...entry } = proof;
      assert.deepEqual(entry, item);
      assert.equal(previous_hash, items[item!.log_no - 2]!.chain_hash);
      assert.deepEqual([campaign_id, server_seed_hash, server_seed], [1, draw.server_seed_hash, null]);
      assert.deepEqual([interval, entry.roll, entry.client_seed], [draw.interval, draw.roll, 'my_seed-1']);
      assert.deepEqual([entry.user_id, entry.prize_id], [userId, draw.prize?.prize_id ?? null]);
      assert.deepEqual(config, configOf({ items }));
    }
    assert.equal((await answer('/lottery/draws/10000009999/proof')).code, 'NOT_FOUND');
    assert.equal((await answer('/lottery/draws/0/proof')).code, 'VALIDATION_FAILED');
    assert.equal((await answer('/lottery/draws/9999999999999999/proof')).code, 'VALIDATION_FAILED');
  });

  it('L-5 once the seed is rotated the proof has it', async () => {
    const admin = (await server.login('13800000001')).token;
    assert.equal(
      (await server.api('POST', '/admin/campaigns/1/fairness/rotate', { token: admin })).code,
      'OK',
    );
    const proof = await get<Proof>(`/lottery/draws/${reply.draws[0]!.draw_id}/proof`);
    const seed = Buffer.from(proof.server_seed!, 'hex');
    assert.equal(createHash('sha256').update(seed).digest('hex'), proof.server_seed_hash);
  });

  it('L-9 nobody has the draws of another diner in their history', async () => {
    const other = await server.login('13900000003');
    const body = { campaign_id: 1, request_id: 'ten', draw_count: 2 };
    const theirs = await server.api<DrawReply>('POST', '/lottery/draw', { token: other.token, body });
    for (const query of ['', '?campaign_id=1']) {
      const path = `/lottery/history${query}`;
      assert.equal((await get<Page<DrawnRecord>>(path)).total, 10);
      assert.equal((await get<Page<DrawnRecord>>(path)).items.length, 10);
      const seen = await server.api<Page<DrawnRecord>>('GET', path, { token: other.token });
      const ids = theirs.data.draws.map((draw) => draw.draw_id).reverse();
      assert.deepEqual(
        seen.data.items.map((draw) => draw.draw_id),
        ids,
      );
    }
  });
});
