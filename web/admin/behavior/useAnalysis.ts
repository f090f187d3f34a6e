/** One kind of analysis, read anew whenever something else is asked for; an answer that comes late is of no use. */
import { shallowRef, watch, type ShallowRef } from 'vue';
import { client, problemOf } from '../session.ts';
import type { AnalysisKind, AnalysisOf } from './wire.ts';

export interface ReadAnalysis<Kind extends AnalysisKind> {
  found: ShallowRef<AnalysisOf<Kind> | undefined>;
  /** Empty: nothing has failed since it was read last. */
  problem: ShallowRef<string>;
  read(): Promise<void>;
}

export function useAnalysis<Kind extends AnalysisKind>(
  kind: Kind,
  query: () => Record<string, string>,
): ReadAnalysis<Kind> {
  const found = shallowRef<AnalysisOf<Kind>>();
  const problem = shallowRef('');
  let asked = 0;
  async function read(): Promise<void> {
    const mine = ++asked;
    try {
      const got = await client.api.get<AnalysisOf<Kind>>(pathOf(kind, query()));
      if (mine !== asked) return;
      found.value = got;
      problem.value = '';
    } catch (error) {
      if (mine === asked) problem.value = problemOf(error);
    }
  }
  watch(() => pathOf(kind, query()), read, { immediate: true });
  return { found, problem, read };
}

export function pathOf(kind: AnalysisKind, query: Record<string, string>): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return `/smart/behavior-analysis?${new URLSearchParams([['kind', kind], ...given]).toString()}`;
}
