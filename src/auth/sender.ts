import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { createAliyunSender } from './aliyunSender.ts';
import { maskMobile } from './mask.ts';

/** Carries a code to a phone. Rejects when the carrier did not take it. */
export interface CodeSender {
  /** @throws AppError RATE_LIMITED, BUSY */
  send(mobile: string, code: string): Promise<void>;
}

/** The sender that the settings name. */
export function createSender(
  { aliyunSms, production }: Pick<Config, 'aliyunSms' | 'production'>,
  logger: Logger,
): CodeSender {
  if (aliyunSms !== undefined) return createAliyunSender(aliyunSms, logger);
  if (production) logger.warn('SMS_SENDER=console: login codes are printed here and sent to nobody');
  return consoleSender;
}

/** For development: the code appears where the server was started. */
export const consoleSender: CodeSender = {
  send: async (mobile, code) => {
    process.stdout.write(`SMS to ${maskMobile(mobile)}: your code is ${code}\n`);
  },
};
