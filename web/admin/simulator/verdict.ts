import type { SimulationResult } from '../../../src/lottery/simulation/messages.ts';

/** The one sentence that a result comes to, as the name of a text. */
export function verdictOf({ warnings, budget_risk: risk }: SimulationResult): string {
  const warned = new Set(warnings.map(({ code }) => code));
  if (warned.has('guarantee_unmet')) return 'guaranteeUnmet';
  if (warned.has('market_limit')) return 'marketLimit';
  if (risk !== null) return risk <= 0.05 ? 'within' : risk <= 0.5 ? 'mayPass' : 'passes';
  return warned.has('loses_money') ? 'loses' : 'pays';
}
