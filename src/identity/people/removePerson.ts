import { forgetInteractions } from '../../analytics/interactions/personalInteractions.ts';
import { forgetProfile } from '../../analytics/profiles.ts';
import { leaveConversations } from '../../chat/personalChats.ts';
import { forgetImages } from '../../images/uses.ts';
import { forgetOwner } from '../../inventory/personalItems.ts';
import { leaveLists } from '../../lottery/personalLists.ts';
import { forgetNotifications } from '../../notifications/inbox.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { leaveReports } from '../../reports/subscriptions.ts';
import { forgetFeedback } from '../../smart/feedback.ts';
import { leaveTrades } from '../../trades/personalTrades.ts';
import { recordAccessChanges } from '../access/accessFeed.ts';
import { revokeLogins } from '../session/logins.ts';
import {
  anonymiseUser,
  blankLoginLog,
  closeSessions,
  deleteDevices,
  deletePermissions,
} from './personalStore.ts';

const NICKNAME = '已注销';

/**
 * Takes a person out of every row of an account, and ends its logins; the number is free again. The caller has locked the list of
 * changes of access and the user, and has deleted lock and codes of the number before.
 */
export async function removePerson(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await anonymiseUser(tx, { userId, nickname: NICKNAME }, nowMs);
  await revokeLogins(tx, { userId }, 'closed', nowMs);
  await closeSessions(tx, userId, nowMs);
  await recordAccessChanges(tx, [{ kind: 'person', subjectId: userId }], nowMs);
  await blankLoginLog(tx, userId);
  await deleteDevices(tx, userId);
  await deletePermissions(tx, userId);
  await forgetOwner(tx, userId);
  await leaveTrades(tx, userId, nowMs);
  await leaveLists(tx, userId);
  await leaveConversations(tx, userId, nowMs);
  await forgetNotifications(tx, userId);
  await forgetProfile(tx, userId, nowMs);
  await forgetInteractions(tx, userId);
  await forgetFeedback(tx, userId);
  await forgetImages(tx, userId, nowMs);
  await leaveReports(tx, userId);
}
