import type { NotificationKind } from '../../entities/notifications/Notification.ts';
import type { Language } from '../platform/errors.ts';

interface Template {
  kind: NotificationKind;
  /** Told whatever somebody has switched off (RC-11). */
  isSecurity?: true;
  zh: readonly [title: string, body: string];
  en: readonly [title: string, body: string];
}

/** By type. `{name}` is that field of the notification's data; a list is joined. */
export const TEMPLATES = {
  draw_won: {
    kind: 'lottery',
    zh: ['抽中奖品', '您抽中了：{prizes}'],
    en: ['You have won', 'You have won: {prizes}'],
  },
  prize_claimed: {
    kind: 'lottery',
    zh: ['奖品已领取', '您已领取一件奖品'],
    en: ['Prize claimed', 'You have claimed a prize'],
  },
  share: {
    kind: 'lottery',
    zh: ['分享好运', '您已领取奖品，快把这份好运分享给朋友'],
    en: ['Share your luck', 'You have claimed a prize: tell your friends'],
  },
  next: {
    kind: 'lottery',
    zh: ['下一场活动', '“{ended_name}”已经结束，下一场是“{name}”'],
    en: ['The next campaign', '“{ended_name}” is over, the next one is “{name}”'],
  },
  prize_shipped: {
    kind: 'lottery',
    zh: ['奖品已寄出', '您的奖品已寄出。{carrier} {tracking_no}'],
    en: ['Prize shipped', 'Your prize is on its way. {carrier} {tracking_no}'],
  },
  prize_redeemed: {
    kind: 'lottery',
    zh: ['奖品已兑换', '您的奖品已交付'],
    en: ['Prize redeemed', 'You were given your prize'],
  },
  prize_expired: {
    kind: 'lottery',
    zh: ['奖品已过期', '您有一件奖品未在期限内领取，已过期'],
    en: ['Prize expired', 'A prize was not claimed in time and has expired'],
  },
  draw_paid: {
    kind: 'points',
    zh: ['抽奖扣除积分', '抽奖 {draw_count} 次，使用 {amount} 积分'],
    en: ['Points spent on draws', '{draw_count} draws for {amount} points'],
  },
  earned: {
    kind: 'points',
    zh: ['积分到账', '获得 {amount} 积分，余额 {balance}'],
    en: ['Points earned', 'You have earned {amount} points, the balance is {balance}'],
  },
  consumed: {
    kind: 'points',
    zh: ['积分消费', '使用 {amount} 积分，余额 {balance}'],
    en: ['Points spent', 'You have spent {amount} points, the balance is {balance}'],
  },
  rolled_back: {
    kind: 'points',
    zh: ['积分更正', '积分变动 {amount}，余额 {balance}'],
    en: ['Points corrected', 'A change of {amount} points, the balance is {balance}'],
  },
  expired: {
    kind: 'points',
    zh: ['积分已过期', '{amount} 积分已过期'],
    en: ['Points expired', '{amount} points have expired'],
  },
  expiring: {
    kind: 'points',
    zh: ['积分即将过期', '{amount} 积分将于 {expires_at} 过期'],
    en: ['Points about to expire', '{amount} points expire at {expires_at}'],
  },
  transfer_sent: {
    kind: 'points',
    zh: ['积分已转出', '您转出了 {amount} 积分'],
    en: ['Points sent', 'You have sent {amount} points'],
  },
  transfer_received: {
    kind: 'points',
    zh: ['收到积分', '您收到了 {amount} 积分'],
    en: ['Points received', 'You have received {amount} points'],
  },
  transfer_review: {
    kind: 'points',
    zh: ['转赠待审核', '您转出 {amount} 积分的申请正在审核'],
    en: ['Transfer in review', 'Your transfer of {amount} points is in review'],
  },
  transfer_rejected: {
    kind: 'points',
    zh: ['转赠未通过', '您转出 {amount} 积分的申请未通过审核'],
    en: ['Transfer rejected', 'Your transfer of {amount} points was rejected'],
  },
  exchanged: {
    kind: 'points',
    zh: ['积分兑换成功', '使用 {amount} 积分兑换“{name}” {quantity} 件，余额 {balance}'],
    en: ['Points exchanged', '{quantity} × “{name}” for {amount} points, the balance is {balance}'],
  },
  item_sent: {
    kind: 'points',
    zh: ['物品已转赠', '您转赠了“{name}”'],
    en: ['Item given away', 'You have given “{name}” away'],
  },
  item_received: {
    kind: 'points',
    zh: ['收到物品', '您收到了“{name}”'],
    en: ['Item received', 'You were given “{name}”'],
  },
  item_redeemed: {
    kind: 'points',
    zh: ['物品已使用', '“{name}”已在门店使用'],
    en: ['Item used', '“{name}” was used at the counter'],
  },
  item_expired: {
    kind: 'points',
    zh: ['物品已过期', '“{name}”未在期限内使用，已过期'],
    en: ['Item expired', '“{name}” was not used in time and has expired'],
  },
  trade_bought: {
    kind: 'points',
    zh: ['交易已付款', '“{name}”以 {price} 积分成交，积分已冻结，待买家确认'],
    en: ['An offer was taken', '“{name}” for {price} points, which are frozen until the buyer settles'],
  },
  trade_settled: {
    kind: 'points',
    zh: ['交易已完成', '“{name}”的交易已完成，价格 {price}，手续费 {fee}'],
    en: ['A trade is settled', '“{name}” was sold for {price} points, with a fee of {fee}'],
  },
  trade_cancelled: {
    kind: 'points',
    zh: ['交易已取消', '“{name}”的交易已取消，物品与积分均已退回'],
    en: ['A trade was cancelled', '“{name}”: the item and the points are where they were'],
  },
  trade_expired: {
    kind: 'points',
    zh: ['交易已过期', '“{name}”的交易已过期，物品与积分均已退回'],
    en: ['A trade has expired', '“{name}”: the item and the points are where they were'],
  },
  trade_disputed: {
    kind: 'points',
    zh: ['交易有争议', '“{name}”的交易存在争议，等待处理'],
    en: ['A trade is disputed', '“{name}”: nothing moves until somebody has decided'],
  },
  bill_refunded: {
    kind: 'points',
    zh: ['账单已退款', '账单 {bill_no} 已退款，扣回 {points} 积分'],
    en: ['Bill refunded', 'The bill {bill_no} was refunded, {points} points were taken back'],
  },
  level_up: {
    kind: 'points',
    zh: ['等级提升', '您已升至 {level} 级'],
    en: ['Level up', 'You have reached level {level}'],
  },
  announcement: { kind: 'system', zh: ['公告', ''], en: ['Announcement', ''] },
  maintenance: { kind: 'system', zh: ['系统维护', ''], en: ['Maintenance', ''] },
  security: { kind: 'system', isSecurity: true, zh: ['安全提醒', ''], en: ['Security notice', ''] },
  version: { kind: 'system', zh: ['版本更新', ''], en: ['New version', ''] },
  offer: { kind: 'activity', zh: ['优惠活动', ''], en: ['Offer', ''] },
  campaign_launched: {
    kind: 'activity',
    zh: ['活动开始', '“{name}”已经开始'],
    en: ['A campaign has begun', '“{name}” has begun'],
  },
  campaign_starting: {
    kind: 'activity',
    zh: ['活动即将开始', '“{name}”将于 {starts_at} 开始'],
    en: ['A campaign begins soon', '“{name}” begins at {starts_at}'],
  },
  campaign_ending: {
    kind: 'activity',
    zh: ['活动即将结束', '“{name}”将于 {ends_at} 结束'],
    en: ['A campaign ends soon', '“{name}” ends at {ends_at}'],
  },
  claim_ending: {
    kind: 'lottery',
    zh: ['奖品即将过期', '“{name}”须在 {expires_at} 之前领取'],
    en: ['Claim your prize', 'Claim “{name}” before {expires_at}'],
  },
  approval_requested: {
    kind: 'system',
    zh: ['有申请待审核', '申请 {approval_id}（{kind}）等待审核'],
    en: ['A request waits for review', 'Request {approval_id} ({kind}) waits for a decision'],
  },
  approval_decided: {
    kind: 'system',
    zh: ['申请已有结果', '申请 {approval_id} 的结果：{status}'],
    en: ['A request was decided', 'Request {approval_id}: {status}'],
  },
  review_overdue: {
    kind: 'system',
    zh: ['审核已超时', '审核 {review_id} 未在规定时间内处理'],
    en: ['A review is overdue', 'Review {review_id} was not decided in time'],
  },
  claim_approved: {
    kind: 'points',
    zh: ['消费审核已通过', '账单 {bill_no} 审核通过，获得 {points} 积分'],
    en: ['Your bill was accepted', 'Bill {bill_no} was accepted and earns {points} points'],
  },
  claim_rejected: {
    kind: 'points',
    zh: ['消费审核未通过', '原因：{reason}'],
    en: ['Your bill was not accepted', 'Reason: {reason}'],
  },
  report_upheld: {
    kind: 'system',
    zh: ['举报已处理', '您举报的内容违反规定，已作处理'],
    en: ['Your report was upheld', 'What you have reported is against the rules; it was acted upon'],
  },
  report_dismissed: {
    kind: 'system',
    zh: ['举报已处理', '您举报的内容未违反规定'],
    en: ['Your report was looked at', 'What you have reported is not against the rules'],
  },
  stock_low: {
    kind: 'system',
    zh: ['奖品库存不足', '“{prize}”剩余 {remaining}，共 {total}'],
    en: ['A prize runs low', '“{prize}”: {remaining} of {total} are left'],
  },
  sms_cap_reached: {
    kind: 'system',
    zh: ['短信已达上限', '本小时已发送 {codes_per_hour} 条验证码，不再发送'],
    en: ['Text messages are used up', '{codes_per_hour} codes were sent; no more are in this hour'],
  },
  holidays_missing: {
    kind: 'system',
    zh: ['缺少节假日', '{year} 年的节假日尚未录入'],
    en: ['Holidays are missing', 'The days off of {year} are not known'],
  },
  webhook_disabled: {
    kind: 'system',
    zh: ['Webhook 已停用', 'Webhook {webhook_id} 已停用：{reason}'],
    en: ['A webhook is disabled', 'Webhook {webhook_id} is disabled: {reason}'],
  },
  report_daily: {
    kind: 'system',
    zh: [
      '昨日日报',
      '{day}：到店与活跃 {diners} 人（平时 {diners_usual}），抽奖 {draws} 次（平时 {draws_usual}），发放 {points_issued} 积分，使用 {points_spent} 积分，核销 {items_redeemed} 件',
    ],
    en: [
      'Yesterday',
      '{day}: {diners} active diners (usually {diners_usual}), {draws} draws (usually {draws_usual}), {points_issued} points issued, {points_spent} spent, {items_redeemed} items redeemed',
    ],
  },
  report_weekly: {
    kind: 'system',
    zh: [
      '上周周报',
      '{day} 至 {last_day}：抽奖 {draws} 次（平时 {draws_usual}），发放 {points_issued} 积分，使用 {points_spent} 积分，核销 {items_redeemed} 件',
    ],
    en: [
      'Last week',
      '{day} to {last_day}: {draws} draws (usually {draws_usual}), {points_issued} points issued, {points_spent} spent, {items_redeemed} items redeemed',
    ],
  },
  login_flagged: {
    kind: 'system',
    isSecurity: true,
    zh: ['异常登录提醒', '您的账号有一次异常登录。若非本人操作，请退出所有设备'],
    en: [
      'Unusual login',
      'There was an unusual login to your account. If it was not you, log out all devices',
    ],
  },
  merge_requested: {
    kind: 'system',
    isSecurity: true,
    zh: ['账号合并待确认', '客服申请把您的两个账号合并为一个。请核对后确认；若非本人要求，请拒绝'],
    en: [
      'Confirm a merge of accounts',
      'Your account is to be merged with another one. Confirm it if both are yours, or decline it',
    ],
  },
  merge_ended: {
    kind: 'system',
    isSecurity: true,
    zh: ['账号未合并', '账号合并申请已结束，两个账号均无变化'],
    en: ['Accounts were not merged', 'A merge of accounts is off, and both are as they were'],
  },
  merged: {
    kind: 'system',
    isSecurity: true,
    zh: ['账号已合并', '原账号的 {points} 积分和 {items} 件物品已转入本账号'],
    en: ['Accounts are merged', '{points} points and {items} items of the other account are here now'],
  },
  token_reused: {
    kind: 'system',
    isSecurity: true,
    zh: ['登录已被终止', '登录凭证被重复使用，该登录已被终止'],
    en: ['A login was ended', 'A refresh token was used twice, and its login was ended'],
  },
} as const satisfies Record<string, Template>;

export type NoticeType = keyof typeof TEMPLATES;

export function templateOf(type: NoticeType): Template {
  return TEMPLATES[type];
}

/** Whether this build has the texts of a type, which a later one may have written. */
export function isNoticeType(type: string): type is NoticeType {
  return Object.hasOwn(TEMPLATES, type);
}

/** Of a type that a later build has written there is no text. */
export function textOf(
  { type, data }: { type: string; data: Record<string, unknown> },
  language: Language,
): { title: string; body: string } {
  if (!isNoticeType(type)) return { title: type, body: '' };
  const template = templateOf(type);
  const [title, body] = language === 'en' ? template.en : template.zh;
  const and = language === 'en' ? ', ' : '、';
  const filled = body.replace(/\{(\w+)\}/g, (_, name: string) => wordsOf(data[name], and));
  return { title, body: filled.trimEnd() };
}

function wordsOf(value: unknown, and: string): string {
  if (Array.isArray(value)) return value.map((one) => wordsOf(one, and)).join(and);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
