/** What must hold after a run, when everything is mended. */
import { verify } from '../../src/books/verify.ts';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { checkInDatabase } from '../../loadtest/acknowledged.ts';
import { runAudit } from '../../loadtest/audit.ts';
import { differingMessages } from '../../loadtest/rollout/stage.ts';
import { withDatabase } from '../../loadtest/withDatabase.ts';
import { callNode } from './calls.ts';
import type { ChaosCluster } from './cluster.ts';
import type { Everybody } from './everybody.ts';
import type { Named, Players } from './players.ts';

/** @returns what does not hold, one line each. */
export async function findViolations(
  cluster: ChaosCluster,
  { askers, players, till, visitors }: Everybody,
  campaignIds: readonly number[],
): Promise<string[]> {
  const { databaseUrl } = cluster;
  const violations = [...askers.complaints].map(([what, times]) => `${times} × ${what}`);
  const audit = await runAudit(cluster.environment);
  if (!audit.balanced) violations.push(`the books: ${audit.output}`);
  for (const campaignId of campaignIds) {
    violations.push(...(await verifyAtAll(cluster, campaignId)));
    const told = players.drawn.get(campaignId) ?? [];
    violations.push(...(await checkInDatabase(databaseUrl, campaignId, told)));
    if (told.length === 0) violations.push(`nobody was told of a draw of campaign ${campaignId}`);
  }
  const { spendings } = players;
  const { bills, holds, transfers } = till;
  for (const [kind, asked] of Object.entries({ spendings, bills, holds, transfers }))
    violations.push(...(await checkNamed(databaseUrl, kind as keyof typeof BY_NAME, asked)));
  violations.push(...(await differingMessages(databaseUrl, visitors.said)));
  if (visitors.said.length === 0) violations.push('nobody said anything');
  violations.push(...(await checkEnded(cluster, players)));
  return violations;
}

async function verifyAtAll({ urls }: ChaosCluster, campaignId: number): Promise<string[]> {
  const violations: string[] = [];
  for (const url of urls) {
    const lines: string[] = [];
    const code = await verify({ campaignId, url }, (line) => lines.push(line));
    if (code !== 0) violations.push(`verify at ${url}: ${lines.join('; ')}`);
  }
  return violations;
}

/** Where what was asked for by name is found, by that name. */
const BY_NAME = {
  spendings: ['points_transactions', 'related_id'],
  bills: ['points_bills', 'bill_no'],
  holds: ['points_holds', 'reason'],
  transfers: ['points_transfers', 'message'],
} as const;

/** What was acknowledged is booked once; what was not, once or never. */
async function checkNamed(
  databaseUrl: string,
  kind: keyof typeof BY_NAME,
  asked: readonly Named[],
): Promise<string[]> {
  const [table, column] = BY_NAME[kind];
  const rows = await withDatabase(databaseUrl, (database) =>
    database.readCurrent<{ name: string; times: number | string }>(
      `SELECT ${column} AS name, COUNT(*) AS times FROM ${table} WHERE ${column} LIKE 'chaos-%' GROUP BY ${column}`,
    ),
  );
  const booked = new Map(rows.map((row) => [row.name, Number(row.times)]));
  const violations = asked.flatMap(({ name, isAcknowledged }) => {
    const times = booked.get(name) ?? 0;
    const isRight = isAcknowledged ? times === 1 : times <= 1;
    return isRight
      ? []
      : [`${name} ${isAcknowledged ? 'was acknowledged' : ''} and is booked ${times} times`];
  });
  if (!asked.some(({ isAcknowledged }) => isAcknowledged)) violations.push(`no ${kind} were acknowledged`);
  return violations;
}

/** A login that was ended at one node is ended at every node. */
async function checkEnded({ nodes }: ChaosCluster, { ended }: Players): Promise<string[]> {
  const violations: string[] = [];
  for (const node of nodes) {
    for (const { token, mobile } of ended) {
      const code = await callNode(node, { method: 'GET', path: '/auth/me', token }).then(
        () => 'OK',
        (error: unknown) => asKaijiangError(error).code,
      );
      if (code === 'TOKEN_REVOKED' || code === 'TOKEN_EXPIRED') continue;
      violations.push(`${node.name} answers an ended login of ${mobile} with ${code}`);
    }
  }
  if (ended.length === 0) violations.push('no login was ended');
  return violations;
}
