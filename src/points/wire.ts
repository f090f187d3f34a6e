/** Accounts, ledger rows and what brought them, as clients see them. */
import type { z } from 'zod';
import type { PointsBill } from '../../entities/points/PointsBill.ts';
import type { PointsCheckIn } from '../../entities/points/PointsCheckIn.ts';
import { toWirePoints, toWireTime } from '../platform/shapes.ts';
import type { Account, PointsMovement } from './account.ts';
import type { PostedEntry } from './ledger.ts';
import type { accountShape, earnedShape, ownAccountShape, transactionShape } from './messages.ts';
import type { Explanation } from './rules/engine.ts';

export function accountToWire(account: Account): z.output<typeof accountShape> {
  return {
    user_id: account.userId,
    total_points: toWirePoints(account.totalHundredths),
    available_points: toWirePoints(account.availableHundredths),
    frozen_points: toWirePoints(account.frozenHundredths),
    debt_points: toWirePoints(account.debtHundredths),
    level: account.level,
    experience_points: account.experiencePoints,
    history_total_points: toWirePoints(account.historyTotalHundredths),
  };
}

export function ownAccountToWire(
  account: Account,
  pendingHundredths: number,
): z.output<typeof ownAccountShape> {
  return { ...accountToWire(account), pending_points: toWirePoints(pendingHundredths) };
}

export function movementToWire(movement: PointsMovement): z.output<typeof transactionShape> {
  return {
    transaction_id: movement.transactionId,
    type: movement.type,
    amount: toWirePoints(movement.amountHundredths),
    balance_before: toWirePoints(movement.balanceBeforeHundredths),
    balance_after: toWirePoints(movement.balanceAfterHundredths),
    status: movement.status,
    source: movement.source,
    reason: movement.reason,
    related_id: movement.relatedId,
    rule_id: movement.ruleId,
    rule_version: movement.ruleVersion,
    created_at: toWireTime(movement.createdAtMs),
  };
}

export function earnedToWire(posted: PostedEntry): z.output<typeof earnedShape> {
  return {
    transaction_id: posted.transactionId,
    user_id: posted.userId,
    balance: toWirePoints(posted.balanceAfterHundredths),
  };
}

export function billToWire(bill: PointsBill) {
  return {
    bill_no: bill.bill_no,
    bill_amount: toWirePoints(bill.bill_amount),
    refunded: toWirePoints(bill.refunded_amount),
    points: toWirePoints(bill.points),
    reversed_points: toWirePoints(bill.reversed_points),
    status: bill.status,
    activates_at: bill.activates_at?.toISOString() ?? null,
    explain: (bill.reasons as Explanation[]).map(explanationToWire),
    created_at: toWireTime(bill.created_at.getTime()),
  };
}

export function checkInToWire({
  day,
  streak,
  multiplier,
  points,
  month_bonus,
  holiday_bonus,
}: PointsCheckIn) {
  return {
    date: day,
    streak,
    multiplier,
    points: toWirePoints(points),
    month_bonus: toWirePoints(month_bonus),
    holiday_bonus: toWirePoints(holiday_bonus),
  };
}

export function explanationToWire({ hundredths_before_caps, hundredths, ...told }: Explanation) {
  return {
    ...told,
    points_before_caps: toWirePoints(hundredths_before_caps),
    points: toWirePoints(hundredths),
  };
}
