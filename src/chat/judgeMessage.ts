import type { JudgedBy, Words } from '../words/words.ts';
import type { SentMessage } from './messages.ts';

/** What people read of a message; undefined of a picture, which has no words. */
export function judgeMessage(
  words: Pick<Words, 'judge'>,
  { type, content }: Pick<SentMessage, 'type' | 'content'>,
): JudgedBy | undefined {
  if (type === 'image') return undefined;
  return type === 'card' ? judgeCard(words, content) : words.judge(content);
}

/** The texts of a card that is JSON are judged each for itself, as they are read: no escape hides any, and it stays JSON. */
function judgeCard(words: Pick<Words, 'judge'>, content: string): JudgedBy {
  let isRefused = false;
  let isMasked = false;
  const judgeText = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    const judged = words.judge(value);
    isRefused ||= judged.isRefused;
    isMasked ||= judged.text !== value;
    return judged.text;
  };
  let card: unknown;
  try {
    card = JSON.parse(content, judgeText);
  } catch {
    return words.judge(content);
  }
  const { version } = words.judge('');
  return { text: isMasked ? JSON.stringify(card) : content, isRefused, version };
}
