import { SmartFeedback } from './smart/SmartFeedback.ts';
import { SmartModel } from './smart/SmartModel.ts';
import { SmartModelPart } from './smart/SmartModelPart.ts';
import { SmartServed } from './smart/SmartServed.ts';
import { AnalyticsBehavior } from './analytics/AnalyticsBehavior.ts';
import { AnalyticsFold } from './analytics/AnalyticsFold.ts';
import { AnalyticsFunnel } from './analytics/AnalyticsFunnel.ts';
import { AnalyticsInteraction } from './analytics/AnalyticsInteraction.ts';
import { AnalyticsRealtimeStat } from './analytics/AnalyticsRealtimeStat.ts';
import { AnalyticsSegment } from './analytics/AnalyticsSegment.ts';
import { AnalyticsUserDay } from './analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from './analytics/AnalyticsUserProfile.ts';
import { Approval } from './approvals/Approval.ts';
import { AccountMerge } from './merges/AccountMerge.ts';
import { AccessChange } from './identity/AccessChange.ts';
import { AccessVersion } from './identity/AccessVersion.ts';
import { AdminAuditLog } from './admin/AdminAuditLog.ts';
import { AdminStatus } from './chat/AdminStatus.ts';
import { ApiKey } from './identity/ApiKey.ts';
import { AwaitedType } from './platform/AwaitedType.ts';
import { BusinessConfig } from './configuration/BusinessConfig.ts';
import { BusinessEvent } from './platform/BusinessEvent.ts';
import { ChatBlock } from './chat/ChatBlock.ts';
import { ChatConversation } from './chat/ChatConversation.ts';
import { ChatGram, ChatGramCursor } from './chat/ChatGram.ts';
import { ChatMember } from './chat/ChatMember.ts';
import { ChatMessage } from './chat/ChatMessage.ts';
import { ChatReport } from './chat/ChatReport.ts';
import { ChatRestriction } from './chat/ChatRestriction.ts';
import { CustomerSession } from './identity/CustomerSession.ts';
import { EventStreamHead } from './platform/EventStreamHead.ts';
import { Review } from './reviews/Review.ts';
import { SpendClaim } from './reviews/SpendClaim.ts';
import { StreamedEvent } from './platform/StreamedEvent.ts';
import { EventHandling } from './platform/EventHandling.ts';
import { FinishedWork } from './platform/FinishedWork.ts';
import { HolidayAlarm } from './points/HolidayAlarm.ts';
import { HolidayDay } from './points/HolidayDay.ts';
import { IdempotencyRecord } from './platform/IdempotencyRecord.ts';
import { ImageResource, ImageSweep, ImageUse } from './images/ImageResource.ts';
import { InventoryCode } from './inventory/InventoryCode.ts';
import { InventoryDelivery } from './inventory/InventoryDelivery.ts';
import { ImportedMember } from './identity/ImportedMember.ts';
import { IpAllowEntry } from './identity/IpAllowEntry.ts';
import { MemberImport } from './identity/MemberImport.ts';
import { MemberImportProblem } from './identity/MemberImportProblem.ts';
import { MemberImportRow } from './identity/MemberImportRow.ts';
import { LoginLock } from './identity/LoginLock.ts';
import { LoginLog } from './identity/LoginLog.ts';
import { BlacklistedDiner } from './lottery/BlacklistedDiner.ts';
import { LotteryCampaign } from './lottery/LotteryCampaign.ts';
import { LotteryCampaignFigures } from './lottery/LotteryCampaignFigures.ts';
import { LotteryCoupon } from './lottery/LotteryCoupon.ts';
import { LotteryCampaignVisitor } from './lottery/LotteryCampaignVisitor.ts';
import { LotteryDayDrawn } from './lottery/LotteryDayDrawn.ts';
import { LotteryDraw } from './lottery/LotteryDraw.ts';
import { LotteryDrawPack } from './lottery/LotteryDrawPack.ts';
import { LotteryDrawRequest } from './lottery/LotteryDrawRequest.ts';
import { LotteryFairnessEntry } from './lottery/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from './lottery/LotteryFairnessEpoch.ts';
import { LotteryPackedDiner } from './lottery/LotteryPackedDiner.ts';
import { LotteryPeriod } from './lottery/LotteryPeriod.ts';
import { LotteryPeriodPrize } from './lottery/LotteryPeriodPrize.ts';
import { LotteryPrize } from './lottery/LotteryPrize.ts';
import { LotteryStatisticsCursor } from './lottery/LotteryStatisticsCursor.ts';
import { LotterySimulation } from './lottery/LotterySimulation.ts';
import { LotteryUserCounter } from './lottery/LotteryUserCounter.ts';
import { UserSegment } from './lottery/UserSegment.ts';
import { Notification } from './notifications/Notification.ts';
import { NotificationBroadcast } from './notifications/NotificationBroadcast.ts';
import { NotificationInbox } from './notifications/NotificationInbox.ts';
import { NotificationPreference } from './notifications/NotificationPreference.ts';
import { NotificationRecipient } from './notifications/NotificationRecipient.ts';
import { NotificationReminder } from './notifications/NotificationReminder.ts';
import { PointsBill } from './points/PointsBill.ts';
import { PointsBillGrant } from './points/PointsBillGrant.ts';
import { PointsBillRefund } from './points/PointsBillRefund.ts';
import { PointsCheckIn } from './points/PointsCheckIn.ts';
import { PointsExperience } from './points/PointsExperience.ts';
import { PointsGift } from './points/PointsGift.ts';
import { PointsLevelReached } from './points/PointsLevelReached.ts';
import { PointsRule } from './points/PointsRule.ts';
import { PointsRuleUse } from './points/PointsRuleUse.ts';
import { PointsRuleVersion } from './points/PointsRuleVersion.ts';
import { PointsTaskClaim } from './points/PointsTaskClaim.ts';
import { PointsDaily } from './points/PointsDaily.ts';
import { PointsEarned } from './points/PointsEarned.ts';
import { PointsHold } from './points/PointsHold.ts';
import { PointsLot } from './points/PointsLot.ts';
import { PointsLotUse } from './points/PointsLotUse.ts';
import { PointsReminder } from './points/PointsReminder.ts';
import { PointsReversal } from './points/PointsReversal.ts';
import { PointsTransfer } from './points/PointsTransfer.ts';
import { PointsTransaction } from './points/PointsTransaction.ts';
import { Product } from './products/Product.ts';
import { ProductExchange } from './products/ProductExchange.ts';
import { ReadinessProbe } from './platform/ReadinessProbe.ts';
import { RedemptionLock } from './inventory/RedemptionLock.ts';
import { RestaurantStaff } from './inventory/RestaurantStaff.ts';
import { RolePermission } from './identity/RolePermission.ts';
import { Restaurant } from './restaurants/Restaurant.ts';
import { ReplicaBeat } from './platform/ReplicaBeat.ts';
import { RoomOwner } from './platform/RoomOwner.ts';
import { RotatedRefreshToken } from './identity/RotatedRefreshToken.ts';
import { ServiceSession } from './chat/ServiceSession.ts';
import { TradeRecord } from './trades/TradeRecord.ts';
import { SmartInsight } from './smart/SmartInsight.ts';
import { SmartInsightLook } from './smart/SmartInsightLook.ts';
import { User } from './identity/User.ts';
import { UserDevice } from './identity/UserDevice.ts';
import { UserInventory } from './inventory/UserInventory.ts';
import { UserPermission } from './identity/UserPermission.ts';
import { UserPointsAccount } from './points/UserPointsAccount.ts';
import { VerificationCode } from './identity/VerificationCode.ts';
import { Webhook } from './webhooks/Webhook.ts';
import { WebhookDelivery } from './webhooks/WebhookDelivery.ts';
import { WordList } from './words/WordList.ts';
import { WordListPart } from './words/WordListPart.ts';
import { PointsDay } from './points/PointsDay.ts';
import { PointsDayCursor } from './points/PointsDayCursor.ts';
import { ReportCount } from './reports/ReportCount.ts';
import { ReportDay } from './reports/ReportDay.ts';
import { ReportDiner } from './reports/ReportDiner.ts';
import { ReportSubscription } from './reports/ReportSubscription.ts';

/** Every table, as the data source takes them. */
export const ENTITIES = [
  AnalyticsBehavior,
  AnalyticsFold,
  AnalyticsFunnel,
  AnalyticsInteraction,
  SmartFeedback,
  SmartModel,
  SmartModelPart,
  SmartServed,
  AnalyticsRealtimeStat,
  AnalyticsSegment,
  AnalyticsUserDay,
  AnalyticsUserProfile,
  Approval,
  AccessChange,
  AccessVersion,
  AdminAuditLog,
  AdminStatus,
  ApiKey,
  AwaitedType,
  BusinessConfig,
  BusinessEvent,
  ChatBlock,
  ChatConversation,
  ChatGram,
  ChatGramCursor,
  ChatMember,
  ChatMessage,
  ChatReport,
  ChatRestriction,
  CustomerSession,
  EventHandling,
  EventStreamHead,
  Review,
  SpendClaim,
  StreamedEvent,
  FinishedWork,
  HolidayAlarm,
  HolidayDay,
  IdempotencyRecord,
  ImageResource,
  ImageSweep,
  ImageUse,
  InventoryCode,
  InventoryDelivery,
  ImportedMember,
  IpAllowEntry,
  MemberImport,
  MemberImportProblem,
  MemberImportRow,
  LoginLock,
  LoginLog,
  BlacklistedDiner,
  LotteryCampaign,
  LotteryCampaignFigures,
  LotteryCoupon,
  LotteryCampaignVisitor,
  LotteryDayDrawn,
  LotteryDraw,
  LotteryDrawPack,
  LotteryDrawRequest,
  LotteryFairnessEntry,
  LotteryFairnessEpoch,
  LotteryPackedDiner,
  LotteryPeriod,
  LotteryPeriodPrize,
  LotteryPrize,
  LotteryStatisticsCursor,
  LotterySimulation,
  LotteryUserCounter,
  UserSegment,
  Notification,
  NotificationBroadcast,
  NotificationInbox,
  NotificationPreference,
  NotificationRecipient,
  NotificationReminder,
  PointsBill,
  PointsBillGrant,
  PointsBillRefund,
  PointsCheckIn,
  PointsExperience,
  PointsGift,
  PointsLevelReached,
  PointsRule,
  PointsRuleUse,
  PointsRuleVersion,
  PointsTaskClaim,
  PointsDaily,
  PointsDay,
  PointsDayCursor,
  PointsEarned,
  PointsHold,
  PointsLot,
  PointsLotUse,
  PointsReminder,
  PointsReversal,
  PointsTransfer,
  PointsTransaction,
  Product,
  ProductExchange,
  ReadinessProbe,
  RedemptionLock,
  ReportCount,
  ReportDay,
  ReportDiner,
  ReportSubscription,
  RestaurantStaff,
  RolePermission,
  Restaurant,
  ReplicaBeat,
  RoomOwner,
  RotatedRefreshToken,
  ServiceSession,
  SmartInsight,
  SmartInsightLook,
  TradeRecord,
  AccountMerge,
  User,
  UserDevice,
  UserInventory,
  UserPermission,
  UserPointsAccount,
  VerificationCode,
  Webhook,
  WebhookDelivery,
  WordList,
  WordListPart,
];
