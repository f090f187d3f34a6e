import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Leaderboard } from '../../src/lottery/leaderboard.ts';
import { ShownLists } from '../../src/lottery/shownLists.ts';

describe('lists of a campaign that its clients are shown', () => {
  const diner = (draws: number) => ({
    leaderboard: new Leaderboard([
      { userId: 1, nickname: '食客一号', draws, wins: 1, prizeValue: 550, firstDrawNo: 1 },
    ]),
    recentWinners: [{ drawNo: draws, userId: 1, nickname: '食客一号', prizeName: '可乐', atMs: 0 }],
  });
  const drawsIn = ({ leaderboard }: ReturnType<ShownLists['of']>) => leaderboard[0]!.draws;

  it('L-8 as they are, with masked names', () => {
    assert.deepEqual(new ShownLists().of(diner(3), 3, 0), {
      leaderboard: [{ rank: 1, user_id: 1, nickname: '食**号', draws: 3, wins: 1, prize_value: 5.5 }],
      recent_winners: [
        { draw_no: 3, user_id: 1, nickname: '食**号', prize_name: '可乐', at: '1970-01-01T00:00:00.000Z' },
      ],
    });
  });

  it('L-8 are made anew with every view in a room where people can follow', () => {
    const lists = new ShownLists();
    for (const draws of [1, 50, 149, 150]) {
      assert.equal(drawsIn(lists.of(diner(draws), draws, draws)), draws);
      assert.equal(lists.isBehind, false);
    }
  });

  it('L-8 are made three times a second in a rush, and the last of them is true', () => {
    const lists = new ShownLists();
    lists.of(diner(0), 0, 0);
    const seen = [100, 200, 300, 400, 500, 600].map((nowMs) => [
      drawsIn(lists.of(diner(nowMs), nowMs, nowMs)),
      lists.isBehind,
    ]);
    assert.deepEqual(seen, [
      [0, true],
      [0, true],
      [300, false],
      [300, true],
      [300, true],
      [600, false],
    ]);
    lists.of(diner(800), 800, 700);
    assert.equal(lists.isBehind, true);
    assert.equal(drawsIn(lists.of(diner(800), 800, 900)), 800);
    assert.equal(lists.isBehind, false);
  });
});
