/** The rows of a file of members, each in order or with what is wrong with it, while the file comes. */
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { textShape } from '../../platform/shapes.ts';
import { mobileShape } from '../messages.ts';
import { nicknameShape } from '../people/nicknames.ts';
import { linesOf, valuesOf } from './csvLines.ts';
import { FIELDS, type Field, type ProblemCode, type RowProblem } from './problems.ts';

export interface NewMember {
  externalId: string;
  mobile: string;
  /** Empty: what is given to whoever registers. */
  nickname: string;
  /** 1/100 points. */
  points: number;
}

export type ReadRow = { row: number; member: NewMember } | { row: number; problems: RowProblem[] };

/**
 * Empty lines are no rows. Of what is there twice, the first is in order.
 * @throws AppError VALIDATION_FAILED for another header, another encoding, or too many rows
 */
export async function* readMembers(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow> {
  const seen = { external_id: new Map<string, number>(), mobile: new Map<string, number>() };
  let places: ReadonlyMap<Field, number> | undefined;
  let row = 0;
  let rows = 0;
  for await (const line of linesOf(bytes)) {
    row += 1;
    if (places === undefined) {
      places = placesOf(line);
      continue;
    }
    if (/^[,\s]*$/.test(line)) continue;
    rows += 1;
    if (rows > LIMITS.importRows) throw unfit(`has more than ${LIMITS.importRows} rows`);
    yield readRow(row, { line, places, seen });
  }
  if (places === undefined) throw unfit('is empty');
}

function unfit(message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path: 'body', message }] });
}

/** In whatever order they are. */
function placesOf(header: string): ReadonlyMap<Field, number> {
  const names = valuesOf(header)?.map((name) => name.toLowerCase()) ?? [];
  const isComplete = names.length === FIELDS.length && FIELDS.every((field) => names.includes(field));
  if (!isComplete) throw unfit(`must begin with the line ${FIELDS.join(',')}`);
  return new Map(FIELDS.map((field) => [field, names.indexOf(field)]));
}

interface Line {
  line: string;
  places: ReadonlyMap<Field, number>;
  seen: Record<'external_id' | 'mobile', Map<string, number>>;
}

function readRow(row: number, { line, places, seen }: Line): ReadRow {
  const whole = (problem: ProblemCode): ReadRow => ({ row, problems: [{ row, field: '', problem }] });
  if (line.length > LIMITS.importLineCharacters) return whole('line');
  const values = valuesOf(line);
  if (values === undefined) return whole('quote');
  if (values.length !== places.size) return whole('values');
  const problems: RowProblem[] = [];
  const valueOf = (field: Field) => values[places.get(field)!]!;
  const read = <Value>(field: Field, readValue: (text: string) => Value | { problem: ProblemCode }) => {
    const value = readValue(valueOf(field));
    if (typeof value !== 'object' || value === null || !('problem' in value)) return value;
    problems.push({ row, field, problem: value.problem });
    return undefined;
  };
  const first = (field: 'external_id' | 'mobile', value: string | undefined) => {
    if (value === undefined) return;
    const earlierRow = seen[field].get(value);
    if (earlierRow === undefined) seen[field].set(value, row);
    else problems.push({ row, field, problem: 'twice', earlierRow });
  };
  const externalId = read('external_id', readExternalId);
  first('external_id', externalId);
  const mobile = read('mobile', readMobile);
  first('mobile', mobile);
  const nickname = read('nickname', readNickname);
  const points = read('points', readPoints);
  if (problems.length > 0) return { row, problems };
  return { row, member: { externalId: externalId!, mobile: mobile!, nickname: nickname!, points: points! } };
}

type Read<Value> = Value | { problem: ProblemCode };

const externalIdShape = textShape({ max: LIMITS.externalIdCharacters });

function readExternalId(text: string): Read<string> {
  if (text === '') return { problem: 'empty' };
  return textOf(externalIdShape.safeParse(text));
}

function readNickname(text: string): Read<string> {
  return text === '' ? text : textOf(nicknameShape.safeParse(text));
}

function textOf(read: ReturnType<typeof nicknameShape.safeParse>): Read<string> {
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  if (issue?.code === 'too_big') return { problem: 'too_long' };
  return { problem: issue?.message === 'is reserved' ? 'reserved' : 'unreadable' };
}

function readMobile(text: string): Read<string> {
  const read = mobileShape.safeParse(text);
  return read.success ? read.data : { problem: text === '' ? 'empty' : 'mobile' };
}

/** As they are written: no thousands, no exponents, nothing that a spreadsheet would work out. */
function readPoints(text: string): Read<number> {
  if (text === '') return { problem: 'empty' };
  const [, sign, whole, decimals = ''] = /^([+-]?)(\d{1,15})(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return { problem: 'number' };
  if (/[1-9]/.test(decimals.slice(2))) return { problem: 'decimals' };
  const hundredths = Number(whole) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'));
  if (sign === '-' && hundredths > 0) return { problem: 'negative' };
  return hundredths > LIMITS.pointsPerMovement ? { problem: 'too_large' } : hundredths;
}
