import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { LotterySimulation } from '../../entities/lottery/LotterySimulation.ts';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onFace('the simulator of the console', (face) => {
  const simulated = async (): Promise<number> => {
    const rest = { prize_type: 'coupon' as const, prize_value: 20_00 };
    const { campaignId } = await face.server.addCampaign({
      campaign: { cost_per_draw: 100, guarantee_threshold: null },
      prizes: [
        { ...rest, prize_name: '冰粉', win_probability: 1_000_000, total_quantity: 90 },
        { ...rest, prize_name: '酸菜鱼', win_probability: 4_000_000, total_quantity: 60 },
      ],
    });
    const { token } = await face.server.login(ADMIN);
    const body = { campaign_id: campaignId, draws: 2000, runs: 100, seed: 'band' };
    const asked = { token, body };
    const { data } = await face.server.api<any>('POST', '/admin/campaigns/simulate', asked);
    const path = `/admin/simulations/${data.simulation_id}`;
    await eventually(async () => {
      const { data: view } = await face.server.api<any>('GET', path, { token });
      assert.equal(view.status, 'completed');
    });
    return data.simulation_id;
  };
  /** Points of the chart's canvas that have the colour of a token. */
  const painted = (page: Page, token: string) =>
    page.evaluate<number>(`(() => {
      const canvas = document.querySelectorAll('.chart')[1].querySelector('canvas');
      const ask = document.createElement('canvas').getContext('2d');
      ask.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('${token}').trim();
      ask.fillRect(0, 0, 1, 1);
      const [red, green, blue] = ask.getImageData(0, 0, 1, 1).data;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) count++;
      return count;
    })()`);

  it('L-11 shows what is left of each prize over the evening as a band, and when the last ones go where a result has no more', async () => {
    const id = await simulated();
    const desk = await face.deskOf(ADMIN, `/simulator?simulation=${id}`);
    const { page } = desk;
    const chart = page.locator('.chart').nth(1);
    await page.waitForSelector('.chart:nth-child(2)[data-drawn=true] canvas');
    // What goes first is shown first.
    assert.equal(await chart.locator('h2').innerText(), '酸菜鱼的余量');
    const wide = await painted(page, '--c-band');
    const line = await painted(page, '--c-line');
    assert.ok(wide > 2000 && line > 200, `${wide} points of the band, ${line} of the line`);
    await mustBeAccessible(desk);
    await page.emulateMedia({ colorScheme: 'dark' });
    await mustBeAccessible(desk, ['color-contrast']);
    await page.emulateMedia({ colorScheme: 'light' });

    await chart.getByRole('button', { name: '看数据' }).click();
    await chart.locator('tbody tr').first().waitFor();
    const rows = await chart.locator('tbody tr').allInnerTexts();
    const figures = rows.map((row) => row.split('\t').slice(1).map(Number));
    assert.equal(figures.length, 25);
    assert.deepEqual(figures[0], [0, 60, 60, 60]);
    const [draws, p5, p50, p95] = figures[12]!;
    // 1,000 draws at one in 25: 40 are gone, with a deviation of 6.
    assert.ok(draws === 960 || draws === 1000, String(draws));
    assert.ok(p5! < p50! && p50! < p95! && Math.abs(p50! - 20) <= 4, String(figures[12]));
    await chart.locator('select').selectOption({ label: '冰粉' });
    await chart.locator('h2', { hasText: /^\s*冰粉的余量\s*$/ }).waitFor();
    assert.match(await chart.locator('tbody tr').first().innerText(), /\t90\t90\t90$/);
    await chart.locator('select').selectOption({ label: '全部奖品' });
    await eventually(async () => assert.equal(await chart.locator('tbody tr').count(), 2));

    // As an earlier version stored it.
    const { database } = face.server.context;
    await database.transaction(async ({ manager }) => {
      const row = await manager.findOneByOrFail(LotterySimulation, { simulation_id: id });
      const { stock_course: _, ...rest } = JSON.parse(row.result!);
      await manager.update(LotterySimulation, { simulation_id: id }, { result: JSON.stringify(rest) });
    });
    await page.reload();
    await page.waitForSelector('.chart:nth-child(2)[data-drawn=true] canvas');
    assert.equal(await chart.locator('h2').innerText(), '限量奖品什么时候抽完');
    assert.equal(await chart.locator('select').count(), 0);
  }).timeout(60_000);
});
