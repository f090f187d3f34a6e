import { matchMaker } from '@colyseus/core';
import type { z } from 'zod';
import { briefly } from './briefly.ts';
import type { RoomName } from './roomName.ts';

/** What is told about one key to the rooms of all nodes. Who does not listen at that moment never hears it: nothing is kept. */
export interface Topic<Key extends RoomName['key'], Message> {
  channel(key: Key): string;
  /** Who listens checks it: others can write to Redis too. */
  shape: z.ZodType<Message>;
}

/** Within one process without Redis. While Redis is away it is sent when Redis is back, and nobody waits for that. */
export async function publish<Key extends RoomName['key'], Message>(
  topic: Topic<Key, Message>,
  key: Key,
  message: Message,
): Promise<void> {
  await briefly(
    Promise.resolve<unknown>(matchMaker.presence.publish(topic.channel(key), message)),
    undefined,
  );
}
