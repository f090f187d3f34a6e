import { Readable } from 'node:stream';
import type { Options } from 'csv-stringify';
import { stringify } from 'csv-stringify/sync';
import type { Request, Response } from 'express';
import { streamTo } from './streamTo.ts';

/** Amounts are numbers: what is text and begins as a formula does, in full width as well, is made harmless (RA-6). */
export type CsvCell = string | number | boolean | null;
type CsvRows = readonly (readonly CsvCell[])[];

/** A table for a spreadsheet. */
export interface CsvReply {
  csv: {
    /** Of the file; of letters that need no quoting. */
    name: string;
    columns: readonly string[];
    /** Rows, some at a time: made while they are sent, as fast as the client takes them. */
    parts: Iterable<CsvRows> | AsyncIterable<CsvRows>;
  };
}

const AS_SPREADSHEETS: Options = {
  escape_formulas: true,
  record_delimiter: 'windows',
  cast: { boolean: String },
};

/** Answers with CSV (RFC 4180) in UTF-8 with its mark, without which Excel does not take it for that. Ends when the client goes. */
export async function sendCsv(request: Request, response: Response, { csv }: CsvReply): Promise<void> {
  response.status(200).type('text/csv; charset=utf-8');
  response.set('Content-Disposition', `attachment; filename="${csv.name}"`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await streamTo(response, Readable.from(textsOf(csv)));
}

/** A text for each part: what has an object and a promise for each row outlives many of the collector's rounds. */
async function* textsOf({ columns, parts }: CsvReply['csv']): AsyncGenerator<string> {
  yield stringify([columns], { ...AS_SPREADSHEETS, bom: true });
  for await (const rows of parts) if (rows.length > 0) yield stringify([...rows], AS_SPREADSHEETS);
}
