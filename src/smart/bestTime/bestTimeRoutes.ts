import { z } from 'zod';
import type { AccessControl } from '../../identity/access/accessControl.ts';
import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import { findCampaign } from '../../lottery/campaigns.ts';
import { readPreferences } from '../../notifications/inbox.ts';
import type { Caller } from '../../platform/caller.ts';
import { businessDayOf, startOfBusinessDay } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { idText, timeShape, toWireTime } from '../../platform/shapes.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { scopeOf } from '../../reports/scope.ts';
import type { Trends } from '../trends/trends.ts';
import { isEnough, isQuietHour, rankedOf, type QuietHours } from './rank.ts';
import {
  EVIDENCE,
  KINDS,
  readCampaign,
  readGroup,
  readOwn,
  readRestaurant,
  type Evidenced,
  type TimeKind,
} from './sources.ts';

export interface BestTimeServices {
  trends: Trends;
  access: Pick<AccessControl, 'roleOf' | 'can'>;
  configuration: Pick<LiveConfiguration, 'now'>;
}

/** Twelve weeks: each hour of the week as often. */
const WINDOW_DAYS = 84;
const SUBJECTS = ['me', 'group', 'restaurant', 'campaign'] as const;

const query = z.strictObject({
  kind: z.enum(KINDS).meta({ description: 'What for' }),
  of: z.enum(SUBJECTS).default('me').meta({
    description: 'me: my own hours, of all while there are few; the others for whoever reads statistics',
  }),
  restaurant_id: idText.optional().meta({ description: 'With `of` restaurant' }),
  campaign_id: idText.optional().meta({ description: 'With `of` campaign' }),
});
const slotShape = z.object({
  weekday: z.int().min(1).max(7).meta({ description: 'Monday is 1' }),
  hour: z.int().min(0).max(23),
  entries: z.int(),
  share: z.number().meta({ description: 'Of all entries' }),
  lower: z.number(),
  upper: z.number().meta({ description: 'The share lies between `lower` and it (Wilson, 90 %)' }),
  is_quiet: z.boolean().meta({ description: 'In the quiet hours of messages: never among the best' }),
});
const bestTimeShape = z.object({
  kind: z.enum(KINDS),
  of: z.enum(SUBJECTS),
  basis: z
    .enum(SUBJECTS)
    .meta({ description: 'Whose hours these are: of `me` those of the group, while there are too few' }),
  evidence: z.enum(EVIDENCE).meta({ description: 'What was counted' }),
  entries: z.int(),
  business_timezone: z.string(),
  window: z.object({ from: timeShape, to: timeShape }),
  is_last_complete: z.boolean().meta({ description: 'The last hour goes on' }),
  best: z.array(slotShape).max(5).meta({ description: 'By the least that their share is' }),
  hours: z.array(slotShape).length(168).meta({ description: 'Of the week, from Monday at midnight' }),
});
export type BestTimeAnswer = z.output<typeof bestTimeShape>;

export function bestTimeRoutes(services: BestTimeServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/smart/best-time',
      access: 'user',
      summary: 'At which hours of the week something is best done, by when it was done',
      refusals: ['FORBIDDEN', 'NOT_FOUND'],
      query,
      data: bestTimeShape,
      handle: async (input) => {
        const caller = identityOf(input);
        const { kind, of } = input.query;
        const { clock, businessTimezone } = services.trends.services;
        const nowMs = clock.nowMs();
        const day = dayAfter(businessDayOf(nowMs, businessTimezone), 1 - WINDOW_DAYS);
        const sinceMs = startOfBusinessDay(day, businessTimezone);
        const { basis, found } = await readAsked(services, { caller, sinceMs, ...input.query });
        const quiet = kind === 'message' ? await quietHoursOf(services, caller, of) : null;
        const ranked = rankedOf(found.counted, businessTimezone, (hour) => isQuietHour(hour, quiet));
        return {
          data: {
            ...{ kind, of, basis, evidence: found.evidence, business_timezone: businessTimezone },
            window: { from: toWireTime(sinceMs), to: toWireTime(nowMs) },
            is_last_complete: false,
            ...ranked,
          },
        };
      },
    }),
  ];
}

interface AskedTime {
  caller: Caller;
  kind: TimeKind;
  of: (typeof SUBJECTS)[number];
  sinceMs: number;
  restaurant_id?: number | undefined;
  campaign_id?: number | undefined;
}

/** @throws AppError FORBIDDEN, NOT_FOUND, VALIDATION_FAILED */
async function readAsked(
  { trends, access }: BestTimeServices,
  { caller, kind, of, sinceMs, restaurant_id: restaurantId, campaign_id: campaignId }: AskedTime,
): Promise<{ basis: (typeof SUBJECTS)[number]; found: Evidenced }> {
  const { services } = trends;
  if ((of === 'restaurant') !== (restaurantId !== undefined))
    throw refusal('restaurant_id', 'goes with of=restaurant');
  if ((of === 'campaign') !== (campaignId !== undefined))
    throw refusal('campaign_id', 'goes with of=campaign');
  if (of === 'me') {
    const own = await readOwn(services, { kind, userId: caller.userId, sinceMs });
    if (isEnough(own.counted, services.businessTimezone)) return { basis: 'me', found: own };
    return { basis: 'group', found: await readGroup(services, { kind, sinceMs }) };
  }
  if (!access.can(caller, 'statistics:read')) throw new AppError('FORBIDDEN');
  const scope = await scopeOf({ database: services.database, access }, caller, restaurantId);
  if (restaurantId !== undefined)
    return { basis: of, found: await readRestaurant(services, { restaurantId, sinceMs }) };
  if (scope !== undefined)
    throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant', restaurant_ids: scope } });
  if (campaignId === undefined) return { basis: of, found: await readGroup(services, { kind, sinceMs }) };
  await findCampaign(services.database, campaignId);
  return { basis: of, found: await readCampaign(services, { campaignId, sinceMs }) };
}

/** Of others those that hold for whoever has chosen nothing. */
async function quietHoursOf(
  { trends, configuration }: BestTimeServices,
  { userId }: Caller,
  of: AskedTime['of'],
): Promise<QuietHours> {
  const { quiet_hours: usual } = configuration.now().notifications;
  if (of !== 'me') return usual;
  return (await readPreferences(trends.services.database, userId, usual)).quiet_hours;
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}
