import type { Caller } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import type { AccessControl } from '../access/accessControl.ts';
import { isInside } from '../access/networks.ts';
import type { Identify } from '../session/identify.ts';
import { isKeyText, isTextOf, prefixOf } from './keyText.ts';
import type { KeyUse } from './keyUse.ts';

interface CallerServices {
  /** Of a person, by their access token. */
  identify: Identify;
  access: Pick<AccessControl, 'apiKey'>;
  keyUse: Pick<KeyUse, 'note'>;
  clock: Clock;
}

/** Who calls over REST: a person by a token or a machine by a key. Rooms ask `Identify`, which knows no keys. */
export type IdentifyCaller = (token: string, ip: string) => Promise<Caller>;

export function identifyCallerBy(services: CallerServices): IdentifyCaller {
  return async (token, ip) =>
    isKeyText(token) ? machineOf(services, { text: token, ip }) : services.identify(token);
}

/** @throws AppError UNAUTHENTICATED, IP_NOT_ALLOWED, BUSY while this node cannot know of revoked keys */
function machineOf(
  { access, keyUse, clock }: CallerServices,
  { text, ip }: { text: string; ip: string },
): Caller {
  const prefix = prefixOf(text);
  const known = prefix === undefined ? undefined : access.apiKey(prefix);
  if (known === undefined || !isTextOf(text, known.hash)) throw new AppError('UNAUTHENTICATED');
  if (clock.nowMs() >= known.endsAtMs) throw new AppError('UNAUTHENTICATED');
  const { apiKeyId, callerId, name, networks, restaurantId } = known;
  if (networks.length > 0 && !isInside(ip, networks)) throw new AppError('IP_NOT_ALLOWED');
  keyUse.note(apiKeyId, ip);
  const caller = { userId: callerId, sessionId: 0, nickname: name };
  return restaurantId === null ? caller : { ...caller, restaurantId };
}
