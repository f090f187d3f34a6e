import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { IdempotencyRecord } from '../../entities/platform/IdempotencyRecord.ts';
import { Webhook } from '../../entities/webhooks/Webhook.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';

const HOUR_MS = 3_600_000;
const BODY = {
  url: 'http://127.0.0.1:9/events',
  // Nothing of these happens here: nothing is delivered, and nothing fails.
  events: ['lottery:*', 'user:closed'],
  description: '会计系统',
};
const outcomeOf = ({ status, code }: { status: number; code: string }) => [status, code];

forEachDatabase('webhook endpoints', (_open, openUrl) => {
  let here: Administration;
  const clock = new TestClock();
  before(async () => {
    const environment = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
    here = await openAdministration(await openUrl(), { clock, environment });
  });
  after(() => here?.venue.close());
  const make = async (body: object = {}) =>
    (await here.call('POST', '/admin/webhooks', { ...BODY, ...body })).data;

  it('E-6 are made by whoever may, and tell their secret once', async () => {
    const answer = await here.call('POST', '/admin/webhooks', BODY, here.admin);
    assert.equal(answer.status, 201);
    const { secret, ...made } = answer.data;
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const at = new Date(clock.nowMs()).toISOString();
    assert.deepEqual(made, {
      webhook_id: made.webhook_id,
      ...BODY,
      status: 'enabled',
      disabled_reason: null,
      failing_since: null,
      previous_until: null,
      version: 1,
      created_by: here.admin.userId,
      created_at: at,
      updated_at: at,
    });
    const read = await here.call('GET', `/admin/webhooks/${made.webhook_id}`);
    assert.deepEqual(read.data, made);
    const { data } = await here.call('GET', '/admin/webhooks?limit=1');
    assert.deepEqual([data.items, data.total], [[made], 1]);
    for (const [method, path] of [
      ['GET', '/admin/webhooks'],
      ['DELETE', `/admin/webhooks/${made.webhook_id}`],
    ] as const)
      for (const by of [here.staff, here.diner])
        assert.deepEqual(outcomeOf(await here.call(method, path, undefined, by)), [403, 'FORBIDDEN']);
  });

  it('RA-14 asked for twice by one Idempotency-Key, one is made and gets one new secret; no secret is kept', async () => {
    const twice = async (path: string, body: object | undefined, key: string) => {
      const sent = { headers: { 'Idempotency-Key': key } };
      const send = () => here.call('POST', path, body, here.superAdmin, sent);
      const answers = await Promise.all([send(), send()]);
      const good = answers.find(({ code }) => code === 'OK')!.data;
      const id = good.webhook_id as number;
      for (const { status, code, details } of [await send(), answers.find((one) => one.code !== 'OK')!])
        assert.deepEqual([status, code, details], [409, 'CONFLICT', { reason: 'made_already', id }]);
      return id;
    };
    const { currentReader } = here.venue.context.database;
    const before = await currentReader.count(Webhook);
    const id = await twice('/admin/webhooks', BODY, 'made');
    assert.equal(await currentReader.count(Webhook), before + 1);
    const { secret } = await currentReader.findOneByOrFail(Webhook, { webhook_id: id });
    await twice(`/admin/webhooks/${id}/rotate`, undefined, 'new');
    // A second one would have taken the place of the first of all.
    const row = await currentReader.findOneByOrFail(Webhook, { webhook_id: id });
    assert.equal(row.previous_secret, secret);
    const kept = await currentReader.find(IdempotencyRecord);
    assert.deepEqual(
      kept.map(({ response }) => response),
      [String(id), String(id)],
    );
    assert.equal((await here.call('DELETE', `/admin/webhooks/${id}`)).code, 'OK');
  });

  it('E-6 secrets are sealed in the database, and neither secret nor seal is in the audit log', async () => {
    const { webhook_id: id, secret } = await make();
    const { secret: second } = (await here.call('POST', `/admin/webhooks/${id}/rotate`)).data;
    assert.notEqual(second, secret);
    const row = await here.venue.context.database.currentReader.findOneByOrFail(Webhook, { webhook_id: id });
    const audits = (await here.audits()).filter(({ target_id: target }) => target === String(id));
    assert.deepEqual(
      audits.map(({ action }) => action),
      ['webhook.rotate', 'webhook.create'],
    );
    const kept = JSON.stringify([row, audits]);
    for (const text of [secret, second]) {
      const bytes = Buffer.from(text.slice('whsec_'.length), 'base64');
      for (const form of [text, bytes.toString('base64'), bytes.toString('hex')])
        assert.ok(!kept.includes(form));
    }
    for (const sealed of [row.secret, row.previous_secret!])
      assert.ok(!JSON.stringify(audits).includes(sealed));
    assert.equal(row.previous_until?.getTime(), clock.nowMs() + 24 * HOUR_MS);
  });

  it('E-6 what may not be called is refused when they are made and when they are edited', async () => {
    const { webhook_id: id } = await make();
    const urls = [
      'http://10.0.0.1/',
      'https://[::1]/',
      'http://8.8.8.8/',
      'https://a:b@127.0.0.1/',
      'ftp://127.0.0.1/',
      'x',
    ];
    for (const url of urls) {
      const made = await here.call('POST', '/admin/webhooks', { ...BODY, url });
      assert.deepEqual([...outcomeOf(made), made.details[0]?.path], [400, 'VALIDATION_FAILED', 'url'], url);
      const edited = await here.call('PUT', `/admin/webhooks/${id}`, { version: 1, url });
      assert.deepEqual(
        [...outcomeOf(edited), edited.details[0]?.path],
        [400, 'VALIDATION_FAILED', 'url'],
        url,
      );
    }
    for (const events of [
      [],
      ['points'],
      ['points:'],
      ['**'],
      [':*'],
      ['nothing:*'],
      ['points:e*'],
      ['points:nothing'],
    ])
      assert.deepEqual(outcomeOf(await here.call('POST', '/admin/webhooks', { ...BODY, events })), [
        400,
        'VALIDATION_FAILED',
      ]);
    assert.equal((await here.call('GET', `/admin/webhooks/${id}`)).data.version, 1);
  });

  it('E-6 RA-1 are edited by the version that was seen', async () => {
    const { secret: _, ...made } = await make();
    const id = made.webhook_id;
    const path = `/admin/webhooks/${id}`;
    const rows = async () => (await here.audits()).filter(({ target_id: target }) => target === String(id));
    assert.equal(
      (await here.call('PUT', path, { version: 1, url: made.url, status: 'enabled' })).data.version,
      1,
    );
    assert.equal((await rows()).length, 1, 'what changes nothing leaves no row');
    clock.advance(1000);
    const edited = (await here.call('PUT', path, { version: 1, events: ['user:login'], status: 'disabled' }))
      .data;
    const updated = { version: 2, updated_at: new Date(clock.nowMs()).toISOString() };
    assert.deepEqual(edited, { ...made, ...updated, events: ['user:login'], status: 'disabled' });
    assert.deepEqual((await here.call('GET', path)).data, edited);
    const stale = await here.call('PUT', path, {
      version: 1,
      events: ['points:*'],
      description: BODY.description,
    });
    assert.deepEqual(outcomeOf(stale), [409, 'CONFLICT']);
    const { current, fields } = stale.details as unknown as {
      current: { version: number };
      fields: string[];
    };
    assert.deepEqual([current.version, fields], [2, ['events']]);
    const [row] = await rows();
    assert.deepEqual(
      [row?.action, row?.before.events, row?.after.events],
      ['webhook.edit', BODY.events, ['user:login']],
    );
  });

  it('E-6 are forgotten when they are deleted', async () => {
    const { webhook_id: id } = await make();
    assert.equal((await here.call('DELETE', `/admin/webhooks/${id}`)).code, 'OK');
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['DELETE', '', undefined],
      ['PUT', '', { version: 1 }],
      ['POST', '/rotate', undefined],
    ] as const)
      assert.deepEqual(outcomeOf(await here.call(method, `/admin/webhooks/${id}${path}`, body)), [
        404,
        'NOT_FOUND',
      ]);
  });

  it('E-6 there are so many and no more, also when they are made at the same time', async () => {
    const { data } = await here.call('GET', '/admin/webhooks');
    const many = LIMITS.webhooks - data.total + 3;
    const answers = await Promise.all(
      Array.from({ length: many }, () => here.call('POST', '/admin/webhooks', BODY)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).filter((status) => status !== 201),
      [409, 409, 409],
    );
  });
});
