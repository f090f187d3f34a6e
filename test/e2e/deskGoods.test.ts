import assert from 'node:assert/strict';
import { noisy } from '../images/pictures.ts';
import { ADMIN, onFaceWith, STAFF, SUPER_ADMIN, type Face } from './face.ts';
import { loseAnswerOf, mustBeAccessible } from './pages.ts';

const SELLER = '13900000001';
const BUYER = '13900000002';
const TEA = { name: '桂花乌龙', price: 80, stock: 9 };

onFaceWith(
  'what points are exchanged for, in the console',
  { environment: { TRADE_REVIEW: '500' } },
  (face) => {
    const call: Face['call'] = (...asked) => face.call(...asked);
    const balance = async (mobile: string) => (await call(mobile, 'GET', '/points/account')).available_points;

    it('R-3 R-5 PTS-4 RA-14 a product is made once with its picture, and pieces are put in once though the answer is lost', async () => {
      const { page, allow } = await face.deskOf(ADMIN, '/products');
      allow(/net::ERR_FAILED/);
      await page.click('.page-head .primary');
      await page.fill('input[name=product-name]', '茶点拼盘');
      await page.fill('input[name=price]', '0');
      await page.waitForSelector('.field-row.wrong >> text=要大于0');
      await page.fill('input[name=price]', '88.5');
      await page.fill('input[name=stock]', '5');
      const buffer = await noisy(320, 240).png().toBuffer();
      const picture = { name: 'plate.png', mimeType: 'image/png', buffer };
      await page.setInputFiles('.picture-field input', picture);
      await page.waitForSelector('.picture-field img');
      await page.dblclick('.el-drawer form .primary');
      await page.waitForSelector('.list tr:has-text("茶点拼盘") >> text=88.5');
      await page.waitForSelector('.list tr:has-text("茶点拼盘") img[src$="-t"]');
      const { items } = await call(ADMIN, 'GET', '/admin/products');
      const made = items.filter(({ name }: any) => name === '茶点拼盘');
      assert.deepEqual(
        made.map(({ price, stock }: any) => [price, stock]),
        [[88.5, 5]],
      );

      await page.click('.list .first >> text=茶点拼盘');
      await page.click('.restock button');
      await page.fill('.ask input[name=pieces]', '3');
      await page.fill('.ask input[name=reason]', '到货');
      await loseAnswerOf(page, '**/stock');
      await page.click('.ask button[type=submit]');
      await page.waitForSelector('.ask .problem >> text=网络不通');
      await page.click('.ask button[type=submit]');
      await page.waitForSelector('.el-drawer .stock >> text=8');
      await page.waitForSelector('.list tr:has-text("茶点拼盘") >> text=8');
      const audits = await call(SUPER_ADMIN, 'GET', '/admin/audit-logs?action=product.stock');
      assert.deepEqual(
        audits.items.map(({ before, after }: any) => [before.stock, after.stock, after.reason]),
        [[5, 8, '到货']],
      );

      await page.click('.restock button');
      await page.click('.ask fieldset button >> text=取出来');
      await page.fill('.ask input[name=pieces]', '9');
      await page.waitForSelector('.ask .wrong >> text=只剩8份');
      assert.ok(await page.isDisabled('.ask button[type=submit]'));
    }).timeout(60_000);

    it('RA-1 RW-11 of two who edit one product the later one is shown what differs, and keeps what they choose', async () => {
      const { product_id: id } = await call(ADMIN, 'POST', '/admin/products', TEA);
      const desk = await face.deskOf(ADMIN, `/products?product=${id}`);
      const { page, allow } = desk;
      allow(/status of 409/);
      await page.fill('input[name=price]', '90');
      await page.fill('textarea[name=description]', '热饮');
      // Their drawer asks before it forgets what is not saved.
      await page.keyboard.press('Escape');
      await page.click('.el-message-box >> text=留下');
      await call(SUPER_ADMIN, 'PUT', `/admin/products/${id}`, { version: 1, price: 100, name: '桂花乌龙茶' });
      await page.click('.el-drawer form .primary');
      const differs = page.locator('.conflict tbody tr');
      await differs.first().waitFor();
      const paths = await differs.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-path')));
      assert.deepEqual(paths.sort(), ['description', 'name', 'price']);
      await mustBeAccessible(desk);
      await page.click('[data-path=price] .side:has(input[value=theirs])');
      await page.click('.el-dialog__footer .primary');
      await page.waitForSelector('.list tr:has-text("桂花乌龙茶") >> text=热饮');
      const { name, price, description, version } = await call(ADMIN, 'GET', `/admin/products/${id}`);
      assert.deepEqual([name, price, description, version], ['桂花乌龙茶', 100, '热饮', 3]);
    }).timeout(60_000);

    /** @returns a trade that is bought */
    const bought = async (price: number): Promise<number> => {
      const { product_id, version } = await call(ADMIN, 'POST', '/admin/products', TEA);
      const exchange = { quantity: 1, expected_price: TEA.price, version };
      const { item_ids } = await call(
        SELLER,
        'POST',
        `/products/${product_id}/exchange`,
        exchange,
        `x-${price}`,
      );
      const offer = await call(SELLER, 'POST', '/trades', { item_id: item_ids[0], price });
      const seen = { expected_price: price, version: offer.version };
      await call(BUYER, 'POST', `/trades/${offer.trade_id}/buy`, seen, `b-${price}`);
      return offer.trade_id;
    };

    it('R-4 RA-3 a dispute is decided once, with its reason, after it was said who gets what', async () => {
      const id = await bought(100);
      const before = await balance(SELLER);
      await call(BUYER, 'POST', `/trades/${id}/dispute`, { reason: '说好是热的' });
      const desk = await face.deskOf(ADMIN, '/trades');
      const { page, allow } = desk;
      allow(/net::ERR_FAILED/);
      await page.waitForSelector('h1 >> text=1笔交易等裁定');
      await page.click('.list .first');
      await page.waitForSelector('.dispute >> text=说好是热的');
      await page.fill('.decision input[name=reason]', '照单收货');
      assert.ok(await page.isDisabled('.decision .primary'));
      await page.click('.decision fieldset button >> text=成交');
      await page.waitForSelector('.decision .about >> text=食客1号得95积分');
      await mustBeAccessible(desk);
      await loseAnswerOf(page, '**/decide');
      await page.click('.decision .primary');
      await page.waitForSelector('.decision .mistake');
      await page.click('.decision .primary');
      await page.waitForSelector('.decided >> text=照单收货');
      await page.waitForSelector('h1 >> text=没有要裁定的争议');
      assert.equal(await balance(SELLER), before + 95);
      const { total } = await call(SUPER_ADMIN, 'GET', '/admin/audit-logs?action=trade.decide');
      assert.equal(total, 1);
    }).timeout(60_000);

    it('R-1 R-3 R-4 a trade of many points leads to the request that waits; settled there, the item is seen at its buyer', async () => {
      const id = await bought(600);
      const { approval_id } = await call(BUYER, 'POST', `/trades/${id}/settle`);
      const { page } = await face.deskOf(ADMIN, `/trades?status=escrow&trade=${id}`);
      await page.click('.waits a');
      await page.waitForURL(new RegExp(`/approvals/${approval_id}$`));
      await page.waitForSelector('h1 >> text=桂花乌龙');
      await page.waitForSelector('.facts >> text=600');
      await page.click('.decide .primary');
      await page.waitForSelector('.page-head .tag.ok');
      assert.equal((await call(BUYER, 'GET', `/trades/${id}`)).status, 'settled');
      // What they own now is seen at them, and by whoever serves them.
      const buyer = await face.userIdOf(BUYER);
      await page.goto(`${face.origin}/admin/people?person=${buyer}`);
      await page.click('#tab-items');
      await page.waitForSelector('#person-panel tr:has-text("桂花乌龙") >> text=兑换');
      const staff = (await face.deskOf(STAFF, `/inventory?user_id=${buyer}`)).page;
      await staff.waitForSelector('.list tr:has-text("桂花乌龙") >> text=可用');
      await staff.selectOption('select[name=status]', 'redeemed');
      await staff.waitForSelector('.list .none');
      await staff.click('.page-head .primary');
      await staff.waitForSelector('#code');
    }).timeout(60_000);
  },
);
