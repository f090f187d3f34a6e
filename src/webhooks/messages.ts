/** Shapes of endpoints, as they are on the wire. */
import { z } from 'zod';
import type { Webhook } from '../../entities/webhooks/Webhook.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, idText, pageOf, pageQuery, textShape, timeShape } from '../platform/shapes.ts';
import { isFilter } from './filters.ts';

const urlShape = z.string().trim().min(1).max(LIMITS.webhookUrlCharacters).meta({
  description:
    'https, at a public address; http and other addresses are for networks of WEBHOOK_ALLOWED_NETWORKS',
  example: 'https://93.184.215.14/events',
});
const eventsShape = z
  .array(
    z
      .string()
      .max(64)
      .refine(isFilter, 'must be a type of events, or the first part of some, as points:*')
      .meta({ example: 'points:*' }),
  )
  .min(1)
  .max(LIMITS.webhookFilters)
  .meta({
    description: 'Types of docs/events.md, first parts of them as points:*, or * for all',
    example: ['lottery:draw_completed', 'points:*'],
  });
const descriptionShape = textShape({ min: 0, max: 200 });
const versionShape = z.int().min(1);
const webhookStatusShape = z.enum(['enabled', 'disabled']);

export const webhookPath = z.strictObject({ id: idText });
export const webhooksQuery = z.strictObject({ ...pageQuery });
export const newWebhookBody = z
  .strictObject({ url: urlShape, events: eventsShape, description: descriptionShape.default('') })
  .meta({
    example: { url: 'https://93.184.215.14/events', events: ['lottery:*'], description: '会计系统' },
  });
export const webhookEditBody = z.strictObject({
  version: versionShape,
  url: urlShape.optional(),
  events: eventsShape.optional(),
  description: descriptionShape.optional(),
  status: webhookStatusShape
    .optional()
    .meta({ description: 'enabled: what waits goes out, and failures are forgotten' }),
});

const webhookFields = {
  webhook_id: idShape,
  url: z.string(),
  events: z.array(z.string()),
  description: z.string(),
  status: webhookStatusShape,
  disabled_reason: z
    .enum(['failing', 'gone'])
    .nullable()
    .meta({ description: 'failing: nothing has got through for a day; gone: it has answered 410' }),
  failing_since: timeShape.nullable(),
  previous_until: timeShape.nullable().meta({ description: 'Until when the secret before signs as well' }),
  version: versionShape,
  created_by: z.int(),
  created_at: timeShape,
  updated_at: timeShape,
};
export const webhookShape = z.object(webhookFields).meta({ id: 'Webhook' });
export const webhooksShape = pageOf(webhookShape);
export const issuedWebhookShape = z
  .object({
    ...webhookFields,
    secret: z.string().meta({ description: 'Told this once', example: 'whsec_…' }),
  })
  .meta({ id: 'IssuedWebhook' });

export function webhookToWire(row: Webhook): z.output<typeof webhookShape> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    webhook_id: row.webhook_id,
    url: row.url,
    events: row.events,
    description: row.description,
    status: row.status,
    disabled_reason: row.disabled_reason,
    failing_since: time(row.failing_since),
    previous_until: time(row.previous_until),
    version: row.version,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
