import type { PlatformConfig } from '../../platform/settings/platformSettings.ts';
import type { Logger } from '../../platform/logger.ts';
import { createAliyunSender } from './aliyunSender.ts';
import type { CodeSender } from './codeSender.ts';
import { maskMobile } from './mask.ts';
import type { SenderConfig } from './senderSettings.ts';

/** The sender that the settings name. */
export function createSender(
  { aliyunSms, production }: SenderConfig & Pick<PlatformConfig, 'production'>,
  logger: Logger,
): CodeSender {
  if (aliyunSms !== undefined) return createAliyunSender(aliyunSms, logger);
  if (!production) return consoleSender(String);
  logger.warn('SMS_SENDER=console: login codes are printed here and sent to nobody');
  // A line of the log in form only: the logger would take the code out.
  return consoleSender((msg) => JSON.stringify({ level: 30, time: Date.now(), msg }));
}

/** For development and trials: the code appears where the server was started. */
function consoleSender(lineOf: (text: string) => string): CodeSender {
  return {
    send: async (mobile, code) => {
      process.stdout.write(`${lineOf(`SMS to ${maskMobile(mobile)}: your code is ${code}`)}\n`);
    },
  };
}
