import type { AuthContext } from '@colyseus/core';
import type { Identify } from '../src/auth/identify.ts';
import { languageOf } from '../src/errors.ts';
import type { RoomAuth } from './answer.ts';

/** What every room's `onAuth` does with the token of a joining client. @throws AppError 401 */
export async function authenticate(
  identify: Identify,
  token: string,
  { headers }: AuthContext,
): Promise<RoomAuth> {
  return { identity: await identify(token), language: languageOf(headers.get('accept-language')) };
}
