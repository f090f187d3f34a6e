import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readMembers, type ReadRow } from '../../../src/identity/imports/readMembers.ts';
import { valuesOf } from '../../../src/identity/imports/csvLines.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { LIMITS } from '../../../src/platform/limits.ts';

const HEADER = 'external_id,mobile,nickname,points';

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function rowsOf(text: string | Uint8Array, size = 65_536): Promise<ReadRow[]> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const rows: ReadRow[] = [];
  for await (const row of readMembers(inParts(bytes, size))) rows.push(row);
  return rows;
}

/** `row field problem`, with the row that had it first. */
async function problemsOf(...lines: string[]): Promise<string[]> {
  const rows = await rowsOf([HEADER, ...lines].join('\n'));
  return rows.flatMap((row) =>
    'problems' in row
      ? row.problems.map(({ row: at, field, problem, earlierRow = '' }) =>
          `${at} ${field} ${problem} ${earlierRow}`.trim(),
        )
      : [],
  );
}

async function refusal(text: string | Uint8Array): Promise<string> {
  try {
    await rowsOf(text);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'VALIDATION_FAILED');
    return (error.details as { message: string }[])[0]!.message;
  }
  assert.fail('it was read');
}

describe('R-10 a file of members', () => {
  const member = { externalId: 'M-1', mobile: '13700000001', nickname: '小"林", 甲', points: 120_50 };
  const line = 'M-1,+8613700000001,"小""林"", 甲",120.50';

  it('is read with or without a mark, with any ends of lines, in parts of any size, and columns in any order', async () => {
    for (const mark of ['', '\ufeff'])
      for (const end of ['\n', '\r\n', '\r'])
        for (const size of [1, 2, 3, 7, 65_536]) {
          const text = `${mark}${HEADER}${end}${line}${end}${end},,,${end}M-2, 13700000002 ,,0`;
          assert.deepEqual(
            await rowsOf(text, size),
            [
              { row: 2, member },
              { row: 5, member: { externalId: 'M-2', mobile: '13700000002', nickname: '', points: 0 } },
            ],
            JSON.stringify([mark, end, size]),
          );
        }
    const turned = 'points,"nickname",Mobile, external_id\n120.5,"小""林"", 甲",13700000001,M-1\n';
    assert.deepEqual(await rowsOf(turned), [{ row: 2, member }]);
  });

  it('in GBK or UTF-16 is refused, and the message says what to do', async () => {
    // 会员 in GBK.
    const gbk = Buffer.concat([
      Buffer.from(`${HEADER}\nM-1,13700000001,`),
      Buffer.from([0xbb, 0xe1, 0xd4, 0xb1]),
    ]);
    assert.match(await refusal(gbk), /not UTF-8.*GBK.*CSV UTF-8/);
    assert.match(await refusal(Buffer.from(`\ufeff${HEADER}\n`, 'utf16le')), /not UTF-8/);
    // A character that is cut off at the end.
    assert.match(await refusal(Buffer.from('会').subarray(0, 2)), /not UTF-8/);
  });

  it('without its header, empty, or with too many rows is refused', async () => {
    for (const text of [
      '',
      '\n',
      'M-1,13700000001,a,1',
      `${HEADER},level`,
      'external_id,mobile,nickname',
      `"${HEADER}`,
    ])
      assert.match(await refusal(text), /is empty|must begin with the line external_id/, text);
    const lines = Array.from({ length: LIMITS.importRows + 1 }, (_, at) => `M-${at},x,,1`);
    assert.match(await refusal([HEADER, ...lines].join('\n')), /more than 50000 rows/);
    assert.equal((await rowsOf([HEADER, ...lines.slice(1)].join('\n'))).length, LIMITS.importRows);
  });

  it('has each fault named by its line and field, and what is in order goes on', async () => {
    assert.deepEqual(
      await problemsOf(
        'M-1,13700000001,a,1',
        'M-1,13700000001,b,2',
        ',1370000,,',
        'M-4,1.37E+10,管理员,-1',
        `M-5,13700000005,${'长'.repeat(33)},1.234`,
        `${'x'.repeat(65)},13700000006,a\u202eb,1,000`,
        'M-7,13700000007,a,"1,000"',
        'M-8,13700000008,"a,1',
        'M-9,13700000009,a"b,1',
        'M-10,13700000010,a,10000000.01',
        'M-11,13700000011,a,=1+1',
        'M-12,13700000012,=HYPERLINK("x"),1',
        `M-13,13700000013,a,1${' '.repeat(LIMITS.importLineCharacters)}`,
        'M-14,13700000014,a',
        'M-15,13700000015,"=1+1",5.00',
      ),
      [
        '3 external_id twice 2',
        '3 mobile twice 2',
        '4 external_id empty',
        '4 mobile mobile',
        '4 points empty',
        '5 mobile mobile',
        '5 nickname reserved',
        '5 points negative',
        '6 nickname too_long',
        '6 points decimals',
        '7  values',
        '8 points number',
        '9  quote',
        '10  quote',
        '11 points too_large',
        '12 points number',
        '13  quote',
        '14  line',
        '15  values',
      ],
    );
    const [row] = await rowsOf(`${HEADER}\nM-1,13700000001,"=1+1",5.00`);
    assert.deepEqual(row, {
      row: 2,
      member: { externalId: 'M-1', mobile: '13700000001', nickname: '=1+1', points: 500 },
    });
  });

  it('takes points as they are written', async () => {
    for (const [text, points] of [
      ['0', 0],
      ['-0', 0],
      ['+7', 700],
      ['0.1', 10],
      ['1.10', 110],
      ['1.1000', 110],
      ['10000000', 1_000_000_000],
    ] as const) {
      const [row] = await rowsOf(`${HEADER}\nM,13700000001,,${text}`);
      assert.equal(row && 'member' in row && row.member.points, points, text);
    }
    for (const text of ['1e3', '１', '1.', '.5', '0x1', 'NaN', 'Infinity', '1 000', '--1', '9'.repeat(16)])
      assert.equal((await problemsOf(`M,13700000001,,${text}`)).length, 1, text);
  });

  it('is held in memory by no more than a line, however long that is', async () => {
    async function* endless() {
      yield Buffer.from(`${HEADER}\n`);
      for (let part = 0; part < 2000; part++) yield Buffer.alloc(64 * 1024, 'x');
      yield Buffer.from('\nM-1,13700000001,a,1');
    }
    const rows: ReadRow[] = [];
    const before = process.memoryUsage().rss;
    for await (const row of readMembers(endless())) rows.push(row);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
    assert.deepEqual(
      rows.map(({ row }) => row),
      [2, 3],
    );
    assert.ok('member' in rows[1]!);
  });

  it('has its quotes read as RFC 4180 has them', () => {
    assert.deepEqual(valuesOf('a,"b","c""d",,"" , e '), ['a', 'b', 'c"d', '', '', 'e']);
    for (const line of ['"', 'a"', '"a"b', '"a" "b"', ' x"a"']) assert.equal(valuesOf(line), undefined, line);
    // Nothing grows with more than the length of a line.
    const startedMs = performance.now();
    for (let at = 0; at < 1000; at++) valuesOf(`${' '.repeat(LIMITS.importLineCharacters - 1)}"`);
    assert.ok(performance.now() - startedMs < 1000);
  });
});
