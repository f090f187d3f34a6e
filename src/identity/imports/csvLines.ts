/*
 * Lines of a file while its bytes come, and the values of a line. No value here has a line break in it: so a line is a row, a quote
 * that is not closed spoils its own row and none below it, and rows are numbered as an editor or a spreadsheet shows them.
 */
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';

/** Without its mark. @throws AppError VALIDATION_FAILED for what is not UTF-8 */
async function* textsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (part?: Uint8Array) => {
    try {
      return decoder.decode(part, { stream: part !== undefined });
    } catch (error) {
      const message =
        'is not UTF-8: a file in GBK, as spreadsheets save CSV by default, has to be saved as "CSV UTF-8"';
      throw new AppError('VALIDATION_FAILED', { details: [{ path: 'body', message }], cause: error });
    }
  };
  for await (const part of bytes) yield decode(part);
  yield decode();
}

/** Ended by CRLF, LF or CR. One that is longer than it may be is cut just behind that, and can be told by its length. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textsOf(bytes)) {
    // What may be the first half of a CRLF waits for the next part.
    const whole = rest + text;
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\r|\n/);
    rest = cut(lines.pop()!) + whole.slice(end);
    for (const line of lines) yield cut(line);
  }
  if (rest.endsWith('\r')) rest = rest.slice(0, -1);
  if (rest !== '') yield rest;
}

function cut(line: string): string {
  return line.slice(0, LIMITS.importLineCharacters + 1);
}

const VALUE = /[ \t]*"((?:[^"]|"")*)"[ \t]*(,|$)|([^",]*)(,|$)/y;

/** Without the blanks around them. @returns undefined where quotes are not in order */
export function valuesOf(line: string): string[] | undefined {
  const values: string[] = [];
  VALUE.lastIndex = 0;
  for (;;) {
    const found = VALUE.exec(line);
    if (found === null) return undefined;
    const [, quoted, afterQuoted, plain = '', afterPlain] = found;
    values.push((quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim());
    if ((afterQuoted ?? afterPlain) === '') return values;
  }
}
