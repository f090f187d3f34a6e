import assert from 'node:assert/strict';
import { STAFF, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onFace('ended sessions of the service desk', (face) => {
  /** Helped, or ended by an operator; rated where `rating` says so. */
  const served = async (mobile: string, how: 'resolve' | 'close', rating?: number) => {
    const [{ token }, staff] = await Promise.all([face.server.login(mobile), face.server.login(STAFF)]);
    const call = async (method: string, path: string, by: string, body?: object) => {
      const answer = await face.server.api<any>(method, path, { token: by, ...(body && { body }) });
      assert.equal(answer.code, 'OK', path);
      return answer.data;
    };
    const opened = { type: 'service', topic: `${mobile}的券打不开` };
    const { conversation_id: id } = await call('POST', '/chat/conversations', token, opened);
    await call('POST', `/admin/chat/sessions/${id}/take`, staff.token);
    await call('POST', `/admin/chat/sessions/${id}/${how}`, staff.token);
    if (rating !== undefined) await call('POST', `/chat/conversations/${id}/rating`, token, { rating });
  };

  it('C-1 RC-9 who serves sees how ended sessions were rated, whose they were, and whether they were answered', async () => {
    await served('13900000003', 'resolve', 4);
    await served('13900000004', 'resolve');
    await served('13900000005', 'close');
    const desk = await face.deskOf(STAFF, '/');
    const { page } = desk;
    await page.click('.rail a[href="/admin/service"]');
    await page.click('.queue >> text=结束的会话');
    await page.waitForSelector('.list tbody tr');
    const rows = async () =>
      (await page.locator('.list tbody tr').allInnerTexts()).map((row) => row.split(/\s*\t\s*/));
    const staff = await face.server.login(STAFF);
    const { data: me } = await face.server.api<any>('GET', '/auth/me', { token: staff.token });
    const shown = await rows();
    assert.deepEqual(
      shown.map(([guest, topic, agent, answer, , rating]) => [guest, topic, agent, answer, rating]),
      [
        ['食客4号', '13900000004的券打不开', me.nickname, '没答复', '没评'],
        ['食客3号', '13900000003的券打不开', me.nickname, '没答复', '4星'],
      ],
    );
    await mustBeAccessible(desk);
    await page.selectOption('select >> nth=0', 'closed');
    await page.waitForSelector('.list tbody >> text=食客5号');
    assert.equal((await rows()).length, 1);
    await page.selectOption('select >> nth=1', 'true');
    await page.waitForURL(/mine=true/);
    await page.waitForSelector('.list tbody >> text=食客5号');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForSelector('.list tbody >> text=食客5号');
    assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'));
  }).timeout(60_000);
});
