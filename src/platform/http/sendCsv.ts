import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { Request, Response } from 'express';
import { streamTo } from './streamTo.ts';

/** Amounts are numbers: what is text and begins as a formula does, in full width as well, is made harmless (RA-6). */
export type CsvCell = string | number | boolean | null;

/** A table for a spreadsheet. */
export interface CsvReply {
  csv: {
    /** Of the file; of letters that need no quoting. */
    name: string;
    columns: readonly string[];
    /** Made while they are sent, as fast as the client takes them. */
    rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>;
  };
}

/** Answers with CSV (RFC 4180) in UTF-8 with its mark, without which Excel does not take it for that. Ends when the client goes. */
export async function sendCsv(request: Request, response: Response, { csv }: CsvReply): Promise<void> {
  response.status(200).type('text/csv; charset=utf-8');
  response.set('Content-Disposition', `attachment; filename="${csv.name}"`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const lines = stringify({
    header: true,
    columns: [...csv.columns],
    bom: true,
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: { boolean: String },
  });
  await streamTo(response, Readable.from(csv.rows), lines);
}
