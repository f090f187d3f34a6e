/** Where visits go on from page to page. */
import type { Behavior } from '../reading/readBehaviors.ts';

export const MOST_DEPTH = 5;
const MOST_EDGES = 50;

export interface PathEdge {
  /** From 1: from the first page to the second. */
  step: number;
  from: string;
  /** null: nothing more was looked at. */
  to: string | null;
  visits: number;
}

export interface PathReport {
  /** Those that have a page to begin with. */
  visits: number;
  /** The most frequent ones. */
  edges: PathEdge[];
  /** All that are left out. */
  others: { edges: number; visits: number };
}

export class PathTally {
  private visits = 0;
  private readonly edges = new Map<string, PathEdge>();

  /** @param start where paths begin; undefined: with whatever a visit begins with */
  constructor(private readonly asked: { start?: string | undefined; depth: number }) {}

  /** @param behaviors all of one person, in the order of their moments */
  add(behaviors: readonly Behavior[]): void {
    const pages = behaviors.filter(({ kind }) => kind === 'page');
    for (const visit of Map.groupBy(pages, ({ visitId }) => visitId).values()) this.addVisit(visit);
  }

  private addVisit(pages: readonly Behavior[]): void {
    const names = pages.map(({ name }) => name).filter((name, at, all) => name !== all[at - 1]);
    const first = this.asked.start === undefined ? 0 : names.indexOf(this.asked.start);
    if (first < 0 || names.length === 0) return;
    this.visits += 1;
    const path = names.slice(first, first + this.asked.depth + 1);
    for (const [at, from] of path.slice(0, this.asked.depth).entries()) {
      const to = path[at + 1] ?? null;
      const key = JSON.stringify([at, from, to]);
      const edge = this.edges.get(key) ?? { step: at + 1, from, to, visits: 0 };
      edge.visits += 1;
      this.edges.set(key, edge);
    }
  }

  report(): PathReport {
    const sorted = [...this.edges.values()].sort((a, b) => b.visits - a.visits || a.step - b.step);
    const left = sorted.slice(MOST_EDGES);
    return {
      visits: this.visits,
      edges: sorted.slice(0, MOST_EDGES),
      others: { edges: left.length, visits: left.reduce((sum, { visits }) => sum + visits, 0) },
    };
  }
}
