import { toWireTime } from '../platform/shapes.ts';
import { showCode } from './myPrizes.ts';
import { qrPicture } from './qrPicture.ts';
import type { InventoryServices } from './services.ts';

/** A code of something of one's own, as the wire has it. @throws AppError as `showCode` */
export async function shownCode(services: InventoryServices, asked: Parameters<typeof showCode>[1]) {
  const { code, picture, endsAtMs } = await showCode(services, asked, services.clock.nowMs());
  return { code, qr_svg: qrPicture(picture), valid_until: toWireTime(endsAtMs) };
}
