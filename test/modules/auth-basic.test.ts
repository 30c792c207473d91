/** Basic authentication: the forms of hashes, credentials, and a server that asks for them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { basicCredentials } from '../../src/modules/basic-credentials.js';
import { md5 } from '../../src/modules/md5.js';
import { hashLike, isSame } from '../../src/modules/password-hash.js';
import { Client, fetchOnce, waitFor } from '../server/client.js';
import { missing, TestServer } from '../server/harness.js';

function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;
}

describe('MD5', () => {
  test("is OpenSSL's for messages of all lengths around its blocks", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 37 + length) & 0xff));
      assert.equal(Buffer.from(md5(bytes)).toString('hex'), createHash('md5').update(bytes).digest('hex'));
    }
  });
});

describe('hashes', () => {
  test('of Apache are those that openssl makes', { skip: missing('openssl') }, () => {
    const passwords = ['a', 'secret', 'sixteen letters!', 'seventeen letters', 'x'.repeat(100)];
    for (const password of passwords) {
      for (const salt of ['a', 'saltsalt', './01']) {
        const made = spawnSync('openssl', ['passwd', '-apr1', '-salt', salt, password], { encoding: 'utf8' });
        assert.equal(hashLike(made.stdout.trim(), password), made.stdout.trim(), `${password} ${salt}`);
      }
    }
  });

  test('with names are what their names say', () => {
    assert.equal(hashLike('{PLAIN}x', 'y'), '{PLAIN}y');
    assert.equal(hashLike('{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'password'), '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=');
    const salt = Buffer.from('salt');
    const ssha = `{SSHA}${Buffer.concat([createHash('sha1').update('password').update(salt).digest(), salt]).toString('base64')}`;
    assert.equal(hashLike(ssha, 'password'), ssha);
    assert.notEqual(hashLike(ssha, 'passwore'), ssha);
  });

  test("are crypt's to know otherwise", () => {
    for (const setting of ['$1$x$', '$6$x$', 'ab', '', '{sha}x']) assert.equal(hashLike(setting, 'x'), undefined);
  });

  test('are compared as a whole', () => {
    assert.equal(isSame('abc', 'abc'), true);
    assert.equal(isSame('abc', 'abd'), false);
    assert.equal(isSame('abc', 'abcd'), false);
  });
});

describe('credentials', () => {
  const of = (text: string) => basicCredentials(`Basic ${Buffer.from(text, 'latin1').toString('base64')}`);

  test('are a user and a password', () => {
    assert.deepEqual(of('anna:b:c'), { user: 'anna', password: 'b:c' });
    assert.deepEqual(of('anna:'), { user: 'anna', password: '' });
    assert.deepEqual(basicCredentials('bAsIc    YTpi'), { user: 'a', password: 'b' });
    assert.deepEqual(of('a:b\0c'), { user: 'a', password: 'b' });
  });

  test('are none where something is missing or no base64', () => {
    for (const text of [undefined, '', 'Basic', 'Basic ', 'Digest YTpi', 'Basic YT*i', 'Basic YTpiY']) {
      assert.equal(basicCredentials(text), null, text);
    }
    assert.equal(of('anna'), null);
    assert.equal(of(':secret'), null);
  });
});

const crypts = ['$1$saltsalt$', '$5$saltsalt$', '$6$saltsalt$'];

describe('a server', { skip: missing('openssl') }, () => {
  let server: TestServer;
  before(async () => {
    const kinds: [string, string][] = [
      ...crypts.map((setting, i): [string, string] => [
        `crypt${i}`,
        spawnSync('openssl', ['passwd', `-${setting[1]}`, '-salt', 'saltsalt', 'secret'], {
          encoding: 'utf8',
        }).stdout.trim(),
      ]),
      ['apr', spawnSync('openssl', ['passwd', '-apr1', 'secret'], { encoding: 'utf8' }).stdout.trim()],
      ['sha', `{SHA}${createHash('sha1').update('secret').digest('base64')}`],
      ['plain', '{PLAIN}secret:with a comment'],
      ['wrong', 'no hash of any kind'],
    ];
    const lines = [
      '# a comment:x',
      'no colon',
      ...kinds.map(([user, hash]) => `${user}:${hash}`),
      'plain:{PLAIN}second',
    ];
    const locations = {
      '/closed/': 'auth_basic "the house"; auth_basic_user_file users;',
      '/named/': 'auth_basic $arg_realm; auth_basic_user_file users;',
      '/byname/': 'auth_basic x; auth_basic_user_file $document_root/$arg_f;',
      '/missing/': 'auth_basic x; auth_basic_user_file nosuch;',
      '/folder/': 'auth_basic x; auth_basic_user_file {dir};',
      '/any/': 'satisfy any; deny all; auth_basic x; auth_basic_user_file users;',
      '/inside/': 'satisfy any; allow 127.0.0.1; auth_basic x; auth_basic_user_file users;',
      '/both/': 'deny 127.0.0.1; auth_basic x; auth_basic_user_file users;',
      '/slow/': 'auth_basic x; auth_basic_user_file users; auth_delay 150ms;',
      '/write/': 'limit_except GET { auth_basic x; auth_basic_user_file users; }',
    };
    const blocks = Object.entries(locations).map(([path, text]) => `location ${path} { alias {root}/; ${text} }`);
    server = await TestServer.start({ server: blocks.join('\n') }, { a: 'here', own: 'anna:{PLAIN}x\r\n' });
    writeFileSync(join(server.dir, 'users'), lines.join('\n'), 'latin1');
  });
  after(() => server.stop());

  const ask = (path: string, ...lines: string[]) => fetchOnce(server.port, path, lines);
  const status = async (path: string, user: string, password: string) =>
    (await ask(path, basic(user, password))).status;

  test('asks who nobody has told', async () => {
    const reply = await ask('/closed/a');
    assert.equal(reply.status, 401);
    assert.equal(reply.headers['www-authenticate'], 'Basic realm="the house"');
    await server.logged('no user/password was provided for basic authentication, client: 127.0.0.1');
  });

  test('knows passwords in all forms, again and again', async () => {
    for (let round = 0; round < 2; round++) {
      for (const user of [...crypts.map((_, i) => `crypt${i}`), 'apr', 'sha', 'plain']) {
        assert.equal(await status('/closed/a', user, 'secret'), 200, user);
        assert.equal(await status('/closed/a', user, 'Secret'), 401, user);
      }
    }
    await server.logged('user "apr": password mismatch, client: ');
    await waitFor('the user in the log', () => / - crypt2 \[/.test(server.accessLog()));
  });

  test('refuses who is not known, and hashes that are none', async () => {
    assert.equal(await status('/closed/a', 'nobody', 'secret'), 401);
    await server.logged(`user "nobody" was not found in "${server.dir}/users"`);
    assert.equal(await status('/closed/a', 'wrong', 'secret'), 401);
    assert.equal(await status('/closed/a', '# a comment', 'x'), 401);
    assert.equal(await status('/closed/a', 'plain', 'second'), 401);
  });

  test('takes both from variables', async () => {
    assert.equal((await ask('/named/a?realm=off')).status, 200);
    assert.equal((await ask('/named/a?realm=x')).headers['www-authenticate'], 'Basic realm="x"');
    assert.equal(await status('/byname/a?f=own', 'anna', 'x'), 200);
  });

  test('says 403 where the file is missing, and 500 where it cannot be read', async () => {
    assert.equal(await status('/missing/a', 'anna', 'x'), 403);
    await server.logged(`open() "${server.dir}/nosuch" failed (2: No such file or directory), client`);
    assert.equal(await status('/folder/a', 'anna', 'x'), 500);
    await server.logged(`failed (21: Is a directory), client`);
  });

  test('takes up a file that has changed', async () => {
    const path = server.put('changing', 'anna:{PLAIN}one\n');
    assert.equal(await status('/byname/a?f=changing', 'anna', 'one'), 200);
    writeFileSync(path, 'anna:{PLAIN}two\n');
    assert.equal(await status('/byname/a?f=changing', 'anna', 'one'), 401);
    assert.equal(await status('/byname/a?f=changing', 'anna', 'two'), 200);
    if (process.getuid?.() !== 0) {
      chmodSync(path, 0);
      assert.equal(await status('/byname/a?f=changing', 'anna', 'two'), 500);
    }
  });

  test('satisfy: one of both, or both', async () => {
    assert.equal((await ask('/any/a')).status, 401);
    assert.equal(await status('/any/a', 'crypt2', 'secret'), 200);
    assert.equal(await status('/any/a', 'crypt2', 'x'), 401);
    assert.equal((await ask('/inside/a')).status, 200);
    assert.equal(await status('/both/a', 'plain', 'secret'), 403);
    assert.equal((await ask('/write/a')).status, 200);
    assert.equal((await fetchOnce(server.port, '/write/a', ['Content-Length: 0'], 'POST')).status, 401);
  });

  test('auth_delay: a refusal waits, and a client that leaves meanwhile is logged as 499', async () => {
    const begun = performance.now();
    assert.equal((await ask('/slow/a')).status, 401);
    assert.ok(performance.now() - begun >= 145);
    await server.logged('delaying unauthorized request, client: ');
    assert.equal(await status('/slow/a', 'plain', 'secret'), 200);
    const client = await Client.connect(server.port);
    client.get('/slow/a?left');
    await waitFor('the second delay', () => server.errorLog().match(/delaying unauthorized/g)?.length === 2);
    client.close();
    await waitFor('the log line', () => /slow\/a\?left HTTP\/1\.1" 499 0 /.test(server.accessLog()));
  });

  test('many at once get their answers, clients that leave and pipelined ones among them', async () => {
    const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(server.port)));
    for (const [i, client] of clients.entries()) {
      client
        .get('/closed/a', basic('crypt2', i % 2 === 0 ? 'secret' : 'wrong'))
        .get('/closed/a', basic('crypt1', 'bad'));
      if (i % 5 === 0) client.close();
    }
    for (const [i, client] of clients.entries()) {
      if (i % 5 === 0) continue;
      assert.equal((await client.reply()).status, i % 2 === 0 ? 200 : 401);
      assert.equal((await client.reply()).status, 401);
      client.close();
    }
    assert.equal((await ask('/any/a')).status, 401);
  });
});
