import { renderSVG } from 'uqr';

/** A picture of a text as SVG, for a phone that is held up to a camera. */
export function qrPicture(text: string): string {
  return renderSVG(text, { ecc: 'M', border: 2 });
}
