import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { LotBook, type Lot } from '../../src/points/lotBook.ts';

const lot = (lotId: number, amount: number, given: Partial<Lot> = {}): Lot => ({
  lotId,
  userId: 1,
  originType: 'earn',
  transactionId: null,
  relatedId: null,
  amount,
  remaining: amount,
  spentBefore: 0,
  expiresAtMs: null,
  createdAtMs: 0,
  ...given,
});
const leftIn = (lots: readonly Lot[]) => lots.map(({ remaining }) => remaining);

describe('lots of points', () => {
  it('RP-1 what ends first is spent first, what never ends at last, and of two alike the older one', () => {
    const lots = [
      lot(1, 10),
      lot(2, 10, { expiresAtMs: 300 }),
      lot(3, 10, { expiresAtMs: 200 }),
      lot(4, 10, { expiresAtMs: 200 }),
    ];
    const book = new LotBook(lots, 0);
    const taken = [5, 20, 30, 40].map((to) =>
      book.settle(to).map(({ lot: { lotId }, amount }) => [lotId, amount]),
    );
    assert.deepEqual(taken, [
      [[3, 5]],
      [
        [3, 5],
        [4, 10],
      ],
      [[2, 10]],
      [[1, 10]],
    ]);
    assert.throws(() => book.settle(41), /more is spent/i);
  });

  it('RP-1 a spending takes nothing of a lot that was made after it, whenever it is settled', () => {
    const late = lot(2, 10, { expiresAtMs: 100, spentBefore: 6 });
    const first = lot(1, 10);
    new LotBook([first, late], 0).settle(8);
    assert.deepEqual(leftIn([first, late]), [4, 8]);
  });

  it('RP-2 a spending comes back to the lots it took, what was taken last at first, and never more than it was', () => {
    const lots = [lot(1, 10, { expiresAtMs: 100 }), lot(2, 10, { expiresAtMs: 200 }), lot(3, 10)];
    const book = new LotBook(lots, 0);
    book.settle(25);
    assert.deepEqual(leftIn(lots), [0, 0, 5]);
    book.giveBack(18, 25);
    assert.deepEqual(leftIn(lots), [0, 2, 10]);
    book.giveBack(8, 18);
    assert.deepEqual(leftIn(lots), [2, 10, 10]);
    assert.throws(() => book.giveBack(8, 9), /was not taken/);
    assert.deepEqual(leftIn(lots), [2, 10, 10]);
  });

  it('RP-3 what is taken back comes of the lots of its own, then of what ends first', () => {
    const lots = [
      lot(1, 10, { expiresAtMs: 100 }),
      lot(2, 10, { relatedId: 'bill' }),
      lot(3, 10, { expiresAtMs: 50 }),
    ];
    const book = new LotBook(lots, 0);
    assert.equal(
      book.takeBack(15, ({ relatedId }) => relatedId === 'bill'),
      15,
    );
    assert.deepEqual(leftIn(lots), [10, 0, 5]);
    assert.equal(
      book.takeBack(99, () => false),
      15,
    );
  });

  it('RP-8 a lot ends at its moment, not one before', () => {
    const lots = [lot(1, 10, { expiresAtMs: 100 }), lot(2, 10)];
    const book = new LotBook(lots, 0);
    assert.deepEqual(book.expire(99), []);
    assert.equal(book.nextDueMs, 100);
    assert.deepEqual(
      book.expire(100).map(({ lot: { lotId }, amount }) => [lotId, amount]),
      [[1, 10]],
    );
    assert.equal(book.nextDueMs, null);
    assert.deepEqual(book.expire(1000), []);
  });

  it('RP-1 settled late, in any steps, comes out as settled at once', () => {
    const action = fc.record({
      earned: fc.integer({ min: 1, max: 50 }),
      endsAt: fc.option(fc.integer({ min: 1, max: 5 })),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      isSettled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 30 }), (actions) => {
        const eager = new LotBook([], 0);
        const late = new LotBook([], 0);
        const lots: [Lot, Lot][] = [];
        let spent = 0;
        let available = 0;
        actions.forEach(({ earned, endsAt, share, isSettled }, at) => {
          const made = () => lot(at + 1, earned, { expiresAtMs: endsAt, spentBefore: spent });
          lots.push([made(), made()]);
          eager.add(lots.at(-1)![0]);
          late.add(lots.at(-1)![1]);
          available += earned;
          const amount = Math.floor(available * share);
          available -= amount;
          spent += amount;
          eager.settle(spent);
          if (isSettled) late.settle(spent);
        });
        late.settle(spent);
        assert.equal(late.remaining, available);
        for (const [a, b] of lots) assert.equal(a.remaining, b.remaining);
      }),
      { numRuns: 2000 },
    );
  });
});
