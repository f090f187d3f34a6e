import { recordAction } from '../../admin/adminLog.ts';
import type { AccessControl } from '../../identity/access/accessControl.ts';
import type { Caller, Permission } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import type { CsvCell, CsvReply } from '../../platform/http/sendCsv.ts';
import { refusePlaced } from '../reading/refusePlaced.ts';
import type { AnalysisServices } from '../reading/services.ts';
import { analyse } from './analyse.ts';
import {
  analysisQuery,
  analysisShape,
  type Analysis,
  type AnalysisKind,
  type AnalysisQuery,
} from './messages.ts';

export interface AnalysisRoutesServices extends AnalysisServices {
  access: Pick<AccessControl, 'can' | 'roleOf'>;
}

export function analysisRoutes(services: AnalysisRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/smart/behavior-analysis',
      access: 'user',
      summary:
        'How people behave: where they go, what they use, for how long, whether they come back, in which rhythm, what is unusual, who may be lost, who is worth what; of me alone for whoever may not read statistics',
      refusals: ['FORBIDDEN'],
      mayBeCsv: true,
      query: analysisQuery,
      data: analysisShape,
      handle: async (input) => {
        const { query } = input;
        const data = await analyse(services, allowed(services, identityOf(input), query));
        if (query.format === 'json') return { data };
        const after = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
        const target = { type: 'behavior', id: query.kind };
        const recorded = { actor: actorOf(input), action: 'behavior.export', target, before: null, after };
        await services.database.retryingTransaction((tx) =>
          recordAction(tx, recorded, services.clock.nowMs()),
        );
        return csvOf(data);
      },
    }),
  ];
}

/** What makes sense of oneself. */
const OWN: ReadonlySet<AnalysisKind> = new Set(['paths', 'features', 'dwell', 'periodicity']);
/** They name people. */
const NAMING: ReadonlySet<AnalysisKind> = new Set(['churn', 'value']);

/** @throws AppError FORBIDDEN for what is not of the caller alone, unless they may see it */
function allowed({ access }: AnalysisRoutesServices, caller: Caller, query: AnalysisQuery): AnalysisQuery {
  const { kind, format } = query;
  const need = (permission: Permission) => {
    if (!access.can(caller, permission)) throw new AppError('FORBIDDEN');
  };
  const isOwn = query.user_id === undefined || query.user_id === caller.userId;
  if (!access.can(caller, 'statistics:read')) {
    if (!isOwn || !OWN.has(kind) || format === 'csv') throw new AppError('FORBIDDEN');
    return { ...query, user_id: caller.userId };
  }
  if (query.user_id !== caller.userId) refusePlaced(access, caller);
  if (!isOwn || NAMING.has(kind)) need('users:read');
  return query;
}

function csvOf({ kind, items }: Analysis): CsvReply {
  const rows = items as readonly Record<string, CsvCell>[];
  const columns = Object.keys(rows[0] ?? { kind });
  const parts = [rows.map((row) => columns.map((column) => row[column] ?? null))];
  return { csv: { name: `behavior-${kind}.csv`, columns, parts } };
}
