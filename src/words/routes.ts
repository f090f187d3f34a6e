import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { LIMITS } from '../platform/limits.ts';
import { wordsBody, wordsChangedShape, wordsShape } from './messages.ts';
import { wordsOf } from './parts.ts';
import { changeWords, partsOf, readNewest, readParts } from './wordBook.ts';
import type { Words } from './words.ts';

export interface WordRoutesServices {
  database: Database;
  clock: Clock;
  words: Words;
}

export function wordRoutes({ database, clock, words }: WordRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/chat/words',
      access: 'chat:words',
      summary: 'Words that nobody is to read in messages, nicknames and notes, as they are now',
      data: wordsShape,
      handle: async () => {
        const manager = database.currentReader;
        const newest = await readNewest(manager);
        const { version = 0, created_by = null, created_at } = newest ?? {};
        const lists = wordsOf(await readParts(manager, version));
        return {
          data: { version, ...lists, changed_by: created_by, changed_at: created_at?.toISOString() ?? null },
        };
      },
    }),
    route({
      method: 'put',
      path: '/admin/chat/words',
      access: 'chat:words',
      summary: 'Change the words that nobody is to read; the version that was read is named',
      refusals: ['CONFLICT'],
      bodyBytes: LIMITS.wordListBytes,
      body: wordsBody,
      data: wordsChangedShape,
      handle: async (input) => {
        const { version, ...given } = input.body;
        const change = { actor: actorOf(input), version, words: given, parts: await partsOf(given) };
        const nowMs = clock.nowMs();
        const changed = await database.retryingTransaction((tx) => changeWords(tx, change, nowMs));
        await words.changed();
        return { data: { version: changed } };
      },
    }),
  ];
}
