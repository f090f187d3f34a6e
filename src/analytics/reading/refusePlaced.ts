import type { AccessControl } from '../../identity/access/accessControl.ts';
import type { Caller } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';

/** The staff are told of their restaurants alone, and what people do on the pages is of none. @throws AppError FORBIDDEN */
export function refusePlaced(access: Pick<AccessControl, 'roleOf'>, { userId }: Caller): void {
  if (access.roleOf(userId) === 'staff')
    throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant' } });
}
