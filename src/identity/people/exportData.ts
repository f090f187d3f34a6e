import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { exportInteractions } from '../../analytics/interactions/exportInteractions.ts';
import { exportBehaviors } from '../../analytics/behaviors/personalBehaviors.ts';
import { exportActivity } from '../../analytics/personalProfile.ts';
import { exportSubscription } from '../../reports/subscriptions.ts';
import { exportClaims } from '../../reviews/claims/personalClaims.ts';
import { exportFeedback } from '../../smart/personalFeedback.ts';
import { exportChats } from '../../chat/personalChats.ts';
import { exportImages } from '../../images/personalImages.ts';
import { exportDraws } from '../../lottery/exportDraws.ts';
import { readPersonalLists } from '../../lottery/personalLists.ts';
import { exportMerges } from '../../merges/views.ts';
import { exportNotifications } from '../../notifications/personalNotifications.ts';
import { exportPoints } from '../../points/exportPoints.ts';
import { exportTrades } from '../../trades/personalTrades.ts';
import { newest, toWireTime } from '../../platform/shapes.ts';
import { externalIdOf } from '../imports/importedMembers.ts';
import type { PersonalData } from './personalData.ts';
import { readDevices, readLoginLog, readLogins } from './personalStore.ts';
import { findListing } from './userStore.ts';

/** The newest of each list: one answer has to carry them all. */
const ROWS_PER_LIST = 10_000;

export interface ExportServices {
  database: Database;
  clock: Clock;
}

/** Everything that is held on a user, for themself: the mobile is in full. */
export async function exportData(
  { database, clock }: ExportServices,
  userId: number,
  rowsPerList = ROWS_PER_LIST,
): Promise<PersonalData> {
  const more = rowsPerList + 1;
  const user = await findListing(database, userId);
  if (user === undefined) throw new AppError('UNAUTHENTICATED');
  const [
    points,
    claims,
    draws,
    trades,
    lists,
    chats,
    notifications,
    activity,
    behaviors,
    interactions,
    feedback,
    images,
    merges,
    reports,
    ...logins
  ] = await Promise.all([
    exportPoints(database, userId, rowsPerList),
    exportClaims(database, userId, rowsPerList),
    exportDraws(database, userId, rowsPerList),
    exportTrades(database, userId, rowsPerList),
    readPersonalLists(database, userId),
    exportChats(database, userId, rowsPerList),
    exportNotifications(database, userId, rowsPerList),
    exportActivity(database, userId),
    exportBehaviors(database, userId, rowsPerList),
    exportInteractions(database, userId, rowsPerList),
    exportFeedback(database, userId, rowsPerList),
    exportImages(database, userId, rowsPerList),
    exportMerges(database, userId, rowsPerList),
    exportSubscription(database, userId),
    readLogins(database, userId, more),
    readDevices(database, userId, more),
    readLoginLog(database, userId, more),
  ]);
  const [sessions, devices, loginLog] = logins;
  const external_id = await externalIdOf(database.currentReader, userId);
  return {
    exported_at: toWireTime(clock.nowMs()),
    profile: {
      user_id: userId,
      mobile: user.mobile,
      nickname: user.nickname,
      avatar_url: user.avatarUrl,
      birthday: user.birthday,
      role: user.role,
      status: user.status,
      login_count: user.loginCount,
      last_login_at: user.lastLoginMs === null ? null : toWireTime(user.lastLoginMs),
      registered_at: toWireTime(user.registeredMs),
      external_id,
    },
    ...points,
    ...claims,
    ...draws,
    ...trades,
    ...lists,
    ...chats,
    ...notifications,
    ...activity,
    ...behaviors,
    ...interactions,
    ...feedback,
    ...images,
    ...merges,
    ...reports,
    sessions: newest(sessions, rowsPerList),
    devices: newest(devices, rowsPerList),
    login_log: newest(loginLog, rowsPerList),
  };
}
