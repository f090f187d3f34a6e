/** What clients are told: the wire contract's error table and the one error class that carries its codes. */

import Negotiator from 'negotiator';
import { isTrouble } from './trouble.ts';

export type Language = 'zh-CN' | 'en';

/** code → [HTTP status, zh-CN text, English text]. Codes are never reused for another meaning. */
export const ERRORS = {
  VALIDATION_FAILED: [400, '请求参数不正确', 'The request is not valid'],
  IDEMPOTENCY_KEY_REQUIRED: [400, '缺少幂等键', 'An Idempotency-Key is required'],
  UNAUTHENTICATED: [401, '请先登录', 'Please log in'],
  TOKEN_EXPIRED: [401, '登录已过期', 'The access token has expired'],
  TOKEN_REVOKED: [401, '登录已失效', 'The access token has been revoked'],
  CODE_INVALID: [401, '验证码不正确', 'The verification code is wrong'],
  CODE_EXPIRED: [401, '验证码已过期', 'The verification code has expired'],
  FORBIDDEN: [403, '没有权限', 'You are not allowed to do this'],
  IP_NOT_ALLOWED: [403, '当前网络不允许访问', 'This network address is not allowed'],
  DEVICE_LIMIT_REACHED: [
    403,
    '此设备登录的账号过多，请换一台设备',
    'Too many accounts have logged in on this device, please use another one',
  ],
  ACCOUNT_DISABLED: [403, '账号已停用', 'The account is disabled'],
  NOT_ELIGIBLE: [403, '不符合参与条件', 'You do not meet the conditions to take part'],
  NOT_FOUND: [404, '没有找到', 'Not found'],
  CONFLICT: [409, '与当前状态冲突', 'This conflicts with the present state'],
  IDEMPOTENCY_KEY_REUSED: [409, '幂等键已用于其他请求', 'The idempotency key was used for another request'],
  POINTS_INSUFFICIENT: [409, '积分不足', 'Not enough points'],
  CAMPAIGN_NOT_ACTIVE: [409, '活动未在进行中', 'The campaign is not active'],
  DRAW_LIMIT_REACHED: [409, '抽奖次数已用完', 'The draw limit has been reached'],
  PRIZE_ALREADY_CLAIMED: [409, '奖品已领取', 'The prize has already been claimed'],
  PRIZE_EXPIRED: [409, '奖品已过期', 'The prize has expired'],
  PAYLOAD_TOO_LARGE: [413, '请求内容过大', 'The request is too large'],
  RATE_LIMITED: [429, '操作太频繁，请稍后再试', 'Too many requests, please slow down'],
  INTERNAL: [500, '服务器内部错误', 'Internal server error'],
  BUSY: [503, '系统繁忙，请稍后重试', 'The service is busy, please try again'],
  MOVED: [503, '服务正在切换，请重试', 'The campaign is moving to another node, please try again'],
} as const satisfies Record<string, readonly [status: number, zh: string, en: string]>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorExtras {
  /** Public, machine-readable; for VALIDATION_FAILED a list of {path, message}. */
  details?: unknown;
  /** Seconds after which the same request may be sent again. */
  retryAfterSeconds?: number;
  /** Logged, never sent. */
  cause?: unknown;
}

export interface PublicError {
  code: ErrorCode;
  message: string;
  details?: unknown;
  retry_after?: number;
}

/** A refusal or failure with a code of the table. Everything public about it comes from the table and `details`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    extras: ErrorExtras = {},
  ) {
    super(`${code}: ${ERRORS[code][2]}`, { cause: extras.cause });
    this.details = extras.details;
    this.retryAfterSeconds = extras.retryAfterSeconds ?? (ERRORS[code][0] === 503 ? 1 : undefined);
  }

  get status(): number {
    return ERRORS[this.code][0];
  }

  toPublic(language: Language): PublicError {
    const shown: PublicError = { code: this.code, message: messageOf(this.code, language) };
    if (this.details !== undefined) shown.details = this.details;
    if (this.retryAfterSeconds !== undefined) shown.retry_after = this.retryAfterSeconds;
    return shown;
  }
}

export function messageOf(code: ErrorCode, language: Language): string {
  return ERRORS[code][language === 'en' ? 2 : 1];
}

/**
 * Anything thrown, as an AppError with the original as its cause: trouble of the infrastructure is BUSY, so that the same
 * request is sent again, and anything else INTERNAL.
 */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(isTrouble(thrown) ? 'BUSY' : 'INTERNAL', { cause: thrown });
}

/** For what another process hears of by its message alone, which begins with the code. */
export function throwPublic(thrown: unknown): never {
  throw asAppError(thrown);
}

/** The language of ours that an Accept-Language header likes best; zh-CN when there is none. */
export function languageOf(acceptLanguage: string | undefined | null): Language {
  const headers = { 'accept-language': acceptLanguage ?? undefined };
  const best = new Negotiator({ headers }).language(['zh-CN', 'zh', 'en']);
  return best === 'en' ? 'en' : 'zh-CN';
}
