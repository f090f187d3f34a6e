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

/** Names of things to eat and drink, by what is drawn for them; the first that fits. */
const FOOD_OF_WORD: [RegExp, FoodName][] = [
  [/券|卡|票|voucher|coupon|card|ticket/i, 'coupon'],
  [/锅|套餐|hot ?pot|set meal/i, 'pot'],
  [/鱼|虾|蟹|贝|fish|shrimp|prawn|crab/i, 'fish'],
  [/串|烤|skewer|grill|kebab|roast/i, 'skewer'],
  [/茶|饮|汁|酒|奶|咖啡|可乐|汽水|酸梅汤|tea|drink|juice|beer|wine|milk|coffee|cola|soda|lemonade/i, 'drink'],
  [/面|粉|粥|汤|饭|noodle|ramen|soup|rice|congee/i, 'noodle'],
  [/柿|果|甜|糕|冰|persimmon|fruit|cake|dessert|ice/i, 'persimmon'],
];

/** The drawing of a product, by its name: products have no types. */
export function foodOfName(name: string): FoodName {
  return FOOD_OF_WORD.find(([words]) => words.test(name))?.[1] ?? 'plate';
}
