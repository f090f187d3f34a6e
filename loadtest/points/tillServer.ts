/**
 * What the product's way with bills is compared with: a service of the same tables and flush, that has no rules, and either one
 * transaction for each bill, or one for all bills that have come while the last one was under way. Is told which, and the size of
 * its pool. Prints its address once it listens.
 */
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database, type Tx } from '../../src/platform/database/transaction.ts';
import { AppError, asAppError } from '../../src/platform/errors.ts';
import { idShape } from '../../src/platform/shapes.ts';
import { loadConfig } from '../../src/settings.ts';
import { payBills, type Bill, type PaidBill } from './tillBooks.ts';

const BODY = z.strictObject({
  user_id: idShape,
  bill_no: z.string().min(1).max(64),
  bill_amount: z.number().positive(),
});
const KEY = z.string().min(1).max(64);
const MAX_GROUP = 200;
const TRIES = 8;

const config = loadConfig(process.env);
const [mode, poolSize] = process.argv.slice(2) as ['each' | 'grouped', string];
const database = new Database(
  await openDataSources({ url: config.databaseUrl, replicaUrls: [], poolSize: Number(poolSize) }),
);
const tokens = new AccessTokens({ secret: config.jwtSecret, lifetimeSeconds: 3600, clock: systemClock });

/** Bills that wait for the transaction that is under way. */
const waiting: { bill: Bill; resolve(paid: PaidBill): void; reject(error: unknown): void }[] = [];
let isCommitting = false;

function payGrouped(bill: Bill): Promise<PaidBill> {
  return new Promise((resolve, reject) => {
    waiting.push({ bill, resolve, reject });
    if (!isCommitting) void commitAll();
  });
}

async function commitAll(): Promise<void> {
  isCommitting = true;
  while (waiting.length > 0) {
    const group = waiting.splice(0, MAX_GROUP);
    try {
      const paid = await pay(group.map(({ bill }) => bill));
      for (const { bill, resolve } of group) resolve(paid.get(bill.billNo)!);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
  isCommitting = false;
}

async function payAlone(bill: Bill): Promise<PaidBill> {
  return (await pay([bill])).get(bill.billNo)!;
}

/** Who has lost the race for a bill number finds it on the next try. */
function pay(bills: readonly Bill[]): Promise<Map<string, PaidBill>> {
  const work = (tx: Tx) => payBills(tx, bills, systemClock.nowMs());
  // Its bills are all that it does: they may have every connection.
  return database.retryingTransaction(work, TRIES, { isOwner: true });
}

const app = express();
app.use(express.json({ limit: '64kb' }));
app.post('/api/v3/points/pay', async (request, response) => {
  const { userId: createdBy } = tokens.verify(bearerOf(request));
  const body = BODY.safeParse(request.body);
  if (!body.success) throw new AppError('VALIDATION_FAILED', { details: body.error.issues });
  const { user_id: userId, bill_no: billNo, bill_amount: yuan } = body.data;
  const key = KEY.parse(request.get('Idempotency-Key'));
  const bill = { userId, billNo, amount: Math.round(yuan * 100), createdBy, key };
  const data = await (mode === 'grouped' ? payGrouped(bill) : payAlone(bill));
  response.json({ success: true, code: 'OK', message: 'OK', data, timestamp: new Date().toISOString() });
});
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  const { status, code, message, cause } = asAppError(error);
  if (status >= 500) console.error(cause);
  response.status(status).json({ success: false, code, message });
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function bearerOf(request: Request): string {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme !== 'Bearer' || token === undefined) throw new AppError('UNAUTHENTICATED');
  return token;
}
