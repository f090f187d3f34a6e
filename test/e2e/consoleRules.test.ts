import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace } from './face.ts';

const RULES = 130;

onFace('the rules of the console', (face) => {
  it('P-11 all rules are listed by their priority, also those that one answer of the server has no room for', async () => {
    const { token } = await face.server.login(ADMIN);
    const before = (await face.server.api<any>('GET', '/admin/rules', { token })).data.total;
    for (let at = 0; at < RULES; at++) {
      const definition = { condition: 'true', amount: '1', priority: at };
      const body = { type: 'first_login', name: `规则${at}`, definition };
      const { code } = await face.server.api('POST', '/admin/rules', { token, body });
      assert.equal(code, 'OK');
    }
    const desk = await face.deskOf(ADMIN, '/rules');
    const { page } = desk;
    await page.waitForSelector('.group >> text=规则0');
    const links = page.locator('.group a');
    assert.equal(await links.count(), before + RULES);
    const names = async () =>
      (await links.locator('b').allInnerTexts()).filter((name) => /^规则\d+$/.test(name));
    const byPriority = Array.from({ length: RULES }, (_, at) => `规则${RULES - 1 - at}`);
    assert.deepEqual(await names(), byPriority);
    await page.selectOption('select.filter', 'first_login');
    await page.waitForURL(/type=first_login/);
    await eventually(async () => assert.equal(await page.locator('.group').count(), 1));
    assert.deepEqual(await names(), byPriority);
  }).timeout(60_000);
});
