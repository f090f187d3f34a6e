/** Members of another system, with their balances, as a file. */
import { z } from 'zod';
import { MemberImport } from '../../../entities/identity/MemberImport.ts';
import { MemberImportProblem } from '../../../entities/identity/MemberImportProblem.ts';
import { AppError, languageOf, type Language } from '../../platform/errors.ts';
import { csvBytes } from '../../platform/http/readCsv.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, idText, timeShape, toWireTime } from '../../platform/shapes.ts';
import type { MemberImporter } from './memberImporter.ts';
import { PROBLEM_CODES, problemText, type ProblemCode } from './problems.ts';
import { receiveImport, type ReceivingServices } from './receiveImport.ts';

export interface ImportRoutesServices extends ReceivingServices {
  memberImporter: MemberImporter;
}

const EXAMPLE = 'external_id,mobile,nickname,points\nM-0001,13700000001,小林,120.50\n';

const startedShape = z.object({ job_id: idShape });

const importShape = z.object({
  job_id: idShape,
  status: z.enum(['running', 'completed', 'failed']).meta({
    description: 'failed: whoever has sent the file may not import any more; what was imported by then stays',
  }),
  dry_run: z.boolean(),
  rows: z.int().meta({ description: 'Below the header; empty lines are none' }),
  done: z.int().meta({ description: 'Of them, those of which it is decided what becomes of them' }),
  imported: z.int().meta({ description: 'Of a dry run 0' }),
  importable: z.int().meta({ description: 'That are in order and new: what a dry run would have imported' }),
  known: z.int().meta({ description: 'Whose external_id was imported before; they are passed over' }),
  error_count: z.int(),
  errors: z
    .array(
      z.object({
        row: z.int(),
        field: z.string(),
        message: z.string(),
        problem: z.enum(PROBLEM_CODES),
        earlier_row: z.int().nullable().meta({ description: 'Of what is there twice' }),
      }),
    )
    .meta({
      description: `The first ${LIMITS.importErrors}, by line of the file; field is empty for the row as a whole`,
    }),
  created_at: timeShape,
  finished_at: timeShape.nullable(),
});

/** As `?dry_run=true`, and as `?dry_run` alone. */
const dryRunText = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text !== 'false' && text !== '0')
  .default(false)
  .meta({
    override: { type: 'boolean', enum: undefined },
    description: 'Says what is wrong, and writes nothing',
  });

const bodyBytes = LIMITS.importBytes;

export function importRoutes(services: ImportRoutesServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/import/members',
      access: 'members:import',
      summary:
        'Import members of another system and their balances; those whose external_id is known are passed over, so that a file may be sent again',
      accepts: true,
      idempotencyKey: 'optional',
      csvStream: { example: EXAMPLE },
      bodyBytes,
      query: z.strictObject({ dry_run: dryRunText }),
      data: startedShape,
      handle: async (input) => {
        const { request, query } = input;
        const { importId, replayed } = await receiveImport(services, {
          actor: actorOf(input),
          isDry: query.dry_run,
          bytes: csvBytes(request, { bodyBytes }),
          idempotencyKey: request.get('Idempotency-Key'),
        });
        services.memberImporter.begin();
        return { data: { job_id: importId }, replayed };
      },
    }),
    route({
      method: 'get',
      path: '/admin/import/:job_id',
      access: 'members:import',
      summary: 'How far an import is, and what is wrong with which rows',
      refusals: ['NOT_FOUND'],
      params: z.strictObject({ job_id: idText }),
      data: importShape,
      handle: async ({ params, request }) => ({
        data: await readImport(services, params.job_id, languageOf(request.get('Accept-Language'))),
      }),
    }),
  ];
}

async function readImport(
  { database }: Pick<ReceivingServices, 'database'>,
  importId: number,
  language: Language,
): Promise<z.output<typeof importShape>> {
  const reader = database.currentReader;
  const job = await reader.findOneBy(MemberImport, { import_id: importId });
  if (job === null || job.status === 'receiving') throw new AppError('NOT_FOUND');
  const problems = await reader.find(MemberImportProblem, {
    where: { import_id: importId },
    order: { row_no: 'ASC', field: 'ASC' },
  });
  return {
    job_id: job.import_id,
    status: job.status,
    dry_run: job.is_dry,
    rows: job.row_count,
    done: job.done_count,
    imported: job.imported_count,
    importable: job.fit_count,
    known: job.known_count,
    error_count: job.problem_count,
    errors: problems.map((problem) => ({
      row: problem.row_no,
      field: problem.field,
      message: problemText(problem, language),
      problem: problem.problem as ProblemCode,
      earlier_row: problem.earlier_row,
    })),
    created_at: toWireTime(job.created_at.getTime()),
    finished_at: job.finished_at === null ? null : toWireTime(job.finished_at.getTime()),
  };
}
