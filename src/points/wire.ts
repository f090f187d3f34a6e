/** Accounts and ledger rows as clients see them. */
import type { z } from 'zod';
import { toWirePoints, toWireTime } from '../platform/shapes.ts';
import type { Account, PointsMovement } from './account.ts';
import type { PostedEntry } from './ledger.ts';
import type { accountShape, earnedShape, transactionShape } from './messages.ts';

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
