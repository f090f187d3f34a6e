import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { Client } from '@colyseus/sdk';
import jwt from 'jsonwebtoken';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { MOBILES } from './people.ts';

const LOGIN_REVOKED = 4401;

forEachDatabase('forged tokens', (_open, openUrl) => {
  let venue: Venue;
  let good: string;
  let secret: string;
  let claims: Record<string, unknown>;
  before(async () => {
    venue = await openVenue(await openUrl());
    good = (await venue.login(MOBILES.diner)).token;
    secret = venue.context.config.jwtSecret;
    claims = jwt.decode(good) as Record<string, unknown>;
  });
  after(() => venue?.close());

  /** A token with any header and claims, signed with HMAC by any key, or not at all. */
  const made = (head: object, body: object, key?: string, hash = 'sha256') => {
    const text = [head, body]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${key === undefined ? '' : createHmac(hash, key).update(text).digest('base64url')}`;
  };
  const signed = (changes: object) => made({ alg: 'HS256', typ: 'JWT' }, { ...claims, ...changes }, secret);
  const opens = (token: string) => venue.api('GET', '/points/account', { token });

  /** On a route that needs a login, on one that does not, on one of staff, and at the door of a room. */
  const isRefused = async (token: string, about: string, expected = 'UNAUTHENTICATED') => {
    for (const [method, path] of [
      ['GET', '/points/account'],
      ['GET', '/lottery/campaigns/1/fairness'],
      ['POST', '/admin/campaigns/1/fairness/rotate'],
    ] as const) {
      const { status, code } = await venue.api(method, path, { token });
      assert.deepEqual([status, code], [401, expected], `${about}: ${path}`);
    }
    const client = new Client(venue.origin);
    client.auth.token = token;
    await assert.rejects(
      client.joinOrCreate('campaign', { campaign_id: 1 }),
      ({ code, message }: { code?: number; message: string }) => {
        assert.deepEqual([code, message.split(':')[0]], [401, expected], about);
        return true;
      },
    );
  };

  it('A-4 the way tokens are made here makes good ones', async () => {
    assert.equal((await opens(signed({}))).code, 'OK');
  });

  it('A-4 a token without a signature, or that names its own algorithm, is none', async () => {
    const real = good.split('.')[2]!;
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, ['HS256'], 'HS256 ']) {
      await isRefused(made({ alg, typ: 'JWT' }, claims), `alg ${String(alg)}`);
      await isRefused(`${made({ alg, typ: 'JWT' }, claims)}${real}`, `alg ${String(alg)}, real signature`);
    }
    await isRefused(made({ alg: 'HS256' }, claims), 'no signature');
    for (const [alg, hash] of [
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const) {
      await isRefused(made({ alg }, claims, secret, hash), `${alg} with the right key`);
    }
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = pair.publicKey.export({ format: 'jwk' });
    await isRefused(jwt.sign(claims, pair.privateKey, { algorithm: 'RS256' }), 'RS256 of a key of their own');
    for (const header of [
      { jwk },
      { jku: 'http://127.0.0.1:1/' },
      { kid: '../../dev/null' },
      { x5c: ['AA'] },
    ]) {
      await isRefused(
        made({ alg: 'HS256', ...header }, claims, ''),
        `a key of their own by ${Object.keys(header)[0]}`,
      );
    }
    for (const alg of ['RS256', 'ES256', 'PS256', 'EdDSA']) {
      await isRefused(made({ alg }, claims, secret), `${alg} with our secret as the key`);
      const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
      await isRefused(made({ alg: 'HS256' }, claims, pem), 'HS256 with a public key');
    }
  });

  it('A-4 a token of another key, or with a changed payload, is none', async () => {
    for (const key of ['', 'secret', `${secret} `, secret.slice(0, -1), secret.toUpperCase(), 'undefined']) {
      await isRefused(made({ alg: 'HS256', typ: 'JWT' }, claims, key), `the key ${key}`);
    }
    const [head, , signature] = good.split('.');
    for (const changes of [{ role: 'super_admin' }, { sub: '1' }, { sid: 1 }, { exp: 2 ** 40 }, {}]) {
      const payload = Buffer.from(JSON.stringify({ ...claims, is_admin: true, ...changes })).toString(
        'base64url',
      );
      await isRefused(`${head}.${payload}.${signature}`, JSON.stringify(changes));
    }
    for (const signed of [good.slice(0, -1), `${good}A`, `${good}=`, `${good}.`, good.replace(/.$/, '*')]) {
      await isRefused(signed, `signature …${signed.slice(-5)}`);
    }
  });

  it('A-4 a token that is out of its time, of another issuer or for another audience is none', async () => {
    const now = Math.floor(Date.now() / 1000);
    await isRefused(signed({ exp: now - 1 }), 'expired', 'TOKEN_EXPIRED');
    await isRefused(signed({ exp: 0 }), 'expired in 1970', 'TOKEN_EXPIRED');
    for (const exp of [undefined, String(now + 60), null, now + 60.5, [now + 60]]) {
      await isRefused(signed({ exp }), `exp ${JSON.stringify(exp)}`);
    }
    await isRefused(signed({ nbf: now + 3600 }), 'not yet valid');
    for (const iss of [undefined, '', 'evil', null, 'kaijiang ', ['evil']]) {
      await isRefused(signed({ iss }), `iss ${JSON.stringify(iss)}`);
    }
    for (const aud of [undefined, '', 'kaijiang', [], ['evil'], 'kaijiang-api-2', null]) {
      await isRefused(signed({ aud }), `aud ${JSON.stringify(aud)}`);
    }
  });

  it('A-4 a token whose claims have another form is none', async () => {
    const { userId } = await venue.login(MOBILES.otherDiner);
    const subjects: unknown[] = [
      userId,
      [String(userId)],
      { id: userId },
      true,
      null,
      undefined,
      '',
      '0',
      '-1',
      '1e0',
    ];
    for (const sub of [
      ...subjects,
      '01',
      ' 1',
      '1 ',
      '1.0',
      '0x1',
      '9'.repeat(20),
      `${userId} OR 1=1`,
      '１',
    ]) {
      await isRefused(signed({ sub }), `sub ${JSON.stringify(sub)}`);
    }
    for (const sid of [undefined, null, '1', 0, -1, 1.5, 2 ** 53, [1], {}]) {
      await isRefused(signed({ sid }), `sid ${JSON.stringify(sid)}`);
    }
    for (const role of ['root', 7, null, undefined, ['user']]) {
      await isRefused(signed({ role }), `role ${JSON.stringify(role)}`);
    }
    await isRefused(made({ alg: 'HS256' }, [claims], secret), 'a list');
    await isRefused(jwt.sign('text', secret), 'a text');
  });

  it('A-4 what is no token at all is none', async () => {
    const texts = [
      'x',
      '..',
      '...',
      'a.b.c',
      'null',
      'undefined',
      '{}',
      good.split('.')[1]!,
      `.${good}`,
      'a.b.c.d.e',
    ];
    for (const text of [
      ...texts,
      `${'a'.repeat(12_000)}.b.c`,
      made({ alg: 'HS256' }, { x: 'x'.repeat(9000) }, 'k'),
    ]) {
      await isRefused(text, text.slice(0, 40));
    }
    const tooLong = await fetch(`${venue.origin}/api/v3/points/account`, {
      headers: { authorization: `Bearer ${'a'.repeat(40_000)}` },
    });
    assert.equal(tooLong.status, 431);
  });

  it('A-9 a role in a token means nothing: the database says what its user may do', async () => {
    const raised = signed({ role: 'super_admin', is_admin: true, permissions: ['*'], scope: 'admin' });
    const answer = await venue.api('POST', '/admin/campaigns/1/fairness/rotate', { token: raised });
    assert.deepEqual([answer.status, answer.code], [403, 'FORBIDDEN']);
    const earn = { user_id: 5, amount: 1, reason: 'r', source: 's' };
    const granted = await venue.api('POST', '/points/earn', { token: raised, body: earn });
    assert.deepEqual([granted.status, granted.code], [403, 'FORBIDDEN']);
    const me = await venue.api<{ role: string }>('GET', '/auth/me', { token: raised });
    assert.equal(me.data.role, 'user');
  });

  it('A-4 a good token counts in its place only', async () => {
    const elsewhere: [query: string, headers: Record<string, string>][] = [
      [`?access_token=${good}`, {}],
      [`?token=${good}`, {}],
      [`?_authToken=${good}`, {}],
      ['', { cookie: `access_token=${good}; token=${good}; authorization=Bearer ${good}` }],
      [
        '',
        {
          'x-access-token': good,
          'x-authorization': `Bearer ${good}`,
          'proxy-authorization': `Bearer ${good}`,
        },
      ],
      ['', { authorization: good }],
      ['', { authorization: `Basic ${good}` }],
      ['', { authorization: `Token ${good}` }],
      ['', { authorization: `Bearer ${good} ${good}` }],
      ['', { authorization: `Bearer, Bearer ${good}` }],
    ];
    for (const [query, headers] of elsewhere) {
      const { status, code } = await venue.api('GET', `/points/account${query}`, { headers });
      assert.deepEqual([status, code], [401, 'UNAUTHENTICATED'], query + JSON.stringify(headers));
    }
    const body = JSON.stringify({ campaign_id: 1, token: good, _authToken: good, auth: { token: good } });
    const headers = { 'content-type': 'application/json', cookie: `token=${good}` };
    const join = await fetch(`${venue.origin}/matchmake/joinOrCreate/campaign`, {
      method: 'POST',
      headers,
      body,
    });
    assert.equal(join.status, 401);
    const inBody = await venue.api('POST', '/lottery/draw', {
      body: { campaign_id: 1, request_id: 'b', token: good },
    });
    assert.equal(inBody.status, 401);
  });

  it('A-4 a refresh token is no access token, and neither is what else the server gives out', async () => {
    const body = { mobile: MOBILES.diner, code: '123456' };
    const { data } = await venue.api<{ refresh_token: string }>('POST', '/auth/login', { body });
    await isRefused(data.refresh_token, 'a refresh token');
  });

  it('A-5 a revoked login opens nothing any more, and what it had open is closed', async () => {
    const seat = await venue.sit(MOBILES.otherDiner);
    const closed = new Promise<number>((resolve) => seat.room.onLeave(resolve));
    assert.equal((await venue.api('POST', '/auth/logout', { token: seat.token })).status, 200);
    await isRefused(seat.token, 'a revoked login', 'TOKEN_REVOKED');
    assert.equal(await closed, LOGIN_REVOKED);
    assert.equal((await opens(good)).code, 'OK');
  });

  it('A-4 ROOM-1 a socket without a reserved seat gets nothing of a room', async () => {
    const paths = [
      'p/campaign-1?sessionId=guess',
      'campaign-1',
      'p/campaign-1',
      `p/campaign-1?_authToken=${good}`,
    ];
    for (const path of [
      ...paths,
      'p/campaign-1?sessionId=guess&reconnectionToken=guess',
      'p/campaign-1?skipHandshake',
    ]) {
      const socket = new WebSocket(`${venue.origin.replace('http', 'ws')}/${path}`);
      socket.binaryType = 'arraybuffer';
      const received: Buffer[] = [];
      let isClosed = false;
      socket.onmessage = ({ data }) => received.push(Buffer.from(data as ArrayBuffer));
      socket.onclose = () => (isClosed = true);
      socket.onopen = () => socket.send(new Uint8Array([13, 0]));
      await eventually(() => assert.ok(isClosed, `${path} stays open`));
      const bytes = received.reduce((sum, { length }) => sum + length, 0);
      assert.ok(
        bytes < 200 && !Buffer.concat(received).includes('campaign_id'),
        `${path} was told ${bytes} bytes`,
      );
    }
  });
});
