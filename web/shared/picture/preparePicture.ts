/**
 * A picture as it is sent: a photo of a phone is made smaller here, which spares its owner most of the sending. What moves or is clear in
 * parts stays as it is: the server makes it smaller.
 */

export type Trouble = 'heic' | 'tooLarge' | 'wrongType';

/** Why a picture is not sent, in a word that there is a text for. */
export class PictureTrouble extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

export interface PreparedPicture {
  file: Blob;
  /** As an address of its own, small. */
  preview: string;
}

/** As the server has them. */
const MOST_BYTES = 8 * 1024 * 1024;
const LONGEST_SIDE = 2048;
/** Below it there is little to spare. */
const SMALL_BYTES = 1024 * 1024;
const PREVIEW_SIDE = 320;
/** Taken as they are: what moves, and is made by nobody's camera. */
const KEPT = new Set(['image/webp', 'image/gif', 'image/avif']);
const HEIC = /^image\/hei[cf]/;
const HEIC_NAME = /\.hei[cf]$/i;

/** @throws PictureTrouble */
export async function preparePicture(file: File): Promise<PreparedPicture> {
  const picture = await read(file);
  const small = draw(picture, PREVIEW_SIDE);
  const isClear = file.type === 'image/png' && isClearInParts(small);
  const preview = onWhite(small).toDataURL('image/jpeg', 0.8);
  const side = Math.max(picture.naturalWidth, picture.naturalHeight);
  const isLight = /^image\/(jpeg|png)$/.test(file.type) && file.size <= SMALL_BYTES && side <= LONGEST_SIDE;
  const isKept = isLight || ((isClear || KEPT.has(file.type)) && file.size <= MOST_BYTES);
  if (isKept) return { file, preview };
  const smaller = await jpegOf(onWhite(draw(picture, LONGEST_SIDE)));
  if (smaller.size > MOST_BYTES) throw new PictureTrouble('tooLarge');
  return { file: smaller, preview };
}

/** By an address that the policy of the pages allows. */
async function read(file: File): Promise<HTMLImageElement> {
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new PictureTrouble('wrongType'));
    reader.readAsDataURL(file);
  });
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
  } catch {
    const isHeic = HEIC.test(file.type) || HEIC_NAME.test(file.name);
    throw new PictureTrouble(isHeic ? 'heic' : 'wrongType');
  }
  return picture;
}

/** Upright, and no larger than it is. */
function draw(picture: HTMLImageElement, longest: number): HTMLCanvasElement {
  const { naturalWidth: width, naturalHeight: height } = picture;
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function isClearInParts(canvas: HTMLCanvasElement): boolean {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at]! < 255) return true;
  return false;
}

/** JPEG knows nothing that is clear. */
function onWhite(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const context = canvas.getContext('2d')!;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

function jpegOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new PictureTrouble('wrongType')) : resolve(blob)),
      'image/jpeg',
      0.85,
    );
  });
}
