import { z } from 'zod';

/** What an owner shows, on its way to its mirrors. A later one has a higher version of the same owner, or a newer owner. */
export interface ViewUpdate<View> {
  owner_epoch: number;
  version: number;
  view: View;
}

export function viewUpdateShapeOf<View>(view: z.ZodType<View>): z.ZodType<ViewUpdate<View>> {
  return z.object({ owner_epoch: z.int().min(1), version: z.int().min(0), view });
}

export function isNewer(update: ViewUpdate<unknown>, than: ViewUpdate<unknown> | undefined): boolean {
  if (than === undefined || update.owner_epoch !== than.owner_epoch)
    return update.owner_epoch > (than?.owner_epoch ?? 0);
  return update.version > than.version;
}
