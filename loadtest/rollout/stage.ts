/*
 * Where people draw and talk while nodes come and go: three nodes on MariaDB and Redis, all of this run's own. What was
 * acknowledged is held against the database afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { startMariadb, startRedis } from '../../test/support/services.ts';
import { checkInDatabase } from '../acknowledged.ts';
import { runAudit } from '../audit.ts';
import { Nodes } from '../bench/nodes.ts';
import {
  prepareDatabase,
  type BenchDiner,
  type PreparedDatabase,
  type Preparation,
} from '../bench/prepare.ts';
import { createSecrets, serverEnvironment } from '../bench/settings.ts';
import { eachOf } from '../eachOf.ts';
import { HttpClient } from '../http.ts';
import { withDatabase } from '../withDatabase.ts';
import { Crowd, type SaidMessage } from './crowd.ts';
import { Logged } from './logged.ts';
import { ReadyBalancer } from './readyBalancer.ts';
import { mostWithin } from './returns.ts';

const NODES = 3;
const CAMPAIGNS = 3;
/** People of one conversation. */
const TABLE = 50;
/** One talker of so many goes by the stock SDK. */
const STOCK_OF = 5;
const JOIN_WIDTH = 16;
const PACE = { drawMs: 1000, talkMs: 5000, visitMs: 5000 };
const SECOND_MS = 1000;
const READY_LIMIT_MS = 180_000;

export interface StageOptions {
  drawing: number;
  talking: number;
  /** Those who look at pages and draw by calls; none unless given. */
  visiting?: number;
  /** In which is drawn, 3 unless given. */
  campaigns?: number;
  /** What the nodes are told besides. */
  environment: NodeJS.ProcessEnv;
  /** Whose build the nodes are of at first, and the database made by; this one's unless given. */
  checkout?: string;
  prepare?(preparation: Preparation): Promise<Pick<PreparedDatabase, 'campaignIds' | 'diners'>>;
  /** Names the build of a checkout in the report. */
  nameOf?(checkout: string): string;
  /** What happens, as it happens. */
  print(line: string): void;
}

export interface NodeEnd {
  /** What the node ended with; null: it was killed, for it took too long. */
  code: number | null;
  tookMs: number;
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
  ends: NodeEnd[];
  failures: string[];
  /** Lines of the nodes' logs at error level. */
  errors: string[];
  warnings: Map<string, number>;
  audit: string;
  isBalanced: boolean;
}

export interface Stage {
  nodes: Nodes;
  balancer: ReadyBalancer;
  crowd: Crowd;
  campaignIds: readonly number[];
}

/** @param act what happens to the nodes meanwhile. @returns what became of the people; the audit is that of this build */
export async function onStage(
  options: StageOptions,
  act: (stage: Stage) => Promise<NodeEnd[]>,
): Promise<RolloutReport> {
  const mariadb = await startMariadb();
  const redis = await startRedis();
  const secrets = createSecrets();
  const url = mariadb.url(await mariadb.createDatabase());
  const logged = new Logged();
  let nodes: Nodes | undefined;
  let balancer: ReadyBalancer | undefined;
  try {
    const { drawing, talking, visiting = 0, campaigns = CAMPAIGNS, environment, checkout } = options;
    const { prepare = prepareDatabase } = options;
    const { campaignIds, diners } = await prepare({
      url,
      diners: drawing + talking + visiting,
      campaigns,
      jwtSecret: secrets.JWT_SECRET,
      seedRotationDraws: 10_000,
    });
    const nameOf = options.nameOf ?? (() => 'a node');
    const onLine = (line: string, of: string) => logged.add(line, nameOf(of));
    const common = { count: NODES, databaseUrl: url, redis, secrets, environment, onLine };
    nodes = await Nodes.start({ ...common, ...(checkout === undefined ? {} : { checkout }) });
    balancer = await ReadyBalancer.start(() => nodes!.urls);
    await untilReady(nodes, balancer);
    const crowd = new Crowd(balancer.origin, PACE);
    await seat(crowd, { diners, campaignIds, drawing, talking, origin: balancer.origin });
    options.print(`${crowd.size} clients are seated`);
    const ends = await act({ nodes, balancer, crowd, campaignIds });
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
      ...logged,
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

export async function untilReady({ urls }: Nodes, balancer: ReadyBalancer): Promise<void> {
  const untilMs = performance.now() + READY_LIMIT_MS;
  while (!urls.every((url) => balancer.isReady(url))) {
    if (performance.now() > untilMs) throw new Error('a node does not become ready');
    await sleep(50);
  }
}

interface Seated {
  /** First who draws, then who talks, then who visits. */
  diners: readonly BenchDiner[];
  campaignIds: readonly number[];
  drawing: number;
  talking: number;
  origin: string;
}

async function seat(crowd: Crowd, { diners, campaignIds, drawing, talking, origin }: Seated): Promise<void> {
  const conversations = await addConversations(origin, diners.slice(drawing, drawing + talking));
  await eachOf([...diners.entries()], JOIN_WIDTH, async ([at, diner]) => {
    const campaignId = campaignIds[at % campaignIds.length]!;
    const number = at - drawing;
    if (number < 0) await crowd.seatDrawer(diner, campaignId);
    else if (number >= talking) crowd.addVisitor(diner, campaignId);
    else {
      const conversationId = conversations[Math.floor(number / TABLE)]!;
      if (number % STOCK_OF === 0) await crowd.seatStockTalker(diner, conversationId);
      else await crowd.seatTalker(diner, conversationId);
    }
  });
  crowd.isSeated = true;
}

/** Groups, each founded by the first of its people. */
async function addConversations(origin: string, people: readonly BenchDiner[]): Promise<number[]> {
  const http = new HttpClient(origin, 1);
  const ids: number[] = [];
  for (let at = 0; at < people.length; at += TABLE) {
    const [founder, ...others] = people.slice(at, at + TABLE);
    const members = others.map(({ userId }) => userId);
    const { conversation_id: id } = await http.call<{ conversation_id: number }>({
      method: 'POST',
      path: '/chat/conversations',
      token: founder!.token,
      body: { type: 'group', name: `Table ${ids.length + 1}`, member_ids: members },
    });
    ids.push(id);
  }
  http.close();
  return ids;
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
