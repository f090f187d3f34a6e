import type { MessageView } from './messages.ts';

/** What a change of a conversation has brought about, to be told once it is committed. */
export interface Changed {
  /** Who is in it no more. */
  left?: readonly number[];
  /** What the conversation says of it; absent: nothing has changed that it speaks of. */
  told?: MessageView;
  /** A message that says nothing any more. */
  recalledId?: number;
}
