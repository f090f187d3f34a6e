/** A campaign from nothing to its end, by REST alone. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, before, it } from 'mocha';
import { audit } from '../../../src/books/audit.ts';
import { API_ROOT } from '../../../src/platform/http/route.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import type { Login } from '../../support/server.ts';
import { openOperators, type Operators } from './operators.ts';

const DAY_MS = 86_400_000;
const run = promisify(execFile);

forEachDatabase('the life of a campaign', (_open, openUrl) => {
  let here: Operators;
  let databaseUrl: string;
  const clock = new TestClock(Date.now());
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-story-'));
  before(async () => {
    databaseUrl = await openUrl();
    here = await openOperators(databaseUrl, { clock, environment: { AUTH_ACCESS_TOKEN_SECONDS: '86400' } });
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await here?.server.close();
  });

  const draw = async (campaignId: number, by: Login, requestId: string) => {
    const body = { campaign_id: campaignId, request_id: requestId };
    const { data, status, code } = await here.call('POST', '/lottery/draw', by, body);
    assert.equal(status, 200, code);
    return data.draws[0] as { draw_id: number; is_winner: boolean };
  };
  const prizesOf = async (by: Login) =>
    (await here.call('GET', '/lottery/my-prizes?limit=100', by)).data.items as {
      item_id: number;
      draw_id: number;
      status: string;
    }[];

  it('L-1 L-9 L-11 is built, simulated, approved, drawn from, redeemed, expires, is drawn again, ends and verifies', async function () {
    this.timeout(120_000);
    // Every draw wins one of two dinners, as long as there are any.
    const draft = await here.create({
      ends_at: new Date(clock.nowMs() + 30 * DAY_MS).toISOString(),
      claim_days: 1,
      return_unclaimed: true,
      guarantee: null,
      prizes: [{ key: 'dinner', name: 'A dinner', type: 'physical', value: 200, stock: 2, probability: 1 }],
    });
    const { campaign_id: campaignId } = draft;

    const asked = { campaign_id: campaignId, draws: 1000, runs: 5, seed: 'story' };
    const started = await here.call('POST', '/admin/campaigns/simulate', here.author, asked);
    assert.equal(started.status, 202);
    const simulationPath = `/admin/simulations/${started.data.simulation_id}`;
    await eventually(async () => {
      const { data } = await here.call('GET', simulationPath, here.author);
      assert.deepEqual([data.status, data.result?.cost.p50], ['completed', 400]);
    });

    const waiting = await here.setStatus(campaignId, 'active');
    assert.equal(waiting.status, 202);
    const approval = await here.call('GET', `/admin/approvals/${waiting.data.approval_id}`, here.second);
    assert.deepEqual(
      approval.data.simulations.map(({ simulation_id: id }: { simulation_id: number }) => id),
      [started.data.simulation_id],
      'RL-11 the simulation stands beside the request',
    );
    assert.equal((await here.decide(waiting.data.approval_id)).status, 200);

    const [first, second, third] = await Promise.all(
      ['13900000001', '13900000002', '13900000003'].map((mobile) => here.server.login(mobile)),
    );
    const won = await draw(campaignId, first!, 'first');
    assert.ok(won.is_winner && (await draw(campaignId, second!, 'second')).is_winner);
    assert.ok(!(await draw(campaignId, third!, 'third')).is_winner, 'nothing is left');

    const claim = { draw_id: won.draw_id, delivery_info: { pickup: true } };
    const claimed = await here.call('POST', '/lottery/claim', first!, claim);
    assert.equal(claimed.data.status, 'claimed');
    const staff = await here.server.login('13800000002');
    const redeem = () => here.call('POST', '/admin/redemptions', staff, { code: claimed.data.code });
    assert.equal((await redeem()).data.status, 'redeemed');
    const again = await redeem();
    assert.equal(again.code, 'CONFLICT');
    const { redeemed_by: by } = again.details as unknown as { redeemed_by: { user_id: number } };
    assert.equal(by.user_id, staff.userId);

    clock.advance(2 * DAY_MS);
    const [late, next] = [await here.server.login('13900000002'), await here.server.login('13900000003')];
    await eventually(async () => {
      assert.deepEqual(
        (await prizesOf(late)).map(({ status }) => status),
        ['expired'],
      );
    });
    const returned = await draw(campaignId, next, 'what-came-back');
    assert.ok(returned.is_winner, 'what nobody claimed is drawn again');

    const author = await here.server.login('13800000001');
    const ended = await here.call('POST', `/admin/campaigns/${campaignId}/status`, author, {
      status: 'ended',
    });
    assert.equal(ended.status, 200, JSON.stringify(ended));

    const file = join(folder, `${campaignId}.json`);
    const exported = await fetch(
      `${here.server.origin}${API_ROOT}/lottery/campaigns/${campaignId}/fairness-export`,
    );
    writeFileSync(file, await exported.text());
    const verified = await run(process.execPath, ['--import', 'tsx', 'src/cli/verify.ts', '--file', file]);
    assert.match(verified.stdout, /4 draws/);
    const independent = await run(process.execPath, ['test/fixtures/independentVerifier.mjs', file]);
    assert.deepEqual(JSON.parse(independent.stdout), { draws: 4, rolls: 4 });
    const lines: string[] = [];
    await audit({ databaseUrl, seedKey: Buffer.alloc(32, 7) }, (line) => lines.push(line));
    assert.equal(lines[0], 'books balance', lines.join('\n'));
  });
});
