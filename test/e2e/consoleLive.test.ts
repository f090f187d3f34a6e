import assert from 'node:assert/strict';
import { matchMaker } from '@colyseus/core';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onFace('the live room of the console', (face) => {
  it('RW-13 a room that moves, a server that is away and a network that is gone are told apart, and end', async () => {
    const desk = await face.deskOf(ADMIN, '/live/1');
    const { page } = desk;
    const isLive = async () => {
      await page.waitForSelector('.note[data-state]', { state: 'detached' });
      await page.waitForSelector('.alive:not(.off) >> text=实时');
      await page.waitForSelector('.band:not(.still)');
    };
    await isLive();
    // Where it has gone to does not answer yet.
    await page.route('**/matchmake/**', (route) => route.abort());
    matchMaker.getLocalRoomById('campaign-1').broadcast('moved', {});
    await page.waitForSelector('.note[data-state=moved] >> text=房间换了节点');
    await page.waitForSelector('.band.still');
    assert.equal(await page.innerText('.alive.off'), '房间在换节点');
    // What was seen last stays to be read.
    assert.match(await page.innerText('.band h1'), /\S/);
    await mustBeAccessible(desk);
    await page.unroute('**/matchmake/**');
    await isLive();
    face.balancer.pointTo();
    face.balancer.cut();
    await page.waitForSelector('.note[data-state=lost] >> text=正在重连');
    face.balancer.pointTo(face.server.origin);
    await isLive();
    await page.context().setOffline(true);
    await page.waitForSelector('.note[data-state=offline] >> text=没有网络');
    await page.waitForSelector('.band.still');
    await page.context().setOffline(false);
    await isLive();
    desk.allow(/net::ERR_|WebSocket/);
  }).timeout(60_000);

  it('RW-13 a login that has ended leads to the page for a new one', async () => {
    const desk = await face.deskOf(ADMIN, '/live/1');
    await desk.page.waitForSelector('.band:not(.still)');
    const { token } = await face.server.login(ADMIN);
    await face.server.api('DELETE', '/auth/sessions', { token });
    await desk.page.waitForURL(/\/admin\/login/);
    desk.allow(/401|WebSocket/);
  }).timeout(60_000);
});
