/** A campaign whose prizes become others while it is drawn in. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { verify } from '../../../src/books/verify.ts';
import type { DrawnRecord } from '../../../src/lottery/views.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { campaignBody, openOperators, type Operators } from './operators.ts';

/** The second diner is seated in an audience room. */
const ENVIRONMENT = { CAMPAIGN_CLIENT_LIMIT: '1' };
const [DINNER, DESSERT] = campaignBody()['prizes'] as [object, object];

forEachDatabase('a campaign with other prizes', (_open, openUrl) => {
  let url: string;
  let here: Operators;
  let campaignId: number;
  before(async () => {
    url = await openUrl();
    here = await openOperators(url, { environment: ENVIRONMENT });
    const prizes = [
      { ...DINNER, probability: 0.3 },
      { ...DESSERT, probability: 0.6 },
    ];
    campaignId = (await here.createActive({ prizes })).campaign_id;
  });
  after(() => here?.server.close());

  const draw = async (requestId: string) => {
    const body = { campaign_id: campaignId, request_id: requestId, draw_count: 10 };
    const { data, code } = await here.call('POST', '/lottery/draw', here.diner, body);
    assert.equal(code, 'OK');
    return data as { draws: DrawnRecord[] };
  };
  const historyOf = async () => {
    const path = `/lottery/history?campaign_id=${campaignId}&limit=100`;
    return (await here.call('GET', path, here.diner)).data.items as DrawnRecord[];
  };
  const namesOf = (draws: readonly DrawnRecord[]) =>
    draws.flatMap(({ draw_no, prize }) =>
      prize === null ? [] : [`${draw_no} ${prize.name} ${prize.value}`],
    );
  const join = async (mobile: string) => {
    const { token } = await here.server.login(mobile);
    return here.server.joinCampaign(token, campaignId);
  };

  it('L-12 every room shows the prizes of the new version, by their new names and with the new one', async () => {
    const rooms = [await join('13900000002'), await join('13900000003')];
    assert.deepEqual(
      rooms.map(({ roomId }) => roomId.split('-')[0]),
      ['campaign', 'audience'],
    );
    const shown = () =>
      rooms.map(({ state }) => [...state.prizes].map(({ name, value }: any) => `${name} ${value}`).sort());
    assert.deepEqual(shown()[1], ['A dessert 20', 'A dinner 200']);
    await draw('before');
    const prizes = [
      { key: 'dinner', name: 'A feast', value: 250 },
      { key: 'dessert', name: 'A pudding' },
      CAKE,
    ];
    await here.change(campaignId, { prizes });
    await eventually(() => {
      for (const names of shown()) assert.deepEqual(names, ['A cake 5', 'A feast 250', 'A pudding 20']);
    }, 1000);
    await Promise.all(rooms.map((room) => room.leave()));
  });

  it('L-3 L-8 what was won is told by the names of then: answered again, in the history, to a new owner’s room', async () => {
    const won = namesOf((await draw('before')).draws);
    assert.ok(won.length >= 5 && won.every((name) => !/feast|pudding/.test(name)), won.join());
    const later = namesOf((await draw('after')).draws);
    assert.ok(later.length > 0 && later.every((name) => /feast|pudding|cake/.test(name)), later.join());
    const all = [...won, ...later].toReversed();
    assert.deepEqual(namesOf(await historyOf()), all);
    await here.server.close();
    here = await openOperators(url, { environment: ENVIRONMENT });
    const room = await join('13900000002');
    const winners = [...room.state.recent_winners] as { draw_no: number; prize_name: string }[];
    assert.deepEqual(
      winners.map(({ draw_no, prize_name }) => `${draw_no} ${prize_name}`),
      all.map((name) => name.replace(/ \d+$/, '')).slice(0, winners.length),
    );
    assert.equal(winners.length, all.length);
    await room.leave();
    const lines: string[] = [];
    const code = await verify({ campaignId, url: here.server.origin }, (line) => lines.push(line));
    assert.equal(code, 0, lines.join('\n'));
  });
});

const CAKE = { key: 'cake', name: 'A cake', type: 'virtual', value: 5, stock: 3, probability: 0.05 };
