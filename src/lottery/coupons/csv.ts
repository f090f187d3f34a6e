import { CsvError, parse } from 'csv-parse/sync';
import { AppError } from '../../platform/errors.ts';

/**
 * The codes of a text of comma-separated values: its first column, or the one with the heading `code`. @throws AppError
 * VALIDATION_FAILED
 */
export function codesOfCsv(text: string): { codes: string[] } {
  const rows = rowsOf(text);
  const column = rows[0]?.findIndex((heading) => heading.toLowerCase() === 'code') ?? -1;
  const codes = column < 0 ? rows : rows.slice(1);
  return { codes: codes.map((row) => row[Math.max(column, 0)] ?? '') };
}

function rowsOf(text: string): string[][] {
  try {
    return parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: '', message: 'malformed CSV' }],
      cause: error,
    });
  }
}
