/** What breaks the record of what pictures are kept for. */
import { breaks, type Break } from './breaking.ts';

const UNUSED = 'RA-8: a picture is used';

export const IMAGE_BREAKS: Break[] = [
  ...breaks('image_resources', [
    [UNUSED, 'UPDATE image_resources SET unused_since = created_at WHERE unused_since IS NULL'],
    [UNUSED, 'UPDATE image_resources SET unused_since = NULL WHERE unused_since IS NOT NULL'],
    ['RA-8: what is used is there', 'DELETE FROM image_resources'],
  ]),
  ...breaks('image_uses', [
    [UNUSED, 'DELETE FROM image_uses'],
    ['RA-8: a picture of their own', `UPDATE image_uses SET owner_id = 99999 WHERE owner_kind = 'avatar'`],
    [
      'RA-8: a picture that a prize has',
      `UPDATE image_uses SET owner_id = 99999 WHERE owner_kind = 'campaign'`,
    ],
    [
      'RA-4: the photo of a claim',
      `UPDATE image_uses SET owner_id = owner_id + 99999 WHERE owner_kind = 'claim'`,
    ],
    [
      'RA-8: a picture that a product has',
      `UPDATE image_uses SET owner_id = 99999 WHERE owner_kind = 'product'`,
    ],
    ['RC-4: a picture is kept for messages', `UPDATE image_uses SET owner_kind = 'message'`],
  ]),
  ...breaks('spend_claims', [['RA-4: the photo of a claim', `UPDATE spend_claims SET photo_hash = NULL`]]),
];
