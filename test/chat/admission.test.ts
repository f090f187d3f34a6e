import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { Conversation } from '../../src/chat/conversation.ts';
import { admit } from '../../src/chat/membership.ts';
import { openRestaurantRoom } from '../../src/chat/restaurantRooms.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';
import { unlistedWords } from '../support/words.ts';

const PEOPLE = 40;
const HOUR_MS = 3_600_000;

forEachDatabase('the door of a restaurant’s room', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });

  it('C-4 lets nobody in beside a ban that is written at the same moment', async () => {
    const people = await createUsers(database, PEOPLE);
    const logger = createLogger('debug', logSearch.destination);
    const room = { restaurantId: 77, name: 'A room' };
    const conversationId = await database.transaction((tx) => openRestaurantRoom(tx, room, clock.nowMs()));
    const words = unlistedWords({ database, logger });
    const conversation = await Conversation.open({ database, clock, logger, words }, conversationId);
    const actor = { userId: people[0]!, ip: '', requestId: 'r' };
    const bannedUntilMs = clock.nowMs() + HOUR_MS;
    for (const userId of people) {
      const action = { kind: 'restrict', userId, bannedUntilMs } as const;
      await Promise.all([
        conversation.moderate({ actor, reason: 'a test', action }),
        ...[1, 2, 3].map(() =>
          admit(database, { conversationId, userId }, clock.nowMs()).catch((refused: { code?: string }) =>
            assert.equal(refused.code, 'FORBIDDEN'),
          ),
        ),
      ]);
    }
    const members = await database.currentReader.findBy(ChatMember, { conversation_id: conversationId });
    assert.deepEqual(members, []);
    await conversation.close();
  }).timeout(60_000);
});
