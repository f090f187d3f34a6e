import type { ArraySchema } from '@colyseus/schema';

/** Writes rows in place; a place that is new is filled before it joins the list. */
export function fill<Row, Item>(
  rows: ArraySchema<Row>,
  RowType: new () => Row,
  items: readonly Item[],
  write: (row: Row, item: Item) => void,
): void {
  items.forEach((item, at) => {
    const known = rows[at];
    const row = known ?? new RowType();
    write(row, item);
    if (known === undefined) rows.push(row);
  });
  while (rows.length > items.length) rows.pop();
}
