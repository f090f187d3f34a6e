/** What the administration sends and is told of the configuration. */
import { z } from 'zod';
import { beforeQuery, integerText, longPageOf, pageQuery, timeShape } from '../platform/shapes.ts';
import { configurationShape } from './document.ts';

const MOST_VERSIONS = 2_147_483_647;
const versionShape = z.int().min(0).max(MOST_VERSIONS);
const seen = versionShape.meta({
  description: 'The one that is changed, as it was read; 0: there is none yet',
});

export const changeBody = z.strictObject({ version: seen, config: configurationShape }).meta({
  description: 'The whole of it: what holds is read, changed, and sent back',
  example: {
    version: 0,
    config: {
      transfers: { per_day: 50_000, review_from: 10_000 },
      service: {
        hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00' }],
        answer_minutes: 5,
        resolution_minutes: 240,
      },
      chat: { slow_mode_s: 0 },
      notifications: { quiet_hours: null },
      reviews: { decision_minutes: 480 },
      analytics: { sample_percent: 100 },
      notices: { banner: { zh: '今晚 23:00 维护', en: 'Maintenance at 23:00' }, contact: null },
    },
  },
});
export const returnBody = z
  .strictObject({
    version: seen,
    to_version: versionShape.meta({ description: '0: what the environment of the server says' }),
  })
  .meta({ example: { version: 2, to_version: 1 } });
export const changedShape = z.object({
  version: versionShape,
  config: configurationShape,
});

const changedBy = z
  .int()
  .nullable()
  .meta({ description: 'Below zero: an API key; null: nobody has changed anything' });
const nodeShape = z.object({
  node_id: z.string(),
  is_this: z.boolean(),
  version: versionShape.nullable().meta({ description: 'That it goes by; null: it has told nothing lately' }),
  bad_version: versionShape
    .nullable()
    .meta({ description: 'A newer one that it cannot use; null: there is none' }),
});
export const configShape = z.object({
  version: versionShape.meta({
    description: 'The newest, which whoever changes it names; 0: there is none yet',
  }),
  config: configurationShape,
  held_version: versionShape.meta({
    description:
      'Whose values `config` has: another than `version` where that one is bad; 0: of the environment',
  }),
  fault: z.string().nullable().meta({ description: 'Why the newest does not hold; null: it does' }),
  changed_by: changedBy,
  changed_at: timeShape.nullable(),
  nodes: z.array(nodeShape),
});

export const versionPath = z.strictObject({ version: integerText({ min: 1, max: MOST_VERSIONS }) });
export const versionsQuery = z.strictObject({ ...pageQuery, ...beforeQuery });
const rowShape = z.object({
  version: versionShape,
  changed_by: z.int(),
  changed_at: timeShape,
  returned_to: versionShape
    .nullable()
    .meta({ description: 'The version whose values it has again; null: it is no return' }),
});
export const versionsShape = longPageOf(rowShape);
export const versionReadShape = rowShape.extend({
  config: configurationShape.nullable().meta({ description: 'null: what is stored is no configuration' }),
  changes: z
    .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
    .meta({ description: 'Against the good version before it, or the environment where there is none' }),
});
