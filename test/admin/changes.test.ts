/** Every change that the OpenAPI document has for those who may make it: A-10, RA-1, RA-2, RA-14. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { after, before, it } from 'mocha';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Answer } from '../support/server.ts';
import { openAdministration, type Administration, type AuditRow } from './administration.ts';
import { GOOD_CALLS } from './goodCalls/index.ts';
import type { GoodCall } from './goodCalls/goodCall.ts';

/** Restricted, no GET, and changing nothing. */
const ASKING = [
  'POST /admin/rules/preview',
  'POST /admin/segment-conditions/preview',
  'POST /analytics/funnels/run',
];

/** Updates that name no version: nothing that somebody else has written is lost by them. */
const UNVERSIONED: Record<string, string> = {
  'PUT /admin/blacklist/{user_id}': 'one decision about one person, which is all there is of it',
  'PUT /admin/chat/agent': 'nobody but the agent sets it',
  'PUT /admin/chat/conversations/{id}': 'a measure, which holds as it was taken last',
  'PUT /admin/chat/conversations/{id}/members/{user_id}': 'a measure, which holds as it was taken last',
  'PUT /admin/chat/members/{user_id}': 'a measure, which holds as it was taken last',
  'PUT /admin/deliveries/{item_id}': 'goes on along its statuses and never back',
  'PUT /admin/holidays/{year}': 'the year as the state has announced it, which is one text',
  'PUT /admin/reports/subscription': 'nobody but whoever gets the reports sets it',
  'PUT /admin/roles/{role}/permissions': 'gives or takes one permission, whatever the others are',
  'PUT /admin/segments/{segment}/members': 'adds and removes those who are named, and no others',
  'PUT /admin/users/{id}/birthday': 'one value, which is all there is of it',
  'PUT /admin/users/{id}/permissions': 'gives or takes one permission, whatever the others are',
  'PUT /admin/users/{id}/test': 'one value, which is all there is of it',
  'PUT /admin/users/{id}/restaurants': 'where somebody works from now on, whatever was before',
};

/** Calls that, made twice at once, are two: each with what a second one is. */
const TWO_ARE_TWO: Record<string, string> = {
  'POST /admin/campaigns/:id/fairness/rotate': 'draws are as they were whichever seed they are of',
  'POST /admin/campaigns/simulate': 'a calculation, which changes nothing',
  'POST /admin/monitor/session': 'a cookie, which takes the place of the one before',
  'POST /events/publish': 'marked as simulated, and never of points or draws',
};

/** Where what a caller has seen is named by another name than `version`. */
const SEEN: Record<string, string> = {
  ...{ 'POST /admin/rules/:id/return': 'seen_version' },
};

forEachDatabase('every change of the administration', (_open, openUrl) => {
  let here: Administration;
  let changing: Operation[];
  const faults: Record<'rows' | 'sides' | 'stale' | 'again', string[]> = {
    ...{ rows: [], sides: [], stale: [], again: [] },
  };
  /** Of what was made twice at once, what left more than one row. */
  const twice: string[] = [];

  before('makes each of them', async function () {
    this.timeout(120_000);
    here = await openAdministration(await openUrl());
    const isChange = ({ method, isRestricted }: Operation) => method !== 'GET' && isRestricted;
    changing = (await readOperations(here.venue.origin)).filter(isChange);
    for (const [name, make] of Object.entries(GOOD_CALLS)) await walk(name, await make(here));
  });
  after(() => here?.venue.close());

  const rows = async () => {
    const [row] = await here.venue.context.database.readCurrent<{ total: number | string }>(
      'SELECT COUNT(*) AS total FROM admin_audit_logs',
    );
    return Number(row?.total);
  };

  async function walk(name: string, { path, body, csv }: GoodCall): Promise<void> {
    const method = name.split(' ')[0]!;
    const requestId = name.replace(/\W/g, '-');
    const send = (given: unknown, key = requestId): Promise<Answer<any>> => {
      const headers = {
        ...{ 'Idempotency-Key': key, 'X-Request-Id': requestId },
        ...(csv !== undefined && { 'content-type': 'text/csv' }),
      };
      const sent = csv === undefined ? { headers } : { headers, rawBody: csv };
      return here.call(method, path, given, here.superAdmin, sent);
    };
    const seen = SEEN[name] ?? 'version';
    if (typeof body === 'object' && (SEEN[name] !== undefined || 'version' in body!)) {
      const stale = await send({ ...body, [seen]: 1_000_000 }, 'stale');
      faults.stale.push(...staleFaults(name, stale, body as object));
    }
    const before = await rows();
    const answers = await Promise.all(method === 'POST' ? [send(body), send(body)] : [send(body)]);
    const good = answers.find(({ code }) => code === 'OK');
    if (good === undefined) faults.rows.push(`${name}: ${answers.map(({ code }) => code).join()}`);
    const made = (await rows()) - before;
    if (made === 2) twice.push(name);
    else if (made !== 1) faults.rows.push(`${name} leaves ${made} rows`);
    faults.sides.push(...rowFaults(name, (await here.audits())[0]!, requestId));
    if (method === 'POST') return;
    const again = {
      ...(body as object),
      ...(good?.data?.version !== undefined && { version: good.data.version }),
    };
    const there = await rows();
    await send(body === undefined ? undefined : again, 'again');
    if ((await rows()) !== there) faults.again.push(name);
  }

  function rowFaults(name: string, row: AuditRow, requestId: string): string[] {
    const who = [row.actor_id, row.request_id, row.ip];
    const right = [here.superAdmin.userId, requestId, '127.0.0.1'];
    const whoFaults = isDeepStrictEqual(who, right) ? [] : [`${name} is by ${who.join()}`];
    return [...whoFaults, ...sideFaults(name, row).map((fault) => `${name}: ${fault}`)];
  }

  it('A-10 each has one good call here', () => {
    const names = changing.map(({ name }) => name.replace(/\{(\w+)\}/g, ':$1'));
    assert.deepEqual(
      names.filter((name) => !ASKING.includes(name)).toSorted(),
      Object.keys(GOOD_CALLS).toSorted(),
    );
  });

  it('A-10 leaves one row, by whoever made it', () => assert.deepEqual(faults.rows, []));

  it('RA-2 the row has what has changed and nothing else, on both sides', () =>
    assert.deepEqual(faults.sides, []));

  it('RA-2 made again, where it holds already, it leaves none', () => assert.deepEqual(faults.again, []));

  it('RA-1 a stale version is refused, with the document and the fields that differ', () => {
    assert.deepEqual(faults.stale, []);
  });

  it('RA-1 no update goes without a version but for a reason', () => {
    const without = changing.filter(
      ({ method, body }) => ['PUT', 'PATCH'].includes(method) && !body?.required?.includes('version'),
    );
    assert.deepEqual(without.map(({ name }) => name).toSorted(), Object.keys(UNVERSIONED).toSorted());
  });

  it('RA-14 made twice at once it has one effect, but for a reason', () => {
    assert.deepEqual(twice.toSorted(), Object.keys(TWO_ARE_TWO).toSorted());
  });
});

function staleFaults(name: string, { status, code, details }: Answer<any>, body: object): string[] {
  if (status !== 409 || code !== 'CONFLICT') return [`${name}: ${status} ${code}`];
  const { current, fields } = (details ?? {}) as { current?: { version?: unknown }; fields?: unknown };
  if (typeof current?.version !== 'number') return [`${name} does not tell what is there`];
  if (!Array.isArray(fields)) return [`${name} does not tell where it differs`];
  const isNamed = fields.some((field) => field !== 'version') || Object.keys(body).length === 1;
  return isNamed || name === 'PUT /admin/chat/words' ? [] : [`${name} names no field`];
}

function sideFaults(name: string, { before, after }: AuditRow): string[] {
  if (before === null && after === null) return ['neither side'];
  if (before === null || after === null) return [];
  const both = Object.keys(before as object).filter((field) => field in after && field !== 'permission');
  const same = both.filter((field) => isDeepStrictEqual(before[field], after[field]));
  if (same.length > 0) return [`${same.join()} has not changed`];
  return name.startsWith('PUT') && both.length === 0 ? ['nothing is on both sides'] : [];
}
