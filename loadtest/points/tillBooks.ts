/** Bills as a service without rules of its own keeps them: the rows that the product writes, of one bill or many in a transaction. */
import { createHash } from 'node:crypto';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { IdempotencyRecord } from '../../entities/platform/IdempotencyRecord.ts';
import { PointsBill } from '../../entities/points/PointsBill.ts';
import { PointsBillGrant } from '../../entities/points/PointsBillGrant.ts';
import { PointsExperience } from '../../entities/points/PointsExperience.ts';
import { PointsRuleUse } from '../../entities/points/PointsRuleUse.ts';
import { insertAll, upsertAll } from '../../src/platform/database/bulk.ts';
import type { Tx } from '../../src/platform/database/transaction.ts';
import { lockAccounts, Postings } from '../../src/points/ledger.ts';

export interface Bill {
  userId: number;
  billNo: string;
  /** In fen. */
  amount: number;
  createdBy: number;
  /** Of the call, which has it besides the bill's number. */
  key: string;
}

export interface PaidBill {
  points: number;
  balance: number;
  transaction_id: number;
}

interface MadeBill extends PaidBill {
  bill: Bill;
  hundredths: number;
  experience: number;
}

/** Of a bill, in percent: a fen is 1/100 point at 100. */
const RATE = 1;
const RULE = { ruleId: 1, version: 1 };

/** By their numbers. A number that was there already is answered as it was. */
export async function payBills(
  tx: Tx,
  bills: readonly Bill[],
  nowMs: number,
): Promise<Map<string, PaidBill>> {
  // Whoever sends a bill twice meets here, before either has looked for it.
  const accounts = await lockAccounts(
    tx,
    bills.map(({ userId }) => userId),
  );
  const paid = await findPaid(
    tx,
    bills.map(({ billNo }) => billNo),
  );
  const fresh = [...new Map(bills.map((bill) => [bill.billNo, bill])).values()].filter(
    ({ billNo }) => !paid.has(billNo),
  );
  if (fresh.length > 0) {
    const postings = await Postings.open(tx, accounts, nowMs);
    const made = await storeLedger(tx, postings, fresh);
    await storeBills(tx, made, { day: postings.day, at: new Date(nowMs) });
    for (const { bill, points, balance, transaction_id } of made)
      paid.set(bill.billNo, { points, balance, transaction_id });
  }
  await storeCalls(tx, bills, paid, new Date(nowMs));
  return paid;
}

async function findPaid(tx: Tx, billNos: readonly string[]): Promise<Map<string, PaidBill>> {
  const rows = await tx.query<{ bill_no: string; points: string; balance: string; transaction_id: number }>(
    'SELECT bill_no, points, balance_after AS balance, transaction_id FROM points_bills WHERE bill_no IN (?)',
    [billNos],
  );
  return new Map(
    rows.map(({ bill_no: billNo, points, balance, transaction_id }) => [
      billNo,
      { points: Number(points), balance: Number(balance), transaction_id: Number(transaction_id) },
    ]),
  );
}

async function storeLedger(tx: Tx, postings: Postings, bills: readonly Bill[]): Promise<MadeBill[]> {
  const rows = bills.map((bill) => {
    const { userId, billNo } = bill;
    const hundredths = Math.floor((bill.amount * RATE) / 100);
    const gain = { amountHundredths: hundredths, source: 'bill', reason: 'bill', relatedId: billNo };
    const at = postings.add({ userId, type: 'rebate', ...gain, rule: RULE });
    const { availableHundredths, experiencePoints, level } = postings.accountOf(userId)!;
    const experience = Math.floor(hundredths / 100);
    postings.setLevel(userId, { experiencePoints: experiencePoints + experience, level });
    return { bill, hundredths, experience, at, balance: availableHundredths / 100 };
  });
  const ids = await postings.storeNamed(
    tx,
    rows.map(({ at }) => at),
  );
  return rows.map((row, at) => ({ ...row, points: row.hundredths / 100, transaction_id: ids[at]! }));
}

async function storeBills(
  tx: Tx,
  made: readonly MadeBill[],
  { day, at }: { day: string; at: Date },
): Promise<void> {
  await Promise.all([
    insertAll(
      tx,
      PointsBill,
      made.map(({ bill, hundredths, balance, transaction_id }) => ({
        bill_no: bill.billNo,
        user_id: bill.userId,
        restaurant_id: null,
        status: 'completed' as const,
        bill_amount: bill.amount,
        refunded_amount: 0,
        points: hundredths,
        reversed_points: 0,
        reasons: [{ rule_id: RULE.ruleId, version: RULE.version, matched: true, hundredths }],
        balance_after: Math.round(balance * 100),
        transaction_id,
        activates_at: null,
        business_day: day,
        created_at: at,
        created_by: bill.createdBy,
      })),
    ),
    storeUses(tx, made, day),
    insertAll(
      tx,
      AdminAuditLog,
      made.map(({ bill, points }) => ({
        actor_id: bill.createdBy,
        action: 'points.pay',
        target_type: 'user',
        target_id: String(bill.userId),
        state_before: null,
        state_after: { bill_no: bill.billNo, bill_amount: bill.amount / 100, points },
        ip: '127.0.0.1',
        request_id: bill.key,
        created_at: at,
      })),
    ),
    insertAll(
      tx,
      PointsExperience,
      made.flatMap(({ bill: { userId }, transaction_id, experience }) =>
        experience === 0 ? [] : [{ transaction_id, user_id: userId, experience, level: 1 }],
      ),
    ),
    insertAll(
      tx,
      BusinessEvent,
      made.map(({ bill, points, balance, transaction_id }) => ({
        event_type: 'points:earned',
        user_id: bill.userId,
        event_data: JSON.stringify({
          ...{ user_id: bill.userId, transaction_id, amount: points, balance },
          ...{ reason: 'bill', source: 'bill', kind: 'rebate' },
        }),
        priority: 'normal' as const,
        created_at: at,
        status: 'completed' as const,
        processed_at: at,
      })),
    ),
  ]);
  const rows = await tx.query<{ bill_id: number; bill_no: string }>(
    'SELECT bill_id, bill_no FROM points_bills WHERE bill_no IN (?)',
    [made.map(({ bill }) => bill.billNo)],
  );
  const idOf = new Map(rows.map((row) => [row.bill_no, row.bill_id]));
  await insertAll(
    tx,
    PointsBillGrant,
    made.map(({ bill, hundredths, transaction_id }) => ({
      bill_id: idOf.get(bill.billNo)!,
      rule_id: RULE.ruleId,
      rule_version: RULE.version,
      granted: hundredths,
      reversed: 0,
      transaction_id,
    })),
  );
}

async function storeUses(tx: Tx, made: readonly MadeBill[], day: string): Promise<void> {
  const granted = new Map<number, number>();
  for (const { bill, hundredths } of made)
    granted.set(bill.userId, (granted.get(bill.userId) ?? 0) + hundredths);
  await upsertAll(
    tx,
    PointsRuleUse,
    [...granted].map(([userId, of]) => ({ user_id: userId, rule_id: RULE.ruleId, day, granted: of })),
    { granted: ({ stored, given }) => `ROUND(${stored('granted')} + ${given('granted')}, 2)` },
  );
}

/** What was answered to each call. */
async function storeCalls(
  tx: Tx,
  bills: readonly Bill[],
  paid: ReadonlyMap<string, PaidBill>,
  at: Date,
): Promise<void> {
  await insertAll(
    tx,
    IdempotencyRecord,
    bills.map(({ userId, billNo, amount, createdBy, key }) => ({
      user_id: createdBy,
      idempotency_key: key,
      fingerprint: createHash('sha256')
        .update(JSON.stringify([userId, billNo, amount]))
        .digest('hex'),
      response: JSON.stringify(paid.get(billNo)),
      created_at: at,
    })),
  );
}
