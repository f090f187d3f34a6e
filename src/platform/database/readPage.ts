import type { Page, PageQuery } from '../shapes.ts';

export interface PartOfList {
  take: number;
  skip: number;
}

export interface PagedList<Item> {
  /** One part of the list, in its order. */
  items(part: PartOfList): Promise<Item[]>;
  /** How long the whole list is. */
  count(): Promise<number>;
}

/**
 * One page of a list, and how long the list is in all. What begins after a row that is named (`before`) leaves nothing out besides;
 * `page` means nothing then.
 */
export async function readPage<Item>(
  { page, limit, before, isUncounted }: PageQuery & { before?: unknown },
  list: PagedList<Item>,
): Promise<Page<Item>> {
  const skip = before === undefined ? (page - 1) * limit : 0;
  const [items, total] = await Promise.all([
    list.items({ take: limit, skip }),
    isUncounted === true ? 0 : list.count(),
  ]);
  return { items, page, limit, total };
}
