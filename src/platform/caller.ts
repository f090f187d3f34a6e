import { z } from 'zod';
import { idShape } from './shapes.ts';

/** Who is calling. What they may do is for `Access` to say. */
export interface Caller {
  userId: number;
  sessionId: number;
  nickname: string;
}

/** Who makes a change, and by which request. It may travel to another process with the change. */
export const actorShape = z.strictObject({
  userId: idShape,
  ip: z.string().max(64),
  requestId: z.string().max(64),
});
export type Actor = z.infer<typeof actorShape>;

/** The names of what not everybody who is logged in may do. The domain that grants them adds them here. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its members are declared by merging
export interface Permissions {}

export type Permission = keyof Permissions;
/** Who may call a route or send a message: anyone, anyone logged in, or those who have the permission. There is no default. */
export type Access = 'public' | 'user' | Permission;
