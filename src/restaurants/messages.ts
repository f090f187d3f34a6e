import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import { idShape, idText, textShape, timezoneShape, weekHoursShape } from '../platform/shapes.ts';

export const restaurantBody = z
  .strictObject({
    name: textShape({ max: 64 }),
    address: textShape({ max: 200 }),
    phone: textShape({ min: 0, max: 32 }).default(''),
    timezone: timezoneShape.max(64).optional().meta({ description: 'By default that of the business' }),
    hours: z.array(weekHoursShape).max(LIMITS.openingHours).default([]),
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
    hours: z.array(weekHoursShape).max(LIMITS.openingHours).optional(),
  })
  .meta({ example: { version: 1, phone: '021-5555 0100' } });
export type RestaurantChange = z.output<typeof restaurantChange>;

export const restaurantShape = z.object({
  restaurant_id: idShape,
  name: z.string(),
  address: z.string(),
  phone: z.string(),
  timezone: z.string(),
  hours: z.array(weekHoursShape),
  conversation_id: idShape.meta({ description: 'Of the room in which everybody talks there' }),
  version: z.int(),
});
export type RestaurantView = z.output<typeof restaurantShape>;
export const restaurantPath = z.strictObject({ id: idText });
