import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { onFace, SUPER_ADMIN } from './face.ts';
import { loseAnswerOf, mustBeAccessible, type Phone } from './pages.ts';

const SOON = { timeout: 15_000 };
const [BUYER, SELLER, GUEST] = ['13900000001', '13900000002', '13900000003'];

interface Item {
  item_id: number;
  name: string;
  status: string;
}

onFace('the shop and the market', (face) => {
  const offered = async (body: object): Promise<number> => {
    const product = { name: '冰粉', price: 120, stock: 5, ...body };
    return (await face.call(SUPER_ADMIN, 'POST', '/admin/products', product)).product_id;
  };
  const itemsOf = async (mobile: string): Promise<Item[]> =>
    (await face.call<{ items: Item[] }>(mobile, 'GET', '/inventory?source=exchange')).items;
  const accountOf = async (mobile: string): Promise<[available: number, frozen: number]> => {
    const account = await face.call(mobile, 'GET', '/points/account');
    return [account.available_points, account.frozen_points];
  };
  const exchange = async (mobile: string, productId: number): Promise<void> => {
    const phone = await face.phoneOf(mobile, { path: '/shop' });
    await phone.page.click(`[data-product="${productId}"]`);
    await phone.page.click('[data-testid=exchange]');
    await phone.page.waitForSelector('[data-testid=exchanged]', SOON);
  };

  it('R-3 RA-10 a product is exchanged once, though its price changed meanwhile and an answer was lost', async () => {
    const id = await offered({ valid_days: 30 });
    const phone = await face.phoneOf(BUYER, { path: '/shop' });
    const { page } = phone;
    await page.click(`[data-product="${id}"]`);
    await page.click('.sheet [aria-label=多一件]');
    await face.call(SUPER_ADMIN, 'PUT', `/admin/products/${id}`, { version: 1, price: 150 });
    await page.click('[data-testid=exchange]');
    await page.waitForSelector('.sheet >> text=由120积分变为150积分', SOON);
    phone.allow(/409/);
    assert.deepEqual(await accountOf(BUYER), [10_000, 0]);
    await loseAnswerOf(page, '**/exchange');
    await page.click('[data-testid=exchange] >> text=用300积分兑换');
    await page.waitForSelector('.sheet >> text=再试不会换两次', SOON);
    phone.allow(/net::ERR_FAILED/);
    await page.click('[data-testid=exchange] >> text=再试一次');
    const shown = await page.waitForSelector('[data-testid=exchanged]', SOON);
    const items = await itemsOf(BUYER);
    assert.deepEqual(
      [await accountOf(BUYER), await shown.getAttribute('data-items')],
      [
        [9_700, 0],
        items
          .map(({ item_id: itemId }) => itemId)
          .sort((a, b) => a - b)
          .join(' '),
      ],
    );
    await page.click('.sheet >> text=去我的物品');
    await page.waitForSelector('.prizes .slip', SOON);
    assert.equal(await page.locator('.prizes .slip:has-text("冰粉")').count(), 2);
    await page.click('.prizes .slip >> text=出示给店员');
    await page.waitForSelector('.sheet .qr img', SOON);
    const code = await page.innerText('.hand b');
    await face.call(SUPER_ADMIN, 'POST', '/admin/redemptions', { code, restaurant_id: 1 });
    await page.waitForSelector('.sheet .stamp', SOON);
    await page.waitForSelector('.sheet >> text=/\\d\\d:\\d\\d已由外滩店核销/', SOON);
  }).timeout(60_000);

  it('R-3 RA-10 what is gone meanwhile takes no points, and says so', async () => {
    const id = await offered({ stock: 1 });
    const phone = await face.phoneOf(GUEST, { path: '/shop' });
    await phone.page.click(`[data-product="${id}"]`);
    await face.call(SUPER_ADMIN, 'POST', `/admin/products/${id}/stock`, { delta: -1 });
    await phone.page.click('[data-testid=exchange]');
    await phone.page.waitForSelector('.sheet >> text=刚刚被换完了，积分没动', SOON);
    phone.allow(/409/);
    assert.equal(await phone.page.isDisabled('[data-testid=exchange]'), true);
    assert.deepEqual(await accountOf(GUEST), [10_000, 0]);
  }).timeout(60_000);

  it('R-4 RA-10 an item goes from one phone to the other, and the points back, without the fee', async () => {
    const name = '抹茶蛋糕';
    await exchange(SELLER, await offered({ name, price: 80 }));
    const [seller, buyer] = [
      await face.phoneOf(SELLER, { path: '/prizes' }),
      await face.phoneOf(BUYER, { path: '/market' }),
    ];
    const [{ item_id: itemId }] = (await itemsOf(SELLER)) as [Item];
    const before = [await accountOf(SELLER), await accountOf(BUYER)] as const;
    await seller.page.click('.slip >> text=出售');
    await seller.page.fill('[data-testid=offer-price]', '100');
    // 5 % of it are for nobody, which is told before.
    await eventually(async () =>
      assert.equal(await seller.page.innerText('[data-testid=offer-share]'), '95'),
    );
    await seller.page.click('.sheet .primary');
    await seller.page.click('.sheet >> text=看我卖的');
    await seller.page.waitForSelector('[data-status=open]', SOON);

    await buyer.page.reload();
    await buyer.page.click(`li:has-text("${name}") button`);
    await loseAnswerOf(buyer.page, '**/buy');
    await buyer.page.click('[data-testid=buy]');
    await buyer.page.waitForSelector('.sheet >> text=再试不会买两次', SOON);
    buyer.allow(/net::ERR_FAILED/);
    await buyer.page.click('[data-testid=buy]');
    await buyer.page.waitForSelector('[data-testid=bought]', SOON);
    const [[available, frozen]] = [before[1]];
    assert.deepEqual(await accountOf(BUYER), [available - 100, frozen + 100]);
    // Its seller hears of it where they look.
    await seller.page.waitForSelector('[data-status=escrow] >> text=对方已付', SOON);
    assert.equal((await itemsOf(SELLER)).find(({ item_id: id }) => id === itemId)?.status, 'locked');

    await buyer.page.click('.sheet >> text=去确认收下');
    await buyer.page.click('[data-status=escrow] [data-act=settle]');
    await buyer.page.click('.sheet .primary');
    await buyer.page.waitForSelector('[data-status=settled] >> text=已收下', SOON);
    await seller.page.waitForSelector('[data-status=settled] >> text=得95积分', SOON);
    assert.deepEqual(
      [await accountOf(SELLER), await accountOf(BUYER)],
      [
        [before[0][0] + 95, before[0][1]],
        [available - 100, frozen],
      ],
    );
    const owned = (await itemsOf(BUYER)).find(({ item_id: id }) => id === itemId);
    assert.deepEqual([owned?.name, owned?.status], [name, 'available']);
    assert.deepEqual(await itemsOf(SELLER), []);
  }).timeout(90_000);

  it('R-3 R-4 one item is given away, another is offered, disputed and decided', async () => {
    const name = '桂花糕';
    const id = await offered({ name, price: 10 });
    await exchange(GUEST, id);
    const giver = await face.phoneOf(GUEST, { path: '/prizes' });
    await giver.page.click(`.slip:has-text("${name}") >> text=转送`);
    await giver.page.fill('.sheet input', String(await face.userIdOf(SELLER)));
    await giver.page.click('.sheet .primary');
    await giver.page.click('.sheet .primary >> text=确认送出');
    await giver.page.waitForSelector('.said >> text=已送出', SOON);
    const [item] = (await itemsOf(SELLER)) as [Item];
    assert.deepEqual([item.name, await itemsOf(GUEST)], [name, []]);

    const { trade_id: tradeId, version } = await face.call(SELLER, 'POST', '/trades', {
      item_id: item.item_id,
      price: 20,
    });
    const buyer = await face.phoneOf(GUEST, { path: '/market' });
    await buyer.page.click(`[data-trade="${tradeId}"] button`);
    await buyer.page.click('[data-testid=buy]');
    await buyer.page.click('.sheet >> text=去确认收下');
    await buyer.page.click('[data-act=dispute]');
    await buyer.page.fill('.sheet textarea', '说好送糖水的');
    await buyer.page.click('.sheet .solid');
    await buyer.page.waitForSelector('[data-status=disputed] >> text=说好送糖水的', SOON);
    assert.equal(version, 1);
    const decision = { decision: 'cancel', reason: '双方各退一步' };
    await face.call(SUPER_ADMIN, 'POST', `/admin/trades/${tradeId}/decide`, decision);
    await buyer.page.waitForSelector('[data-status=cancelled] >> text=双方各退一步', SOON);
    assert.equal((await itemsOf(SELLER))[0]?.status, 'available');
  }).timeout(90_000);

  it('RW-10 each page and sheet is accessible in both themes', async () => {
    const phone = await face.phoneOf('13900000020', { path: '/shop' });
    const look = async (path: string, open?: (page: Phone['page']) => Promise<void>) => {
      const { page } = phone;
      await page.goto(face.origin + path);
      await page.waitForSelector('h1');
      await page.waitForSelector('main .skeleton', { state: 'detached', ...SOON });
      await open?.(page);
      await page.emulateMedia({ colorScheme: 'light' });
      await mustBeAccessible(phone);
      await page.emulateMedia({ colorScheme: 'dark' });
      await mustBeAccessible(phone, ['color-contrast']);
      assert.equal(await page.evaluate(SMALL), '', path);
    };
    await look('/shop');
    await look('/shop', (page) => page.click('[data-product]'));
    await look('/market');
    await look('/market?tab=seller');
    await look('/market?tab=seller', (page) => page.click('[data-act=cancel]'));
    await look('/market?tab=buyer');
    await look('/prizes');
  }).timeout(90_000);
});

/** Names what a finger would miss. */
const SMALL = `[...document.querySelectorAll('main button, main a, .sheet button, .sheet a')]
  .filter((one) => one.getClientRects().length > 0)
  .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 43.5)
  .map((one) => one.outerHTML.slice(0, 120)).join()`;
