import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { idShape, idText, textShape, timezoneShape } from '../platform/shapes.ts';

const clockShape = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:mm');
const hoursShape = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).meta({ description: 'Of the week, Monday is 1' }),
  from: clockShape,
  to: clockShape.meta({ description: 'Before `from`: of the day after' }),
});

export const restaurantBody = z
  .strictObject({
    name: textShape({ max: 64 }),
    address: textShape({ max: 200 }),
    phone: textShape({ min: 0, max: 32 }).default(''),
    timezone: timezoneShape.max(64).optional().meta({ description: 'By default that of the business' }),
    hours: z.array(hoursShape).max(LIMITS.openingHours).default([]),
  })
  .meta({
    example: {
      name: '外滩店',
      address: '上海市中山东一路 1 号',
      hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '10:30', to: '22:00' }],
    },
  });
export type RestaurantBody = z.output<typeof restaurantBody>;

/** What is left out stays as it is. */
export const restaurantChange = z
  .strictObject({
    version: z.int().min(1),
    name: textShape({ max: 64 }).optional(),
    address: textShape({ max: 200 }).optional(),
    phone: textShape({ min: 0, max: 32 }).optional(),
    timezone: timezoneShape.max(64).optional(),
    hours: z.array(hoursShape).max(LIMITS.openingHours).optional(),
  })
  .meta({ example: { version: 1, phone: '021-5555 0100' } });
export type RestaurantChange = z.output<typeof restaurantChange>;

export const restaurantShape = z.object({
  restaurant_id: idShape,
  name: z.string(),
  address: z.string(),
  phone: z.string(),
  timezone: z.string(),
  hours: z.array(hoursShape),
  conversation_id: idShape.meta({ description: 'Of the room in which everybody talks there' }),
  version: z.int(),
});
export type RestaurantView = z.output<typeof restaurantShape>;
export const restaurantPath = z.strictObject({ id: idText });
