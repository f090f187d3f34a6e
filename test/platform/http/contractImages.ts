/** One success of every operation on pictures. */
import { SMALL_GIF } from '../../support/forms.ts';
import type { Ask, Asked, Callers } from './contractCallers.ts';

export async function sendPictures(ask: Ask, callers: Callers): Promise<void> {
  const { diner: token } = callers;
  const { url, thumbnail_url: thumbnail } = await ask({ operation: 'POST /images', token, file: SMALL_GIF });
  callers.imageUrl = url;
  for (const address of [url, thumbnail]) {
    const path = { key: address.split('/').at(-1) };
    await ask({ operation: 'GET /images/{key}', path });
  }
  const path = { key: url.split('/').at(-1) };
  await ask({ operation: 'GET /images/{key}', path, range: 'bytes=0-3' });
}

export function refusalsOfPictures({ diner: token }: Callers): [Asked, number, string][] {
  const key = '0'.repeat(32);
  return [
    [{ operation: 'POST /images', token, file: 'no picture' }, 400, 'VALIDATION_FAILED'],
    [{ operation: 'GET /images/{key}', path: { key } }, 404, 'NOT_FOUND'],
  ];
}
