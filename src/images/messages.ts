import { z } from 'zod';
import { rowIdShape, timeShape } from '../platform/shapes.ts';
import { NAME } from './address.ts';

export const imageBody = z.strictObject({
  file: z.instanceof(Buffer, { message: 'must be a file of a form (multipart/form-data)' }),
});

export const imageShape = z.object({
  image_id: rowIdShape,
  width: z.int().min(1),
  height: z.int().min(1),
  url: z.string().meta({ description: 'Below the origin of the server; whoever has it may see the picture' }),
  thumbnail_url: z.string(),
});
export type ImageView = z.output<typeof imageShape>;

export const imagePath = z.strictObject({
  key: z
    .string()
    .regex(NAME, 'must be of a picture')
    .meta({ description: 'As in `url` and `thumbnail_url`', example: '0123456789abcdef0123456789abcdef' }),
});

/** Where a picture that somebody else's object has is read. */
export const shownImageShape = imageShape.pick({ url: true, thumbnail_url: true });
export type ShownImageView = z.output<typeof shownImageShape>;

/** As its owner gets it. */
export const ownImageShape = imageShape.extend({ created_at: timeShape });
