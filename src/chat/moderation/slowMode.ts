/** How fast the members of a conversation may speak (C-4). */
import type { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import type { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { AppError } from '../../platform/errors.ts';

/**
 * By what is stored of their last message, whoever owns the conversation. A clock that was set back makes nobody wait for longer
 * than once more.
 */
export function slowModeRefusal(
  { slow_mode_s: seconds }: Pick<ChatConversation, 'slow_mode_s'>,
  { sent_at: sentAt }: Pick<ChatMember, 'sent_at'>,
  nowMs: number,
): AppError | undefined {
  if (seconds === 0 || sentAt === null) return undefined;
  const passedMs = nowMs - sentAt.getTime();
  if (Math.abs(passedMs) >= seconds * 1000) return undefined;
  const retryAfterSeconds = Math.min(seconds, Math.ceil(seconds - passedMs / 1000));
  return new AppError('RATE_LIMITED', {
    retryAfterSeconds,
    details: { retry_after: retryAfterSeconds, slow_mode_s: seconds },
  });
}
