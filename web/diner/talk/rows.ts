/** What stands in a conversation, from its messages. */
import { businessDay } from '../../shared/dates.ts';
import type { Unsent } from './unsent.ts';
import type { MessageView } from './wire.ts';

export type Row =
  | { kind: 'time'; key: string; at: string; withDay: boolean }
  | { kind: 'new'; key: string }
  | { kind: 'line'; key: string; seq: number; lines: string[] }
  | { kind: 'message'; key: string; message: MessageView; isFirst: boolean; isMine: boolean }
  | { kind: 'unsent'; key: string; unsent: Unsent };

/** After such a silence the time is told. */
const SILENCE_MS = 5 * 60_000;

interface Given {
  messages: readonly MessageView[];
  unsent: readonly Unsent[];
  myId: number;
  /** The first message behind it is new. */
  newAfterSeq: number | undefined;
  linesOf(content: string): string[];
}

export function rowsOf({ messages, unsent, myId, newAfterSeq, linesOf }: Given): Row[] {
  const rows: Row[] = [];
  const today = businessDay(Date.now());
  let before: MessageView | undefined;
  let isNewShown = newAfterSeq === undefined;
  for (const message of messages) {
    const { seq, created_at: at, sender } = message;
    const isNew = !isNewShown && seq > newAfterSeq! && sender !== null && sender.user_id !== myId;
    if (isNew && before !== undefined) rows.push({ kind: 'new', key: `new${seq}` });
    isNewShown ||= isNew;
    const isLate = before === undefined || Date.parse(at) - Date.parse(before.created_at) > SILENCE_MS;
    if (isLate) rows.push({ kind: 'time', key: `time${seq}`, at, withDay: businessDay(at) !== today });
    if (message.type === 'system' || sender === null)
      rows.push({ kind: 'line', key: `s${seq}`, seq, lines: linesOf(message.content) });
    else {
      const isFirst = isLate || isNew || before?.sender?.user_id !== sender.user_id;
      const isMine = sender.user_id === myId;
      rows.push({ kind: 'message', key: `s${seq}`, message, isFirst, isMine });
    }
    before = message;
  }
  for (const one of unsent) rows.push({ kind: 'unsent', key: one.clientMsgId, unsent: one });
  return rows;
}
