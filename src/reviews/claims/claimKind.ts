/** What is decided of a claim: approved, it is a bill that was paid now, by the rules that hold now (P-9, RP-4). */
import { SpendClaim } from '../../../entities/reviews/SpendClaim.ts';
import { isActive } from '../../identity/people/isActive.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { toWirePoints } from '../../platform/shapes.ts';
import { payBill } from '../../points/bills/bills.ts';
import { lockAccounts } from '../../points/ledger.ts';
import { billPolicyOf, type PointsSettings } from '../../points/settings.ts';
import type { ReviewKind } from '../kinds.ts';
import { decideReview, type OwnVerbs } from '../reviews.ts';
import { findClaims, findEarlier } from './claims.ts';
import { earlierOf, flagsOf } from './usedBefore.ts';
import { claimToWire } from './messages.ts';

export interface ClaimKindServices {
  database: Database;
  clock: Clock;
  config: PointsSettings;
}

export function claimKind({ database, clock, config }: ClaimKindServices): ReviewKind {
  const verbs = claimVerbs(config);
  return {
    ...{ reads: 'reviews:decide', decides: 'reviews:decide', hasBeneficiary: true },
    decide: (review, decision) =>
      database.retryingTransaction((tx) => decideReview(tx, review, decision, verbs, clock.nowMs())),
    async show(manager, ids) {
      const read = await findClaims(manager, ids);
      const claims = read.map(({ claim }) => claim);
      const [flags, earlier] = await Promise.all([flagsOf(manager, claims), earlierOf(manager, claims)]);
      return new Map(
        read.map((one) => {
          const { claim_id: id } = one.claim;
          const subject = { ...claimToWire(one), earlier: (earlier.get(id) ?? []).map(claimToWire) };
          return [id, { subject, flags: flags.get(id) ?? [] }];
        }),
      );
    },
  };
}

function claimVerbs(config: PointsSettings): OwnVerbs {
  return {
    async hold(tx, { beneficiary_id: userId }) {
      if (userId !== null) await lockAccounts(tx, [userId]);
    },
    async approve(tx, { subject_id: claimId }, { userId: payeeId }, nowMs) {
      const claim = await tx.manager.findOneByOrFail(SpendClaim, { claim_id: claimId });
      const { user_id: userId, restaurant_id: restaurantId, bill_no: billNo, amount: billAmount } = claim;
      await refuseUnpayable(tx, claim);
      const payment = { payeeId, restaurantId, userId, billNo, billAmount };
      const { bill, isKnown } = await payBill(tx, payment, billPolicyOf(config), nowMs);
      if (isKnown) throw conflict('the bill has its points');
      await tx.manager.update(SpendClaim, { claim_id: claimId }, { bill_id: bill.bill_id });
      return { bill_no: billNo, points: toWirePoints(bill.points) };
    },
  };
}

/** @throws AppError CONFLICT */
async function refuseUnpayable(tx: Tx, claim: SpendClaim): Promise<void> {
  if (!(await isActive(tx, claim.user_id))) throw conflict('the applicant is not there any more');
  const earlier = await findEarlier(tx, claim);
  if (earlier !== undefined) throw conflict('there is an earlier claim of the bill', { claim_id: earlier });
}

function conflict(reason: string, facts: object = {}): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
