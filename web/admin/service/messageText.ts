/** What a message says, as a line of text: of a card its prize, of the conversation itself what happened to it. */
import type { Message } from './wire.ts';

type Translate = (key: string, names?: Record<string, unknown>) => string;

const HAPPENED = new Set(['joined', 'transferred', 'queued', 'resolved', 'closed', 'reopened']);

/** Empty: there is nothing to show, as of what a later build writes of itself. */
export function messageText({ type, content, recalled_at }: Message, t: Translate): string {
  if (recalled_at !== null) return t('service.recalled');
  if (type === 'system') {
    const { event, what } = parse(content);
    return event === 'service' && HAPPENED.has(String(what)) ? t(`service.happened.${String(what)}`) : '';
  }
  if (type === 'image') return t('service.image');
  if (type !== 'card') return content;
  const { prize, campaign } = parse(content);
  if (typeof prize !== 'string') return t('service.card');
  return t('service.cardOf', { prize, campaign: typeof campaign === 'string' ? campaign : '' });
}

/** Whoever writes a message writes what they like. */
function parse(content: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(content);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
