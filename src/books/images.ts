/** Pictures, and what they are kept for (R-5, RA-8). */
import type { Check } from './check.ts';

/** Of the picture that an address names; null of others. */
const keyIn = (address: string) => `SUBSTR(${address}, 16, 32)`;
const isOurs = (address: string) => `${address} LIKE '/api/v3/images/%'`;
const notHeld = (kind: string, owner: string) =>
  `NOT EXISTS (SELECT 1 FROM image_uses u WHERE u.image_id = i.image_id AND u.owner_kind = '${kind}' AND u.owner_id = ${owner})`;

export const IMAGE_CHECKS: Check[] = [
  {
    rule: 'RA-8',
    holds: 'a picture is used, or unused since some time',
    sql: () =>
      `SELECT i.image_id, i.unused_since, COUNT(u.owner_id) AS uses FROM image_resources i
       LEFT JOIN image_uses u ON u.image_id = i.image_id GROUP BY i.image_id, i.unused_since
       HAVING (i.unused_since IS NULL AND COUNT(u.owner_id) = 0) OR (i.unused_since IS NOT NULL AND COUNT(u.owner_id) > 0)`,
  },
  {
    rule: 'RA-8',
    holds: 'what is used is there',
    sql: () =>
      `SELECT u.image_id, u.owner_kind, u.owner_id FROM image_uses u
       LEFT JOIN image_resources i ON i.image_id = u.image_id WHERE i.image_id IS NULL`,
  },
  {
    rule: 'RA-8',
    holds: 'a picture of their own that somebody shows of themself is kept for that',
    sql: () =>
      `SELECT p.user_id, i.image_id FROM users p JOIN image_resources i ON i.image_key = ${keyIn('p.avatar_url')}
       WHERE ${isOurs('p.avatar_url')} AND i.user_id = p.user_id AND ${notHeld('avatar', 'p.user_id')}`,
  },
  {
    rule: 'RA-8',
    holds: 'a picture that a prize has is kept for its campaign',
    sql: () =>
      `SELECT p.prize_id, i.image_id FROM lottery_prizes p JOIN image_resources i ON i.image_key = ${keyIn('p.prize_image_url')}
       WHERE ${isOurs('p.prize_image_url')} AND ${notHeld('campaign', 'p.campaign_id')}`,
  },
  {
    rule: 'RA-4',
    holds: 'the photo of a claim is kept for it, and for no other',
    sql: () =>
      `SELECT c.claim_id, i.image_id FROM spend_claims c JOIN image_resources i ON i.image_id = c.image_id
       WHERE i.user_id <> c.user_id OR c.photo_hash IS NULL OR ${notHeld('claim', 'c.claim_id')}
       UNION ALL SELECT u.owner_id, u.image_id FROM image_uses u LEFT JOIN spend_claims c ON c.claim_id = u.owner_id
       WHERE u.owner_kind = 'claim' AND (c.claim_id IS NULL OR c.image_id IS NULL OR c.image_id <> u.image_id)`,
  },
  {
    rule: 'RA-8',
    holds: 'a picture that a product has is kept for it',
    sql: () =>
      `SELECT p.product_id, i.image_id FROM products p JOIN image_resources i ON i.image_key = ${keyIn('p.image_url')}
       WHERE ${isOurs('p.image_url')} AND ${notHeld('product', 'p.product_id')}`,
  },
  {
    rule: 'RC-4',
    holds: 'a picture is kept for messages that show it, and for none that was recalled',
    sql: () =>
      `SELECT u.image_id, u.owner_id AS message_id FROM image_uses u
       LEFT JOIN chat_messages m ON m.message_id = u.owner_id
       WHERE u.owner_kind = 'message' AND (m.message_id IS NULL OR m.recalled_at IS NOT NULL OR m.type <> 'image')`,
  },
];
