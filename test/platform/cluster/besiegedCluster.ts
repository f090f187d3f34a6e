import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import type { Database } from '../../../src/platform/database/transaction.ts';
import type { DrawReply } from '../../../src/lottery/messages.ts';
import { createCampaign } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import type { RedisServer } from '../../support/services.ts';
import { needs } from '../../support/shared.ts';
import { login, post, startNodes, type Nodes } from './nodes.ts';
import type { ServerProcess } from './serverProcess.ts';

export const SEAT_SECONDS = 3;
/** A hundredth of a point a draw, so that the demo's diners can draw all through the suite. */
export const CHEAP = { campaign: { cost_per_draw: 1 } };
/** As text only: JSON.stringify does not go so deep. */
export const DEEP = '['.repeat(50_000) + ']'.repeat(50_000);

/** Three nodes with a campaign and a diner, whom bad input must not harm. */
export class BesiegedCluster {
  private cluster: Nodes | undefined;
  campaign!: number;
  token!: string;

  get nodes(): ServerProcess[] {
    return this.cluster!.nodes;
  }

  get redis(): RedisServer {
    return this.cluster!.redis;
  }

  get database(): Database {
    return this.cluster!.database;
  }

  async open(): Promise<void> {
    this.cluster = await startNodes({
      environment: { COLYSEUS_SEAT_RESERVATION_TIME: String(SEAT_SECONDS) },
    });
    this.campaign = (await createCampaign(this.database, CHEAP)).campaignId;
    this.token = await login(this.nodes, 1);
    await this.drawUntilOk(this.campaign, 'first');
  }

  async close(): Promise<void> {
    await this.cluster?.close();
  }

  sql(text: string, parameters: unknown[] = []): Promise<unknown> {
    return this.database.transaction((tx) => tx.manager.query(text, parameters));
  }

  async position(campaignId: number): Promise<{ epoch: number; drawNo: number }> {
    const [row] = await this.database.read<{ owner_epoch: number; draw_no: number }>(
      'SELECT owner_epoch, draw_no FROM lottery_campaigns WHERE campaign_id = ?',
      [campaignId],
    );
    return { epoch: Number(row!.owner_epoch), drawNo: Number(row!.draw_no) };
  }

  /** Runs `work` and waits for each of the lines in some node's log. */
  async logs(lines: string[], work: () => Promise<unknown>): Promise<void> {
    const starts = this.nodes.map((node) => node.output.length);
    await work();
    await eventually(() => {
      const logged = this.nodes.map((node, at) => node.output.slice(starts[at])).join('');
      for (const line of lines) assert.ok(logged.includes(line), `not logged: ${line}`);
    });
  }

  /** Runs `work`, which must not change the books. */
  async unharmed(work: () => Promise<unknown>): Promise<void> {
    const before = await this.books();
    await work();
    assert.deepEqual(await this.books(), before);
  }

  /** As a client does: again with the same id while it is told BUSY or MOVED. */
  async drawUntilOk(campaignId: number, requestId: string, firstNode = 0): Promise<DrawReply> {
    const body = { campaign_id: campaignId, request_id: requestId };
    for (let attempt = 0; ; attempt++) {
      const node = this.nodes[(firstNode + attempt) % 3]!;
      const { code, data } = await post(node, '/lottery/draw', body, this.token);
      if (code === 'OK') return data as DrawReply;
      assert.ok(['BUSY', 'MOVED'].includes(code) && attempt < 60, `${requestId}: ${code}`);
      await sleep(50);
    }
  }

  /** One draw is made, once, whatever happened to the campaign's owner. */
  async drawsOnce(campaignId: number, requestId: string): Promise<void> {
    const before = await this.position(campaignId);
    const { draws } = await this.drawUntilOk(campaignId, requestId);
    const again = await this.drawUntilOk(campaignId, requestId, 1);
    assert.deepEqual([again.replayed, again.draws[0]!.draw_id], [true, draws[0]!.draw_id]);
    assert.equal((await this.position(campaignId)).drawNo, before.drawNo + 1);
  }

  async servedBy(roomId: string): Promise<number> {
    const [, count] = (await this.redis.command('PUBSUB', 'NUMSUB', `$${roomId}`)) as [string, number];
    return Number(count);
  }

  clientOf(node: ServerProcess): Client {
    const client = new Client(node.origin);
    client.auth.token = this.token;
    return client;
  }

  async joinCampaign(node: ServerProcess, campaignId: number): Promise<Room> {
    const room: Room = await this.clientOf(node).joinOrCreate('campaign', { campaign_id: campaignId });
    room.reconnection.enabled = false;
    room.onMessage('*', () => undefined);
    return room;
  }

  /** What bad input must not change. */
  private books() {
    return Promise.all([
      this.database.read('SELECT campaign_id, status, owner_epoch, draw_no, log_no FROM lottery_campaigns'),
      this.database.read('SELECT user_id, available_points, frozen_points FROM user_points_accounts'),
      this.database.read('SELECT COUNT(*) AS draws FROM lottery_draws'),
    ]);
  }
}

/** A suite of bad input; after each of its tests every process lives and draws. */
export function besiege(title: string, define: (scene: BesiegedCluster) => void): void {
  describe(title, function () {
    this.timeout(60_000);
    needs('mariadbd', 'redis-server');
    const scene = new BesiegedCluster();
    before(() => scene.open());
    after(() => scene.close());
    afterEach('every process lives and draws', async () => {
      for (const node of scene.nodes) assert.equal((await fetch(`${node.origin}/health`)).status, 200);
      for (const [at] of scene.nodes.entries())
        await scene.drawUntilOk(scene.campaign, `after-${randomUUID()}`, at);
    });
    define(scene);
  });
}
