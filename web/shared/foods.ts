import type { FoodName } from './drawings.ts';

const FOOD_OF_TYPE: Record<string, FoodName> = {
  physical: 'pot',
  product: 'fish',
  coupon: 'coupon',
  points: 'points',
  virtual: 'persimmon',
};

/** The drawing of a type of prize. */
export function foodOf(type: string): FoodName {
  return FOOD_OF_TYPE[type] ?? 'plate';
}
