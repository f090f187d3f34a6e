import { matchMaker } from '@colyseus/core';
import { schema, t, type SchemaType } from '@colyseus/schema';
import { z } from 'zod';
import { answering } from '../../rooms/kernel/answer.ts';
import { hearing, localRoomOf, type LocalKind } from '../../rooms/kernel/localRoom.ts';
import type { SeatedRoomServices } from '../../rooms/kernel/seatedRoom.ts';
import type { Context } from '../../src/context.ts';
import { installMatchmaking } from '../../src/platform/cluster/matchmaking.ts';
import { publish, type Topic } from '../../src/platform/cluster/topic.ts';
import { currentArrival } from '../../src/platform/http/arrival.ts';
import { idShape } from '../../src/platform/shapes.ts';

const pageShape = z.strictObject({ text: z.string().max(100) });
export type Page = z.infer<typeof pageShape>;

/** What is told a person on all of their devices. */
export const PAGES: Topic<number, Page> = { channel: (userId) => `pager:${userId}`, shape: pageShape };

const PagerState = schema({ last: t.string() }, 'PagerState');
export type PagerState = SchemaType<typeof PagerState>;

/** A person's pager: the smallest thing that needs a room and no owner. */
function pagerKind(services: SeatedRoomServices): LocalKind<number, PagerState> {
  return {
    type: 'pager',
    key: idShape,
    mayJoin: ({ userId }, key) => userId === key,
    createState: () => new PagerState(),
    hears: (room) => [
      hearing(PAGES, (page) => {
        if (page.text === 'break') throw new Error('the pager is broken');
        room.state.last = page.text;
        room.broadcast('page', page);
      }),
    ],
    messages: (room) => ({
      page: answering(services, {
        shape: pageShape,
        access: 'user',
        rate: { perSecond: 1, burst: 5 },
        handle: (_auth, page) => publish(PAGES, room.key, page),
      }),
    }),
  };
}

/** Adds pagers to a server, in place of the rooms that clients may ask for otherwise. */
export function addPagers(context: Context): void {
  const services = { ...context, clientLimit: 10 };
  matchMaker.defineRoomType('pager', localRoomOf(services, pagerKind(services)));
  installMatchmaking({
    ...context,
    rooms: { pager: { options: z.strictObject({ user_id: idShape }), key: 'user_id' } },
    audiences: {},
    arrival: currentArrival,
    corsOrigins: context.config.corsOrigins,
  });
}
