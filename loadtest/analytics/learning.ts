/** What a model that learns costs the draws of others, and how long it takes: 20,000 people and 500 items, in one thread of the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { User } from '../../entities/identity/User.ts';
import { AnalyticsInteraction } from '../../entities/analytics/AnalyticsInteraction.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { populationOf } from '../../src/smart/evaluation/population.ts';
import { runAudit } from '../audit.ts';
import type { BenchedDatabase } from '../bench/eachDatabase.ts';
import { prepareDatabase, type BenchDiner } from '../bench/prepare.ts';
import { runLone, ServerProcess } from '../bench/processes.ts';
import { createSecrets, serverEnvironment } from '../bench/settings.ts';
import { progress, say } from '../bench/terminal.ts';
import { formatCount, formatMs, yes } from '../figures.ts';
import { HttpClient } from '../http.ts';

const PEOPLE = 20_000;
const ITEMS = 500;
const MOST_SECONDS = 10;
const ROWS_PER_TRANSACTION = 5000;
const LOOK_MS = 100;
const PATIENCE_MS = 120_000;
const WARMUP_MS = 1000;
const DAY_MS = 86_400_000;
/** Of made-up people, beyond any that the bench makes. */
const FIRST_PERSON = 1_000_000;

/** @param seconds of each part in which a lone diner draws. @returns whether all holds */
export async function benchLearning({ newUrl }: BenchedDatabase, seconds: number): Promise<boolean> {
  const secrets = createSecrets();
  const url = await newUrl('learning');
  const people = { diners: 2, jwtSecret: secrets.JWT_SECRET };
  const prepared = await prepareDatabase({ url, ...people, seedRotationDraws: 100_000 });
  const [diner, operator] = prepared.diners as [BenchDiner, BenchDiner];
  progress('people with tastes');
  const rows = await fill(url, operator.userId);
  const environment = serverEnvironment(url, secrets);
  const server = await ServerProcess.start('src/index.ts', environment);
  const drawing = { urls: [server.url], campaignId: prepared.campaignId, diner };
  const lone = async () => {
    const roundMs = seconds * 1000;
    return (await runLone({ ...drawing, warmupMs: WARMUP_MS, roundMs, rounds: 1 }))[0]![0]!.p50Ms;
  };
  const before = await lone();
  const [tookMs, beside] = await Promise.all([learn(server.url, operator), lone()]);
  const after = await lone();
  await server.stop();
  const books = await runAudit(environment);
  const holds = tookMs <= MOST_SECONDS * 1000;
  say([
    `a model of ${formatCount(PEOPLE)} people, ${ITEMS} items and ${formatCount(rows)} interactions: ${(tookMs / 1000).toFixed(1)} s`,
    `at most ${MOST_SECONDS}: ${yes(holds)}`,
    `a draw, alone ${formatMs((before + after) / 2)} ms, beside it ${formatMs(beside)} ms (medians)`,
    books.output,
    '',
  ]);
  return holds && books.balanced;
}

/** @returns how many rows */
async function fill(url: string, operatorId: number): Promise<number> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    await database.transaction((tx) =>
      tx.manager.update(User, { user_id: operatorId }, { role: 'super_admin' }),
    );
    const { events } = populationOf({ people: PEOPLE, items: ITEMS, seed: 'bench' });
    const lastMs = events.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
    // As if it had gone on until yesterday.
    const laterMs = Date.now() - DAY_MS - lastMs;
    const rows = new Map<string, AnalyticsInteraction>();
    for (const { person, item, atMs } of events) {
      const at = new Date(atMs + laterMs);
      const row = rows.get(`${person} ${item}`);
      if (row !== undefined) Object.assign(row, { entries: row.entries + 1, last_at: at });
      else
        rows.set(`${person} ${item}`, {
          ...{ user_id: FIRST_PERSON + person, item_type: 'product' as const, item_id: item + 1 },
          ...{ entries: 1, first_at: at, last_at: at },
        });
    }
    const all = [...rows.values()];
    for (let from = 0; from < all.length; from += ROWS_PER_TRANSACTION)
      await database.transaction((tx) =>
        insertAll(tx, AnalyticsInteraction, all.slice(from, from + ROWS_PER_TRANSACTION)),
      );
    return all.length;
  } finally {
    await database.close();
  }
}

/** Asks for a model, and waits until it serves. @returns milliseconds from the call on */
async function learn(url: string, { token }: BenchDiner): Promise<number> {
  const http = new HttpClient(url, 1);
  try {
    const startedMs = performance.now();
    await http.call({ method: 'POST', path: '/smart/models', token, body: {} });
    for (;;) {
      const { items } = await http.call<{ items: { status: string; refusal?: string | null }[] }>({
        method: 'GET',
        path: '/smart/models',
        token,
      });
      const tookMs = performance.now() - startedMs;
      const [model] = items;
      if (model?.status === 'serving') return tookMs;
      if (model?.status !== 'training') throw new Error(`no model has come of it: ${JSON.stringify(model)}`);
      if (tookMs > PATIENCE_MS) throw new Error('the model takes too long');
      await sleep(LOOK_MS);
    }
  } finally {
    http.close();
  }
}
