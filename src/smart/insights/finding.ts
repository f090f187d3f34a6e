import type { Severity } from '../../../entities/smart/SmartInsight.ts';
import type { FiguresOf, Kind } from './figures.ts';

type FindingOf<Of extends Kind> = {
  kind: Of;
  severity: Severity;
  /** What it is about: the same as long as it stands. */
  key: string;
  restaurantId: number | null;
  day: string;
  figures: FiguresOf[Of];
};

/** What the figures say, before anybody is told. */
export type Finding = { [Of in Kind]: FindingOf<Of> }[Kind];
