import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace, SUPER_ADMIN } from './face.ts';
import { mustBeAccessible } from './pages.ts';

const [WANG, LI] = ['13900000001', '13900000002'];

onFace('what waits for a decision, in the console', (face) => {
  let bills = 0;
  const claim = async (mobile: string) => {
    const paid_at = new Date(Date.now() - 3_600_000).toISOString();
    const bill = { restaurant_id: 1, bill_no: `E2E-${++bills}`, amount: 128, paid_at };
    const { bill_no, review_id: id } = await face.call(mobile, 'POST', '/spend-claims', bill);
    return { id: id as number, bill: bill_no as string };
  };
  const read = (id: number) => face.call(ADMIN, 'GET', `/admin/reviews/${id}`);

  it('R-1 RA-3 a reviewer approves a bill by a key, rejects another with a reason, and may not decide their own', async () => {
    const [good, bad, own] = [await claim(WANG), await claim(LI), await claim(ADMIN)];
    const desk = await face.deskOf(ADMIN, '/reviews?kind=spend_claim');
    const { page } = desk;
    await page.getByRole('button', { name: new RegExp(good.bill) }).click();
    await page.waitForSelector('.review .bill');
    assert.match(await page.innerText('.review'), /128元/);
    await mustBeAccessible(desk);
    await page.keyboard.press('a');
    await eventually(async () => assert.equal((await read(good.id)).status, 'approved'));
    await page.waitForSelector('.review .tag.ok');
    await page.goto(`${face.origin}/admin/reviews?review=${bad.id}`);
    await page.waitForSelector('.review .bill');
    await page.keyboard.press('r');
    await page.fill('input[name=reason]', '照片不清');
    await page.locator('.ask .button.danger').click();
    await eventually(async () => {
      const { status, reason } = await read(bad.id);
      assert.deepEqual([status, reason], ['rejected', '照片不清']);
    });
    await page.goto(`${face.origin}/admin/reviews?review=${own.id}`);
    await page.waitForSelector('.review .why');
    assert.match(await page.innerText('.review .why'), /你自己的申请/);
    assert.equal(await page.locator('.review .button.primary').isDisabled(), true);
    await page.keyboard.press('a');
    assert.equal((await read(own.id)).status, 'pending');
  }).timeout(60_000);

  it('RA-3 a batch says of each what has become of it, also of one that somebody else was first with', async () => {
    const [first, second] = [await claim(WANG), await claim(LI)];
    const desk = await face.deskOf(ADMIN, '/reviews?kind=spend_claim', { colorScheme: 'dark' });
    const { page } = desk;
    for (const { id } of [first, second]) await page.getByLabel(`选审核${id}`, { exact: true }).check();
    await face.call(SUPER_ADMIN, 'POST', `/admin/reviews/${second.id}`, {
      decision: 'reject',
      reason: '不符',
    });
    await page.getByRole('button', { name: '通过2项' }).click();
    await page.waitForSelector('.bulk');
    const told = await page.innerText('.bulk');
    assert.match(told, new RegExp(`${second.bill}[^]*已经决定过[^]*${first.bill}[^]*已通过`));
    assert.deepEqual(
      [(await read(first.id)).status, (await read(second.id)).status],
      ['approved', 'rejected'],
    );
    assert.match(page.url(), /kind=spend_claim/);
    await mustBeAccessible(desk);
  }).timeout(60_000);

  it('R-6 RA-11 an operator changes the configuration, sees what was changed, and goes back with one press', async () => {
    const desk = await face.deskOf(SUPER_ADMIN, '/configuration', { colorScheme: 'dark' });
    const { page } = desk;
    await page.fill('[name="reviews.decision_minutes"]', '240');
    await page.locator('[name="reviews.decision_minutes"]').blur();
    await page.click('.save');
    await page.waitForSelector('.versions li');
    const decision = async () =>
      (await face.call(ADMIN, 'GET', '/admin/config')).config.reviews.decision_minutes as number;
    await eventually(async () => assert.equal(await decision(), 240));
    await page.locator('.versions button').first().click();
    await eventually(async () => assert.match(await page.innerText('.changes'), /480[^]*240/));
    await page.getByRole('button', { name: '恢复启动时的配置' }).click();
    await page.fill('.danger input', '第1版');
    await page.locator('.danger .button.danger').click();
    await eventually(async () => assert.equal(await decision(), 480));
    await mustBeAccessible(desk);
  }).timeout(60_000);
});
