import type { Plant } from '../plant.ts';

export const TALK_STEPS = 600;

/** Faults of what is said in conversations, and of what people are told. */
export const TALK_PLANTS: readonly Plant[] = [
  {
    name: 'C-2 an owner that was fenced off stores nothing',
    fault: 'a batch of messages does not look at the epoch',
    edits: [
      {
        file: 'src/chat/commitItems.ts',
        find: '  await checkRoom(tx, roomId, epoch);\n',
        put: '  void [checkRoom, roomId, epoch];\n',
      },
    ],
    of: 'talk',
    run: { seed: 2, steps: TALK_STEPS },
    violation: /^C-2 node \d+ of epoch \S+ committed in epoch/,
  },
  {
    name: 'C-2 nothing is told before it is stored',
    fault: 'the room is told within the transaction',
    edits: [
      {
        file: 'src/chat/conversation.ts',
        find: 'commitItems(tx, { roomId, epoch, conversationId, items, nowMs }),',
        put: `commitItems(tx, { roomId, epoch, conversationId, items, nowMs }).then((batch) => {
          this.tell(items, batch.outcomes.map((one) => (one.ok && one.result.isNew ? one.result : undefined)));
          return batch;
        }),`,
      },
    ],
    of: 'talk',
    run: { seed: 1, steps: TALK_STEPS },
    violation: /^C-2 node \d+ tells of \d+/,
  },
  {
    name: 'RC-15 what is sent again is what is stored',
    fault: 'a message is not looked up by its name, and no index keeps it single',
    edits: [
      {
        file: 'src/chat/commitItems.ts',
        find: '    if (known !== undefined) return { isNew: false, seq: known.seq };\n',
        put: '',
      },
      {
        file: 'src/platform/database/migrations/1700000015000-Chat.ts',
        find: "columnNames: ['conversation_id', 'sender_id', 'client_msg_id'],\n        isUnique: true",
        put: "columnNames: ['conversation_id', 'sender_id', 'client_msg_id'],\n        isUnique: false",
      },
    ],
    of: 'talk',
    run: { seed: 1, steps: TALK_STEPS },
    violation: /^RC-15 letter-\d+ was \d+, now it is/,
  },
  {
    name: 'RC-1 who has missed more than a page is given the rest',
    fault: 'a page that is full is taken for the last',
    edits: [{ file: 'src/chat/history.ts', find: 'limit: limit + 1 }', put: 'limit }' }],
    of: 'talk',
    run: { seed: 1, steps: TALK_STEPS },
    violation: /^RC-1 a device of \d+ knows/,
  },
  {
    name: 'RC-3 nobody has read less than before',
    fault: 'an older cursor is written over a newer one',
    edits: [
      {
        file: 'src/chat/commitItems.ts',
        find: 'if (readSeq <= member.read_seq)',
        put: 'if (readSeq === member.read_seq)',
      },
    ],
    of: 'talk',
    run: { seed: 5, steps: TALK_STEPS },
    violation: /^RC-3 \d+ had read/,
  },
  {
    name: 'RE-4 what is told is committed with the mark that it is',
    fault: 'the mark is committed first, and the work follows',
    edits: [
      {
        file: 'src/platform/events/handleEvents.ts',
        find: 'if (events.length > 0) await handle(events, tx);',
        put: 'if (events.length > 0) void globalThis.own.retryingTransaction((tx) => handle(events, tx)).catch(() => 0);',
      },
      {
        file: 'src/platform/events/handleEvents.ts',
        find: 'return database.retryingTransaction((tx) => runIn(',
        put: 'globalThis.own = database; return database.retryingTransaction((tx) => runIn(',
      },
    ],
    of: 'talk',
    run: { seed: 1, steps: TALK_STEPS },
    violation: /^RC-10 nobody was told of event/,
  },
  {
    name: 'RC-12 what is still to come is not read',
    fault: 'an inbox is read up to whatever number is named',
    edits: [
      {
        file: 'src/notifications/inbox.ts',
        find: 'Math.min(reading.up_to_id, inbox.last_no)',
        put: 'reading.up_to_id',
      },
    ],
    of: 'talk',
    run: { seed: 1, steps: TALK_STEPS },
    violation: /^RC-12 \d+ had read up to/,
  },
];
