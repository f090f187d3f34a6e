import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { changedFields } from '../../web/admin/access/changedFields.ts';
import { hoursOf, hoursText } from '../../web/admin/access/hours.ts';
import { numbersIn } from '../../web/admin/parts/numbersIn.ts';
import { asWallTime, fromWallTime } from '../../web/shared/wallTime.ts';
import { definitionOf, draftOf, newDraft, withFields } from '../../web/admin/rules/ruleDraft.ts';

describe('what forms of the console read and write', () => {
  it('RW-10 times are those of clocks of the business, wherever the reader is', () => {
    assert.equal(asWallTime('2026-12-25T12:30:00.000Z', 'Asia/Shanghai'), '2026-12-25T20:30');
    assert.equal(fromWallTime('2026-12-25T20:30', 'Asia/Shanghai'), '2026-12-25T12:30:00.000Z');
    for (const wall of ['2026-03-29T01:30', '2026-03-29T03:30', '2026-10-25T01:30', '2026-10-25T04:00'])
      assert.equal(asWallTime(fromWallTime(wall, 'Europe/Berlin'), 'Europe/Berlin'), wall);
  });

  it('R-9 hours are read as they are written, and what cannot be read is said', () => {
    const hours = [
      { days: [1, 2, 3, 4, 5], from: '10:00', to: '22:00' },
      { days: [6, 7], from: '09:00', to: '23:00' },
      { days: [7], from: '07:00', to: '08:00' },
    ];
    assert.equal(hoursText(hours), '1-5 10:00-22:00\n6-7 09:00-23:00\n7 07:00-08:00');
    assert.deepEqual(hoursOf(hoursText(hours)), hours);
    assert.deepEqual(hoursOf('1,3 10:00-22:00')![0]!.days, [1, 3]);
    assert.equal(hoursOf('always'), undefined);
    assert.equal(hoursOf('0-8 10:00-22:00'), undefined);
  });

  it('A-10 of a change those fields come first that it is about', () => {
    const fields = changedFields({ name: 'a', role: 'user' }, { name: 'a', role: 'staff', reason: 'new' });
    assert.deepEqual(
      fields.map(({ name, before, after, isChanged }) => [name, before, after, isChanged]),
      [
        ['role', 'user', 'staff', true],
        ['reason', '–', 'new', true],
        ['name', 'a', 'a', false],
      ],
    );
    assert.deepEqual(changedFields(null, undefined), []);
  });

  it('people are named once each, by whatever stands between their numbers', () => {
    assert.deepEqual(numbersIn('4, 5、5 6\n0 x 7'), [4, 5, 6, 7]);
  });

  it('P-11 a rule comes out of its form as it went in', () => {
    const draft = { ...newDraft('task'), name: 'x', multipliers: '2: 1.5, 3：2', day: '30', amount: '5' };
    const definition = definitionOf(draft);
    assert.deepEqual(definition.multiplier_by_level, { 2: 15_000, 3: 20_000 });
    assert.deepEqual(definition.caps, { day: 30, week: null, month: null });
    assert.deepEqual(definitionOf(draftOf({ type: 'task', name: 'x', definition })), definition);
    const mixed = withFields(draft, [
      { path: 'task.goal', mine: 9 },
      { path: 'amount', mine: '7' },
    ]);
    assert.deepEqual([mixed.task.goal, mixed.amount, draft.task.goal], [9, '7', 1]);
  });
});
