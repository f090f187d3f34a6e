import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeDataSources, openDataSources } from '../../../src/platform/database/dataSource.ts';
import { parseMysqlUrl } from '../../../src/platform/database/databaseUrl.ts';
import { StartError } from '../../../src/platform/startError.ts';
import { audit } from '../../../src/books/audit.ts';
import { startMariadb, type MariadbServer } from '../../support/services.ts';
import { needs } from '../../support/shared.ts';

describe('the URL of a database', () => {
  const REFUSED: [what: string, url: string, fault: RegExp][] = [
    ['an unknown parameter', 'mysql://u:p@h/d?charset=latin1', /parameter charset/],
    ['an unknown ssl', 'mysql://u:p@h/d?ssl=maybe', /ssl that is not/],
    ['a parameter twice', 'mysql://u:p@h/d?ssl=true&ssl=false', /ssl twice/],
    ['an ssl_ca without a file', 'mysql://u:p@h/d?ssl_ca=', /names no file/],
    ['an ssl_ca without TLS', 'mysql://u:p@h/d?ssl=false&ssl_ca=/x', /ssl_ca with ssl=false/],
    ['verify_ca without an authority', 'mysql://u:p@h/d?ssl=verify_ca', /without ssl_ca/],
    ['a port that is none', 'mysql://u:p@h:99999/d', /must be/],
    ['the port 0', 'mysql://u:p@h:0/d', /port 0/],
    ['a % that begins nothing', 'mysql://u:p%zz@h/d', /% in the password/],
    ['a #', 'mysql://u:p@h/d#x', /#/],
    ['no database', 'mysql://u:p@h', /must be/],
  ];
  for (const [what, url, fault] of REFUSED) {
    it(`is refused with ${what}, in a line that does not show it`, () => {
      assert.throws(
        () => parseMysqlUrl(url),
        (error: Error) => fault.test(error.message) && !error.message.includes('u:p'),
      );
    });
  }

  it('is decoded, and says whether the connection is encrypted', () => {
    assert.deepEqual(parseMysqlUrl('mysql://us%40er:p%2Fw@db.example:3307/kj'), {
      host: 'db.example',
      port: 3307,
      username: 'us@er',
      password: 'p/w',
      database: 'kj',
      tls: undefined,
    });
    const tlsOf = (query: string) => parseMysqlUrl(`mysql://u:p@h/d?${query}`).tls;
    assert.deepEqual(tlsOf('ssl=true'), { caFile: undefined, isNameVerified: true });
    assert.deepEqual(tlsOf('ssl_ca=/a.pem'), { caFile: '/a.pem', isNameVerified: true });
    assert.deepEqual(tlsOf('ssl=verify_ca&ssl_ca=/a.pem'), { caFile: '/a.pem', isNameVerified: false });
    assert.equal(tlsOf('ssl=false'), undefined);
  });
});

describe('a MariaDB that is reached over TLS', () => {
  needs('mariadbd', 'mariadb-install-db', 'openssl');
  let folder: string;
  let server: MariadbServer;
  let database: string;
  before('makes authorities and starts it', async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-tls-'));
    for (const name of ['right', 'wrong']) makeAuthority(folder, name);
    makeCertificate(folder, 'server', 'right');
    const file = (name: string) => join(folder, name);
    server = await startMariadb([
      `--ssl-ca=${file('right.pem')}`,
      `--ssl-cert=${file('server.pem')}`,
      `--ssl-key=${file('server.key')}`,
    ]);
    database = await server.createDatabase();
    // From here on nobody comes in without TLS.
    await server.run(`CREATE USER 'tls'@'%' IDENTIFIED BY 'secret' REQUIRE SSL`);
    await server.run(`GRANT ALL ON *.* TO 'tls'@'%'`);
  });
  after(async () => {
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const urlOf = (query: string) => `mysql://tls:secret@127.0.0.1:${server.port}/${database}${query}`;
  const ca = (name: string) => `ssl_ca=${join(folder, `${name}.pem`)}`;
  const open = (query: string, replicas: string[] = []) =>
    openDataSources({ url: urlOf(query), replicaUrls: replicas.map(urlOf), poolSize: 2 });
  const assertRefused = (opening: Promise<unknown>, line: RegExp) =>
    assert.rejects(opening, (error: Error) => {
      assert.ok(error instanceof StartError, String(error.stack));
      assert.match(error.message, line);
      assert.ok(!error.message.includes('\n') && !error.message.includes('secret'), error.message);
      return true;
    });

  it('is spoken to encrypted on every connection, replicas too, and read by the audit', async () => {
    const right = `?ssl=verify_ca&${ca('right')}`;
    const sources = await open(right, [right, right]);
    try {
      for (const source of [sources.write, sources.current, sources.read, sources.read]) {
        const [row] = await source.query<[{ Value: string }]>(`SHOW STATUS LIKE 'Ssl_cipher'`);
        assert.notEqual(row.Value, '');
      }
    } finally {
      await closeDataSources(sources);
    }
    const lines: string[] = [];
    assert.equal(
      await audit({ databaseUrl: urlOf(right), seedKey: undefined }, (line) => lines.push(line)),
      0,
    );
  });

  it('is refused in one line when another authority has signed it', async () => {
    await assertRefused(open(`?ssl=verify_ca&${ca('wrong')}`), /^DATABASE_URL: /);
    const right = `?ssl=verify_ca&${ca('right')}`;
    await assertRefused(open(right, [`?ssl=verify_ca&${ca('wrong')}`]), /^DATABASE_REPLICA_URLS: /);
  });

  it('is refused when no authority that everybody trusts has signed it', async () => {
    await assertRefused(open('?ssl=true'), /^DATABASE_URL: /);
  });

  it('is refused when its certificate does not name the host', async () => {
    await assertRefused(open(`?ssl=true&${ca('right')}`), /^DATABASE_URL: /);
  });

  it('is refused without TLS, as it asks for it', async () => {
    await assertRefused(open(''), /^DATABASE_URL: /);
  });

  it('a file that is not there, or holds no certificate, is told of', async () => {
    await assertRefused(open('?ssl_ca=/nowhere.pem'), /ssl_ca that cannot be read: ENOENT/);
    const junk = join(folder, 'junk.pem');
    writeFileSync(junk, 'no certificate');
    await assertRefused(open(`?ssl_ca=${junk}`), /ssl_ca that holds no certificate/);
  });
});

function openssl(...parameters: string[]): void {
  const { status, stderr } = spawnSync('openssl', parameters, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

function makeAuthority(folder: string, name: string): void {
  const file = join(folder, name);
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${file}.key`,
    '-out',
    `${file}.pem`,
  );
}

/** For another host than the one that tests connect to. */
function makeCertificate(folder: string, name: string, authority: string): void {
  const [file, by] = [join(folder, name), join(folder, authority)];
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=db.example',
    '-keyout',
    `${file}.key`,
    '-out',
    `${file}.csr`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${file}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    `${file}.pem`,
  );
}
