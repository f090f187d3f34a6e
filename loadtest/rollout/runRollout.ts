/*
 * RO-2: three nodes on MariaDB and Redis, all of this run's own, are rolled one after the other while people draw and talk, and what was
 * acknowledged is held against the database afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { insertConversation } from '../../src/chat/conversations.ts';
import { addMembers } from '../../src/chat/membership.ts';
import { startMariadb, startRedis } from '../../test/support/services.ts';
import { checkInDatabase } from '../acknowledged.ts';
import { runAudit } from '../audit.ts';
import { Nodes } from '../bench/nodes.ts';
import { prepareDatabase, type BenchDiner } from '../bench/prepare.ts';
import { createSecrets, serverEnvironment } from '../bench/settings.ts';
import { eachOf } from '../eachOf.ts';
import { Crowd, type SaidMessage } from './crowd.ts';
import { ReadyBalancer } from './readyBalancer.ts';
import { withDatabase } from '../withDatabase.ts';

const NODES = 3;
const CAMPAIGNS = 3;
/** People of one conversation. */
const TABLE = 50;
/** One talker of so many goes by the stock SDK. */
const STOCK_OF = 5;
const JOIN_WIDTH = 16;
const PACE = { drawMs: 1000, talkMs: 5000 };
const BEFORE_MS = 1500;
const SECOND_MS = 1000;
/** Beside waiting and spreading: the node's own limit for closing, and a little. */
const CLOSING_MS = 12_000;
const READY_LIMIT_MS = 60_000;

export interface RolloutOptions {
  drawing: number;
  talking: number;
  waitMs: number;
  spreadMs: number;
  /** How many of the three nodes. */
  rolls: number;
  /** What happens, as it happens. */
  print(line: string): void;
}

export interface RolloutReport {
  clients: number;
  acknowledgedDraws: number;
  acknowledgedMessages: number;
  /** What differs between what was told and what is stored, one line each. */
  differences: string[];
  refusals: Map<string, number>;
  /** Sent again without having been answered, by why. */
  unanswered: Map<string, number>;
  /** By users of the stock SDK, as 4001 closed their connection. */
  sentAgain: number;
  rejoins: number;
  /** Of all clients, those who came back within one second, at most. */
  largestShare: number;
  /** What each node ended with, and how long that took. */
  ends: { code: number | null; tookMs: number }[];
  failures: string[];
  audit: string;
  isBalanced: boolean;
}

export async function runRollout(options: RolloutOptions): Promise<RolloutReport> {
  const mariadb = await startMariadb();
  const redis = await startRedis();
  const secrets = createSecrets();
  const url = mariadb.url(await mariadb.createDatabase());
  let nodes: Nodes | undefined;
  let balancer: ReadyBalancer | undefined;
  try {
    const { drawing, talking, waitMs, spreadMs } = options;
    const prepared = await prepareDatabase({
      url,
      diners: drawing + talking,
      campaigns: CAMPAIGNS,
      jwtSecret: secrets.JWT_SECRET,
      seedRotationDraws: 10_000,
    });
    const talkers = prepared.diners.slice(drawing);
    const conversations = await addConversations(url, talkers);
    const environment = { DRAIN_WAIT_MS: String(waitMs), DRAIN_SPREAD_MS: String(spreadMs) };
    nodes = await Nodes.start({ count: NODES, databaseUrl: url, redis, secrets, environment });
    balancer = await ReadyBalancer.start(() => nodes!.urls);
    await untilReady(nodes, balancer);
    const crowd = new Crowd(balancer.origin, PACE);
    await eachOf([...prepared.diners.entries()], JOIN_WIDTH, async ([at, diner]) => {
      if (at < drawing) await crowd.seatDrawer(diner, prepared.campaignIds[at % CAMPAIGNS]!);
      else {
        const number = at - drawing;
        const conversationId = conversations[Math.floor(number / TABLE)]!;
        if (number % STOCK_OF === 0) await crowd.seatStockTalker(diner, conversationId);
        else await crowd.seatTalker(diner, conversationId);
      }
    });
    crowd.isSeated = true;
    options.print(`${crowd.size} clients are seated`);
    const ends = await roll({ nodes, balancer, crowd }, options);
    await crowd.end();
    const differences = [
      ...(await differingDraws(url, crowd)),
      ...(await differingMessages(url, crowd.said)),
    ];
    const audit = await runAudit(serverEnvironment(url, secrets));
    return {
      clients: crowd.size,
      acknowledgedDraws: [...crowd.drawn.values()].flat().flatMap((answer) => answer.draw_ids).length,
      acknowledgedMessages: crowd.said.length,
      differences,
      refusals: crowd.refusals,
      unanswered: crowd.unanswered,
      sentAgain: crowd.sentAgain,
      rejoins: crowd.rejoins,
      largestShare: mostWithin(crowd.returnsMs, SECOND_MS) / crowd.size,
      ends,
      failures: crowd.failures,
      audit: audit.output,
      isBalanced: audit.balanced,
    };
  } finally {
    await balancer?.close();
    await nodes?.stop();
    await redis.stop();
    await mariadb.stop();
  }
}

interface Rolled {
  nodes: Nodes;
  balancer: ReadyBalancer;
  crowd: Crowd;
}

/** Each node ends, and another one takes its place, before the next. */
async function roll(rolled: Rolled, options: RolloutOptions): Promise<RolloutReport['ends']> {
  const { nodes, balancer, crowd } = rolled;
  const ends: RolloutReport['ends'] = [];
  for (const [at, url] of nodes.urls.slice(0, options.rolls).entries()) {
    await sleep(BEFORE_MS);
    const before = { returns: crowd.returnsMs.length, rejoins: crowd.rejoins };
    const startMs = performance.now();
    const code = await nodes.drain(url, options.waitMs + options.spreadMs + CLOSING_MS);
    const tookMs = performance.now() - startMs;
    ends.push({ code, tookMs });
    await nodes.replace(url);
    await untilReady(nodes, balancer);
    const share = mostWithin(crowd.returnsMs.slice(before.returns), SECOND_MS) / crowd.size;
    options.print(
      `node ${at + 1} ended with ${code} after ${(tookMs / 1000).toFixed(1)} s; ${crowd.rejoins - before.rejoins} sat down again, of all at most ${percent(share)} came back in one second`,
    );
  }
  await sleep(BEFORE_MS);
  return ends;
}

async function untilReady({ urls }: Nodes, balancer: ReadyBalancer): Promise<void> {
  const untilMs = performance.now() + READY_LIMIT_MS;
  while (!urls.every((url) => balancer.isReady(url))) {
    if (performance.now() > untilMs) throw new Error('a node does not become ready');
    await sleep(50);
  }
}

/** Of moments: how many lie within so long of each other, at most. */
export function mostWithin(moments: readonly number[], withinMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= withinMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function addConversations(url: string, people: readonly BenchDiner[]): Promise<number[]> {
  return withDatabase(url, (database) =>
    database.transaction(async (tx) => {
      const nowMs = Date.now();
      const ids: number[] = [];
      for (let at = 0; at < people.length; at += TABLE) {
        const name = `Table ${ids.length + 1}`;
        const { conversation_id } = await insertConversation(tx, { type: 'group', name }, nowMs);
        const members = people.slice(at, at + TABLE).map(({ userId }, place) => ({
          conversationId: conversation_id,
          userId,
          role: place === 0 ? ('owner' as const) : ('member' as const),
          readSeq: 0,
        }));
        await addMembers(tx, members, nowMs);
        ids.push(conversation_id);
      }
      return ids;
    }),
  );
}

async function differingDraws(url: string, { drawn }: Crowd): Promise<string[]> {
  const differences: string[] = [];
  for (const [campaignId, told] of drawn) differences.push(...(await checkInDatabase(url, campaignId, told)));
  return differences;
}

/** What was acknowledged is there, once, as it was told. */
export async function differingMessages(url: string, said: readonly SaidMessage[]): Promise<string[]> {
  const stored = await withDatabase(url, ({ currentReader }) =>
    currentReader.find(ChatMessage, {
      select: { message_id: true, conversation_id: true, client_msg_id: true },
    }),
  );
  const keyOf = (conversationId: number, name: string | null) => `${conversationId}:${name}`;
  const rows = Map.groupBy(stored, (row) => keyOf(row.conversation_id, row.client_msg_id));
  return said.flatMap(({ conversationId, clientMsgId, messageId }) => {
    const found = rows.get(keyOf(conversationId, clientMsgId)) ?? [];
    if (found.length === 1 && Number(found[0]!.message_id) === messageId) return [];
    return [`message ${messageId} (${clientMsgId}) is stored ${found.length} times`];
  });
}
