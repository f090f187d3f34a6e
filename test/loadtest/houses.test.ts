import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import type { DatabaseKind } from '../../loadtest/commandLine.ts';
import { readLarge } from '../../loadtest/scale/compareInHouses.ts';
import { untilCounted } from '../../loadtest/scale/countedHouse.ts';
import { Houses, peopleOf, type HouseSize } from '../../loadtest/scale/houses.ts';
import { ServedHouse } from '../../loadtest/scale/servedHouse.ts';
import { withDatabase } from '../../loadtest/withDatabase.ts';
import { needs } from '../support/shared.ts';

const SIZE: HouseSize = { users: 1000, storedDraws: 1500, prizes: 3 };

describe('the houses of the bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-houses-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const kind of ['sqlite', 'mariadb'] as const) {
    describe(kind, () => {
      if (kind === 'mariadb') needs('mariadbd', 'mariadb-install-db');

      it('S-9 are made once, full and counted, and found again with what was drawn in them', async () => {
        const first = await open(kind);
        const made = await look(first);
        assert.deepEqual(made, { ...FULL, drawn: 1500 });
        const served = await ServedHouse.byServer(first.all[0]!, { rest: 2, room: 2 });
        for (const over of ['rest', 'room'] as const) {
          const { drawsPerSecond } = await served.over(over).measure(1, 0.2);
          assert.ok(drawsPerSecond > 0, over);
        }
        await untilCounted(first.all[0]!.url);
        await served.stop();
        const counted = await look(first);
        assert.ok(counted.drawn > 1500);
        assert.equal(counted.counted, counted.drawn);
        await first.close();

        const again = await open(kind);
        const found = await look(again);
        await again.close();
        assert.ok(found.drawn > 1500);
        assert.equal(found.stored, found.drawn);
        assert.equal(found.people, FULL.people);
        assert.ok(existsSync(join(folder, `house_1000_1500_3.${kind}.json`)));
      }).timeout(120_000);
    });
  }

  const open = (kind: DatabaseKind) => Houses.open({ kind, folder, sizes: [SIZE] });

  it('S-9 people are as far apart as they can be', () => {
    const house = { ...SIZE, url: '', campaignIds: [1], firstUserId: 7 };
    assert.deepEqual(peopleOf(house, 4), [7, 257, 507, 757]);
  });

  it('S-9 a house is not compared with itself, nor with one of too few people', () => {
    assert.equal(readLarge({}), undefined);
    assert.deepEqual(readLarge({ users: '5000' }), { users: 5000, storedDraws: 10_000, kept: undefined });
    assert.throws(() => readLarge({ users: '1000' }), /compared with/);
    assert.throws(() => readLarge({ users: '999' }), /--users is a whole number from 1000/);
  });
});

const FULL = { people: 1000, stored: 1500, counted: 1500, prizes: 3 };

/** Of its first campaign. */
function look({ all: [house] }: Houses): Promise<typeof FULL & { drawn: number }> {
  const campaignId = house!.campaignIds[0]!;
  return withDatabase(house!.url, async (database) => {
    const count = async (sql: string) =>
      Number((await database.readCurrent<{ found: number | string }>(sql))[0]!.found);
    return {
      people: await count('SELECT COUNT(*) AS found FROM user_points_accounts'),
      stored: await count(`SELECT COUNT(*) AS found FROM lottery_draws WHERE campaign_id = ${campaignId}`),
      counted: await count(
        `SELECT draw_no AS found FROM lottery_statistics_cursors WHERE campaign_id = ${campaignId}`,
      ),
      prizes: await count(`SELECT COUNT(*) AS found FROM lottery_prizes WHERE campaign_id = ${campaignId}`),
      drawn: await count(`SELECT draw_no AS found FROM lottery_campaigns WHERE campaign_id = ${campaignId}`),
    };
  });
}
