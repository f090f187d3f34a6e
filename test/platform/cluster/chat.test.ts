/** People talk on three nodes while the owner of their conversation is killed. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { MessageView } from '../../../src/chat/messages.ts';
import type { ChatSeat } from '../../../src/client/chatSeat.ts';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import { Balancer } from '../../client/balancer.ts';
import { createUsers } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import { needs } from '../../support/shared.ts';
import { runCommand } from './serverProcess.ts';
import { startNodes, type Nodes } from './nodes.ts';

const MEMBERS = 200;
const SENDERS = 20;
const JOINING_AT_ONCE = 20;
const KILLS = 2;

describe('a restaurant full of people who talk', function () {
  this.timeout(240_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let balancer: Balancer;
  let conversationId: number;
  const seats: ChatSeat[] = [];
  /** What each member was told, in its order. */
  const told: MessageView[][] = [];
  let isOver = false;

  before(async () => {
    cluster = await startNodes({ environment: { CAMPAIGN_CLIENT_LIMIT: String(MEMBERS) } });
    balancer = await Balancer.start();
    balancer.pointTo(...cluster.nodes.map(({ origin }) => origin));
    const userIds = await createUsers(cluster.database, MEMBERS);
    const rows = await cluster.database.readCurrent<{ mobile: string }>(
      'SELECT mobile FROM users WHERE user_id IN (?)',
      [userIds],
    );
    const mobiles = rows.map(({ mobile }) => mobile);
    const [room] = await cluster.database.readCurrent<{ conversation_id: number }>(
      `SELECT conversation_id FROM chat_conversations WHERE type = 'restaurant' ORDER BY conversation_id LIMIT 1`,
    );
    conversationId = room!.conversation_id;
    while (mobiles.length > 0) await Promise.all(mobiles.splice(0, JOINING_AT_ONCE).map(sit));
  });
  after(async () => {
    await Promise.all(seats.map((seat) => seat.leave().catch(() => undefined)));
    await balancer?.close();
    await cluster?.close();
  });

  const sit = async (mobile: string) => {
    const client = new KaijiangClient({ url: balancer.origin });
    await client.login(mobile, '123456');
    const heard: MessageView[] = [];
    const onSaid = (message: MessageView) => heard.push(message);
    seats.push(await client.joinChat(conversationId, { lastSeq: 0, onSaid }));
    told.push(heard);
  };
  const talk = async (seat: ChatSeat, sender: number, said: Map<string, number>) => {
    for (let count = 0; !isOver; count++) {
      const id = `m-${sender}-${count}`;
      const { seq } = await seat.say(`${count} of ${sender}`, { clientMsgId: id });
      said.set(id, seq);
      await sleep(400);
    }
  };

  it('C-2 RC-1 RC-15 what was acknowledged is stored once, without gaps, and everybody has all of it', async () => {
    const said = new Map<string, number>();
    const talking = Promise.all(seats.slice(0, SENDERS).map((seat, sender) => talk(seat, sender, said)));
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(3000);
      const owner = await ownerOf();
      balancer.pointTo(...cluster.nodes.filter((node) => node !== owner).map(({ origin }) => origin));
      await owner.end('SIGKILL');
      await cluster.replace(owner);
      balancer.pointTo(...cluster.nodes.map(({ origin }) => origin));
    }
    await sleep(3000);
    isOver = true;
    await talking;
    const stored = await cluster.database.readCurrent<{ seq: number | string; client_msg_id: string }>(
      'SELECT seq, client_msg_id FROM chat_messages WHERE conversation_id = ? ORDER BY seq',
      [conversationId],
    );
    assert.ok(said.size > SENDERS * 5, `${said.size} messages`);
    const numbers = Array.from({ length: stored.length }, (_, at) => at + 1);
    assert.deepEqual(
      stored.map(({ seq }) => Number(seq)),
      numbers,
    );
    const bySeq = new Map(stored.map(({ seq, client_msg_id: id }) => [id, Number(seq)]));
    assert.equal(bySeq.size, stored.length, 'a message is stored twice');
    for (const [id, seq] of said) assert.equal(bySeq.get(id), seq, id);
    await eventually(() => {
      for (const [member, messages] of told.entries())
        assert.deepEqual(
          messages.map(({ seq }) => seq),
          numbers,
          `member ${member}`,
        );
    }, 20_000);
    const [database] = await cluster.database.read<{ name: string }>('SELECT DATABASE() AS name');
    const audit = await runCommand('src/cli/audit.ts', [], {
      DATABASE_URL: cluster.mariadb.url(database!.name),
    });
    assert.equal(audit.code, 0, audit.output);
  });

  const ownerOf = async () => {
    const listing = await cluster.redis.command('HGET', 'roomcaches', `chat-${conversationId}`);
    const { publicAddress } = JSON.parse(String(listing)) as { publicAddress: string };
    return cluster.nodes.find(({ origin }) => origin.endsWith(publicAddress))!;
  };
});
