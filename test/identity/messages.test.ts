import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maskMobile, maskNickname } from '../../src/identity/login/mask.ts';
import { loginBody, mobileShape, profileBody } from '../../src/identity/messages.ts';

describe('auth messages', () => {
  it('A-1 a mobile is a mainland China number, with or without +86', () => {
    for (const text of ['13800000000', '8613800000000', '+8613800000000']) {
      assert.equal(mobileShape.parse(text), '13800000000');
    }
    const others = [
      '12800000000',
      '1380000000',
      '138000000000',
      '+8513800000000',
      '++8613800000000',
      '13800000000\n',
    ];
    for (const text of [...others, ' 13800000000', '１3800000000', '']) {
      assert.equal(mobileShape.safeParse(text).success, false, JSON.stringify(text));
    }
  });

  it('A-1 a login has a 6 digit code and nothing unknown', () => {
    const body = { mobile: '13800000000', code: '012345' };
    assert.deepEqual(loginBody.parse(body), body);
    for (const extra of [{ code: '12345' }, { code: 123456 }, { device_id: '' }, { role: 'admin' }]) {
      assert.equal(loginBody.safeParse({ ...body, ...extra }).success, false, JSON.stringify(extra));
    }
  });

  it('A-11 a nickname has 1 to 32 characters and is not blank; an avatar is an image of this server', () => {
    assert.deepEqual(profileBody.parse({ nickname: ' 老王 ' }), { nickname: '老王' });
    assert.deepEqual(profileBody.parse({ avatar_url: null }), { avatar_url: null });
    const avatar = { avatar_url: '/api/v3/images/a1_B-2' };
    assert.deepEqual(profileBody.parse(avatar), avatar);
    const refused: object[] = [
      {},
      { nickname: '' },
      { nickname: '   ' },
      { nickname: 'x'.repeat(33) },
      { nickname: 'a\u0000b' },
      { nickname: null },
      { avatar_url: 'http://images.example/1.png' },
      { avatar_url: 'javascript:alert(1)' },
      { avatar_url: 'https://images.example/1.png' },
      { avatar_url: '//images.example/api/v3/images/1' },
      { avatar_url: '/api/v3/images/../auth/me' },
      { avatar_url: '/api/v3/images/1?x=1' },
      { avatar_url: `/api/v3/images/${'x'.repeat(65)}` },
      { role: 'admin' },
    ];
    for (const body of refused)
      assert.equal(profileBody.safeParse(body).success, false, JSON.stringify(body));
  });

  it('A-11 others see masked names and numbers', () => {
    assert.equal(maskMobile('13800001234'), '138****1234');
    const masked = {
      王: '王*',
      老王: '老*',
      小老王: '小**王',
      '🍜老王🍚': '🍜**🍚',
      食客1023: '食**3',
      '': '*',
    };
    for (const [nickname, shown] of Object.entries(masked)) assert.equal(maskNickname(nickname), shown);
  });
});
