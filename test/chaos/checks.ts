/** What must hold after a run, when everything is mended. */
import { verify } from '../../src/books/verify.ts';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { checkInDatabase } from '../../loadtest/acknowledged.ts';
import { runAudit } from '../../loadtest/audit.ts';
import { callNode } from './calls.ts';
import type { ChaosCluster } from './cluster.ts';
import type { Players } from './players.ts';

/** @returns what does not hold, one line each. */
export async function findViolations(
  cluster: ChaosCluster,
  players: Players,
  campaignIds: readonly number[],
): Promise<string[]> {
  const violations = [...players.complaints].map(([what, times]) => `${times} × ${what}`);
  const audit = await runAudit(cluster.environment);
  if (!audit.balanced) violations.push(`the books: ${audit.output}`);
  for (const campaignId of campaignIds) {
    violations.push(...(await verifyAtAll(cluster, campaignId)));
    const told = players.drawn.get(campaignId) ?? [];
    violations.push(...(await checkInDatabase(cluster.databaseUrl, campaignId, told)));
    if (told.length === 0) violations.push(`nobody was told of a draw of campaign ${campaignId}`);
  }
  violations.push(...(await checkSpendings(cluster, players)));
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

/** What was acknowledged is booked once; what was not, once or never. */
async function checkSpendings({ databaseUrl }: ChaosCluster, { spendings }: Players): Promise<string[]> {
  const database = new Database(await openDataSources({ url: databaseUrl, replicaUrls: [], poolSize: 2 }));
  const rows = await database
    .read<{ related_id: string; times: number | string }>(
      "SELECT related_id, COUNT(*) AS times FROM points_transactions WHERE related_id LIKE 'chaos-%' GROUP BY related_id",
    )
    .finally(() => database.close());
  const booked = new Map(rows.map((row) => [row.related_id, Number(row.times)]));
  const violations = spendings.flatMap(({ relatedId, isAcknowledged }) => {
    const times = booked.get(relatedId) ?? 0;
    const isRight = isAcknowledged ? times === 1 : times <= 1;
    return isRight
      ? []
      : [`${relatedId} ${isAcknowledged ? 'was acknowledged' : ''} and is booked ${times} times`];
  });
  if (!spendings.some((spending) => spending.isAcknowledged)) violations.push('no points were spent');
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
