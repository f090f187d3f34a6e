import type { Daily, DayRow, FigureName, Figures, Subscription } from '../../../src/reports/messages.ts';

export type { Daily, DayRow, FigureName, Figures, Subscription };

export interface Days {
  items: DayRow[];
  counted_to: string;
  restaurant_ids: number[] | null;
}

export interface Restaurant {
  restaurant_id: number;
  name: string;
}
