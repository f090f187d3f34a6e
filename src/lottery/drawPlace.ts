import { z } from 'zod';
import type { DrawPlace } from './drawnRows.ts';

/** Where a page of draws ended: milliseconds and draw id, with a dot between them. */
export const drawPlace = z
  .string()
  .regex(/^\d{1,14}\.[1-9]\d{0,15}$/, 'must be the `next` of another page')
  .transform((text): DrawPlace => {
    const [drawnAtMs, drawId] = text.split('.').map(Number);
    return { drawnAtMs: drawnAtMs!, drawId: drawId! };
  });

export function drawPlaceText({ drawnAtMs, drawId }: DrawPlace): string {
  return `${drawnAtMs}.${drawId}`;
}
