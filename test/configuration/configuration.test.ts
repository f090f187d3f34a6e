import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { BusinessConfig } from '../../entities/configuration/BusinessConfig.ts';
import { defaultsOf, type Configuration } from '../../src/configuration/document.ts';
import { LiveConfiguration } from '../../src/configuration/liveConfiguration.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';

const PATH = '/admin/config';

forEachDatabase('the configuration', (_open, openUrl) => {
  let here: Administration;
  let url: string;
  const log: string[] = [];
  const stops: (() => unknown)[] = [];
  before(async () => {
    url = await openUrl();
    const environment = { POINTS_TRANSFER_REVIEW: '500' };
    here = await openAdministration(url, { environment, onLogLine: (line) => log.push(line) });
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
    await here?.venue.close();
  });

  const read = async () => (await here.call('GET', PATH, undefined, here.admin)).data;
  const put = (version: number, config: unknown, by = here.admin) =>
    here.call('PUT', PATH, { version, config }, by);
  /** Of what holds, with some values changed. */
  const change = async (of: (config: Configuration) => object) => {
    const { version, config } = await read();
    const { code, data } = await put(version, { ...config, ...of(config) });
    assert.equal(code, 'OK');
    return data as { version: number; config: Configuration };
  };
  const audits = async () =>
    (await here.audits()).filter(({ target_type: type }) => type === 'config').length;
  const store = (version: number, config: string) =>
    here.venue.context.database.transaction((tx) =>
      tx.manager.insert(BusinessConfig, {
        ...{ version, config, returned_to: null, created_by: here.admin.userId },
        created_at: new Date(),
      }),
    );
  /** Another node, which nobody wakes. */
  const openNode = async () => {
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    stops.push(() => database.close());
    const { config } = here.venue.context;
    const services = { database, logger: createLogger('silent'), wake: localWake() };
    const node = await LiveConfiguration.open({ ...services, defaults: defaultsOf(config) });
    stops.push(node.keep());
    return node;
  };

  it('R-6 RA-11 begins with what the environment says, and each change of the whole is a version with its author', async () => {
    const first = await read();
    assert.deepEqual([first.version, first.held_version, first.fault], [0, 0, null]);
    assert.deepEqual([first.changed_by, first.changed_at], [null, null]);
    assert.deepEqual(first.config.transfers, { per_day: 50_000, review_from: 500 });
    const transfers = { per_day: 900, review_from: 30 };
    const made = await change(() => ({ transfers }));
    assert.deepEqual([made.version, made.config.transfers], [1, transfers]);
    const next = await read();
    assert.deepEqual([next.version, next.held_version, next.changed_by], [1, 1, here.admin.userId]);
    assert.ok(Math.abs(Date.parse(next.changed_at) - Date.now()) < 60_000);
    assert.deepEqual(
      next.nodes.map(({ is_this, version, bad_version }: any) => [is_this, version, bad_version]),
      [[true, 1, null]],
    );
    const { items } = (await here.call('GET', `${PATH}/versions?limit=5`)).data;
    const { changed_at: _at, ...row } = items[0];
    assert.deepEqual(row, { version: 1, changed_by: here.admin.userId, returned_to: null });
    const one = (await here.call('GET', `${PATH}/versions/1`)).data;
    assert.deepEqual(one.config, next.config);
    assert.deepEqual(one.changes, [
      { field: 'transfers.per_day', before: 50_000, after: 900 },
      { field: 'transfers.review_from', before: 500, after: 30 },
    ]);
    assert.equal((await here.call('GET', `${PATH}/versions/9`)).code, 'NOT_FOUND');
    for (const by of [here.staff, here.diner])
      for (const path of [PATH, `${PATH}/versions`, `${PATH}/versions/1`])
        assert.equal((await here.call('GET', path, undefined, by)).code, 'FORBIDDEN');
    assert.equal((await put(1, next.config, here.staff)).code, 'FORBIDDEN');
  });

  it('RA-11 nothing of a document holds of which one value is bad, and the answer names it', async () => {
    const { version, config } = await read();
    const { notices: _left, ...without } = config;
    for (const [bad, path] of [
      [{ ...config, transfers: { ...config.transfers, per_day: -1 } }, 'config.transfers.per_day'],
      [{ ...config, transfers: { ...config.transfers, review_from: 1.5 } }, 'config.transfers.review_from'],
      [{ ...config, service: { ...config.service, hours: [] } }, 'config.service.hours'],
      [{ ...config, chat: { slow_mode_s: 999_999 } }, 'config.chat.slow_mode_s'],
      [{ ...config, notices: { banner: { zh: '好' }, contact: null } }, 'config.notices.banner.en'],
      [{ ...config, transfers: { per_day: 1 } }, 'config.transfers.review_from'],
      [{ ...config, unknown: {} }, 'config.unknown'],
      [without, 'config.notices'],
      [null, 'config'],
    ] as const) {
      const { code, details } = await put(version, bad);
      assert.deepEqual([code, details[0]?.path], ['VALIDATION_FAILED', path]);
    }
    assert.deepEqual(await read().then(({ config: now }) => now), config);
  });

  it('RA-1 of many who change one version one does, and the others are shown what holds and where theirs differs', async () => {
    const { version, config } = await read();
    const before = await audits();
    const wanted = Array.from({ length: 8 }, (_, at) => ({ ...config, chat: { slow_mode_s: at + 1 } }));
    const answers = await Promise.all(wanted.map((one) => put(version, one)));
    const codes = answers.map(({ code }) => code).sort();
    assert.deepEqual(codes, [...Array<string>(7).fill('CONFLICT'), 'OK']);
    const now = await read();
    assert.equal(now.version, version + 1);
    for (const [at, { code, details }] of answers.entries()) {
      if (code === 'OK') continue;
      const { current, fields } = details as any;
      assert.deepEqual(current, { version: now.version, config: now.config });
      assert.deepEqual(fields, ['chat.slow_mode_s'], `${at}`);
    }
    assert.equal(await audits(), before + 1);
    const ahead = await put(now.version + 1, config);
    assert.equal(ahead.code, 'CONFLICT');
  });

  it('RA-2 the log has what was changed and nothing else, and what holds already makes neither a version nor a row', async () => {
    const { version } = await change(({ transfers }) => ({ transfers: { ...transfers, per_day: 800 } }));
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_type, row!.target_id, row!.actor_id],
      ['config.change', 'config', String(version), here.admin.userId],
    );
    assert.deepEqual(row!.before, { version: version - 1, 'transfers.per_day': 900 });
    assert.deepEqual(row!.after, { version, 'transfers.per_day': 800 });
    const before = await audits();
    const same = await change(() => ({}));
    assert.deepEqual([same.version, await audits()], [version, before]);
  });

  it('RA-11 RA-14 one call goes back to earlier values, as a new version; a second click finds that out', async () => {
    const { version } = await read();
    const back = (toVersion: number, from: number) =>
      here.call('POST', `${PATH}/return`, { version: from, to_version: toVersion }, here.admin);
    const { data } = await back(1, version);
    assert.deepEqual([data.version, data.config.transfers.per_day], [version + 1, 900]);
    assert.equal((await back(1, version)).code, 'CONFLICT');
    const [twice, others] = [await back(1, version + 1), (await read()).version];
    assert.deepEqual([twice.data.version, others], [version + 1, version + 1]);
    const [row] = await here.audits();
    assert.deepEqual([row!.action, row!.after.returned_to], ['config.return', 1]);
    const read1 = (await here.call('GET', `${PATH}/versions/${version + 1}`)).data;
    assert.equal(read1.returned_to, 1);
    assert.equal((await back(99, version + 1)).code, 'NOT_FOUND');
    const first = await back(0, version + 1);
    assert.deepEqual(first.data.config.transfers, { per_day: 50_000, review_from: 500 });
  });

  it('R-6 what it says is done from the next request on: transfers, service, groups, quiet hours, notices', async () => {
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '23:59' }];
    await change(() => ({
      transfers: { per_day: 70, review_from: 40 },
      service: { hours, answer_minutes: 3, resolution_minutes: 9 },
      chat: { slow_mode_s: 12 },
      notifications: { quiet_hours: { from: '23:00', to: '07:00' } },
      notices: { banner: { zh: '今晚维护', en: 'Maintenance tonight' }, contact: '021-5555 0100' },
    }));
    const give = (amount: number, key: string) => {
      const body = { to_user_id: here.admin.userId, amount };
      const headers = { 'Idempotency-Key': key };
      return here.call('POST', '/points/transfer', body, here.diner, { headers });
    };
    assert.equal((await give(39, 'small')).data.status, 'completed');
    assert.equal((await give(71, 'beyond')).code, 'CONFLICT');
    const rules = (await here.call('GET', '/points/rules', undefined, here.diner)).data;
    assert.deepEqual(rules.transfers, { per_day: 70, review_from: 40 });
    await change(() => ({ transfers: { per_day: 70, review_from: 10 } }));
    assert.equal((await give(10, 'large')).data.status, 'review');
    await here.call('POST', '/chat/conversations', { type: 'service' }, here.diner);
    const sessions = (await here.call('GET', '/admin/chat/sessions?status=waiting', undefined, here.staff))
      .data.items;
    assert.deepEqual([sessions[0].answer.limit_seconds, sessions[0].resolution.limit_seconds], [180, 540]);
    const group = { type: 'group', name: '聚餐', member_ids: [here.staff.userId] };
    const { conversation_id: id } = (await here.call('POST', '/chat/conversations', group, here.diner)).data;
    const { items } = (await here.call('GET', '/chat/conversations', undefined, here.diner)).data;
    assert.equal(items.find((one: any) => one.conversation_id === id).slow_mode_s, 12);
    const preferences = '/notifications/preferences';
    const chosen = (await here.call('GET', preferences, undefined, here.diner)).data;
    assert.deepEqual(chosen.quiet_hours, { from: '23:00', to: '07:00' });
    await here.call('PUT', preferences, { ...chosen, quiet_hours: null }, here.diner);
    const own = (await here.call('GET', preferences, undefined, here.diner)).data;
    assert.equal(own.quiet_hours, null);
    const about = (await here.venue.api<any>('GET', '/about')).data;
    assert.deepEqual(
      [about.banner, about.contact],
      [{ zh: '今晚维护', en: 'Maintenance tonight' }, '021-5555 0100'],
    );
  });

  it('RA-11 a request goes by one version throughout, however often it changes meanwhile', async () => {
    for (const mobile of ['13900000004', '13900000005', '13900000006'])
      await here.call('POST', '/chat/conversations', { type: 'service' }, await here.venue.login(mobile));
    await change(({ service }) => ({
      service: { ...service, answer_minutes: 20, resolution_minutes: 40 },
    }));
    let isOver = false;
    const seen = new Set<number>();
    const look = async () => {
      while (!isOver) {
        const { data } = await here.call('GET', '/admin/chat/sessions?status=waiting', undefined, here.staff);
        const answers = new Set<number>(data.items.map(({ answer }: any) => answer.limit_seconds));
        const others = new Set<number>(data.items.map(({ resolution }: any) => resolution.limit_seconds));
        const [answer] = answers;
        assert.ok(data.items.length >= 4);
        assert.deepEqual([[...answers], [...others]], [[answer], [answer! * 2]]);
        seen.add(answer!);
      }
    };
    const looks = Array.from({ length: 6 }, look);
    for (let count = 1; count <= 15; count++) {
      const times = { answer_minutes: count, resolution_minutes: count * 2 };
      await change(({ service }) => ({ service: { ...service, ...times } }));
    }
    isOver = true;
    await Promise.all(looks);
    assert.ok(seen.size >= 5, `${seen.size} versions were seen`);
    const taken = here.venue.context.configuration.now();
    assert.throws(() => Object.assign(taken.transfers, { per_day: 0 }), TypeError);
  }).timeout(30_000);

  it('RA-11 a node that nobody wakes goes by another version within a second', async () => {
    const node = await openNode();
    const { version } = await change(() => ({ chat: { slow_mode_s: 33 } }));
    const madeMs = performance.now();
    while (node.held().version !== version) await sleep(5);
    const tookMs = performance.now() - madeMs;
    assert.ok(tookMs < 1000, `${Math.round(tookMs)} ms`);
    assert.equal(node.now().chat.slow_mode_s, 33);
  });

  it('RA-11 a bad row changes nothing, is told of, keeps nobody from starting, and the next change comes after it', async () => {
    const { version, config } = await read();
    const running = await openNode();
    for (const [at, text] of [
      'no JSON',
      '[]',
      JSON.stringify({ ...config, unknown: 1 }),
      JSON.stringify({ ...config, transfers: { per_day: 'many', review_from: 1 } }),
    ].entries()) {
      const bad = version + 1 + at;
      log.length = 0;
      await store(bad, text);
      await eventually(() => assert.deepEqual(running.held(), { version, bad }));
      const started = await openNode();
      for (const node of [running, started]) {
        assert.deepEqual(node.held(), { version, bad });
        assert.deepEqual(node.now(), config);
      }
      await eventually(async () => {
        const shown = await read();
        assert.deepEqual([shown.version, shown.held_version, shown.config], [bad, version, config]);
        assert.ok(shown.fault.length > 0);
        assert.deepEqual(
          shown.nodes.map((one: any) => [one.version, one.bad_version]),
          [[version, bad]],
        );
        const system = (await here.call('GET', '/admin/system')).data;
        const { config_version, bad_config_version } = system.nodes[0].told;
        assert.deepEqual([config_version, bad_config_version], [version, bad]);
      });
      assert.equal(log.filter((line) => line.includes('a version of the configuration is bad')).length, 1);
      const one = (await here.call('GET', `${PATH}/versions/${bad}`)).data;
      assert.deepEqual([one.config, one.changes], [null, []]);
      const back = { version: bad, to_version: bad };
      assert.equal((await here.call('POST', `${PATH}/return`, back, here.admin)).code, 'CONFLICT');
    }
    assert.deepEqual(await here.venue.context.checkReady(), []);
    assert.equal((await put(version, config)).code, 'CONFLICT');
    // The same values: what holds is a good version again.
    const mended = await change(() => ({}));
    assert.equal(mended.version, version + 5);
    const now = await read();
    assert.deepEqual([now.held_version, now.fault], [mended.version, null]);
    await eventually(() => assert.deepEqual(running.held(), { version: mended.version, bad: null }));
  }).timeout(30_000);

  it('RA-11 a version of before a value was known has that of the environment', async () => {
    const { version, config } = await read();
    const { chat: _chat, transfers, ...others } = config;
    await store(version + 1, JSON.stringify({ ...others, transfers: { per_day: transfers.per_day } }));
    await eventually(async () => {
      const now = await read();
      assert.deepEqual([now.held_version, now.config.chat], [version + 1, { slow_mode_s: 0 }]);
      assert.equal(now.config.transfers.review_from, 500);
    });
  });
});
