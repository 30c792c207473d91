/** Bodies that are kept, and what `dav_methods` does to the file system: what nginx does with the same requests is in test/differential. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, request, waitFor } from './client.js';
import { missing, noise, TestServer } from './harness.js';

const large = noise(24_000_000, 5);
const shm = '/dev/shm';
const hasShm = existsSync(shm) && statSync(shm).dev !== statSync(tmpdir()).dev;

let server: TestServer;
let elsewhere = '';
/** A folder with 64 KB of room, where one can be made. */
let tiny = '';

before(async () => {
  if (hasShm) elsewhere = mkdtempSync(join(shm, 'zerocopy-test-'));
  tiny = mkdtempSync(join(tmpdir(), 'zerocopy-tiny-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', tiny]).status !== 0) {
    rmSync(tiny, { recursive: true });
    tiny = '';
  }
  const all = 'dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on;';
  const site = {
    http: { client_body_temp_path: '{dir}/bodies 1 2', client_body_timeout: '300ms' },
    server: `client_max_body_size 0;
location / { ${all} dav_access group:rw all:r; }
location /plain/ { ${all} }
location /far/ { ${all} client_body_temp_path ${hasShm ? elsewhere : '{dir}/far'}; }
location /full/ { ${all} client_body_temp_path ${tiny === '' ? '{dir}/full' : tiny}; }
location /fullstore/ { ${all} alias ${tiny === '' ? '{root}/' : `${tiny}/`}; }
location /strict/ { ${all} disable_symlinks on from=$document_root; }
location /half/ { dav_methods PUT MOVE; }
location ~ ^/regex/ { ${all} }
location ~ ^/one/ { alias {root}/one; ${all} }
location /alias/ { alias {root}/aliased/; ${all} }`,
  };
  server = await TestServer.start(site, { kept: 'here' });
  await server.settle('/kept');
});
after(async () => {
  await server.stop();
  if (elsewhere !== '') rmSync(elsewhere, { recursive: true, force: true });
  if (tiny === '') return;
  spawnSync('umount', [tiny]);
  rmSync(tiny, { recursive: true, force: true });
});

const at = (path: string) => join(server.root, path);
const mode = (path: string) => (statSync(at(path)).mode & 0o7777).toString(8);

/** A request over a connection of its own: its status. */
async function status(method: string, path: string, ...lines: string[]): Promise<number> {
  return (await fetchOnce(server.port, path, lines, method)).status;
}

async function put(path: string, body: Buffer | string, ...lines: string[]): Promise<number> {
  const client = await Client.connect(server.port);
  client.send(request('PUT', path, `Content-Length: ${body.length}`, ...lines)).send(body);
  const reply = await client.reply();
  client.close();
  return reply.status;
}

/** Bodies that are on their way. */
function temporary(): string[] {
  const folder = join(server.dir, 'bodies');
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return names.filter(name => /\d{10}$/.test(name));
}

describe('PUT', () => {
  test('takes what curl sends, with and without its length', { skip: missing('curl') }, () => {
    const file = join(server.dir, 'large');
    writeFileSync(file, large);
    const curl = (...args: string[]) =>
      spawnSync('curl', ['-sS', '-w', '%{http_code}', '-T', file, ...args], { encoding: 'utf8' });
    const url = `http://127.0.0.1:${server.port}/up/curl`;
    assert.equal(curl(url).stdout, '201');
    assert.ok(readFileSync(at('up/curl')).equals(large));
    assert.equal(curl('-H', 'Transfer-Encoding: chunked', url).stdout, '204');
    assert.ok(readFileSync(at('up/curl')).equals(large));
    assert.deepEqual(temporary(), []);
  });

  test('makes files and folders with the rights that dav_access says', async () => {
    assert.equal(await put('/rights/deep/file', 'x'), 201);
    assert.deepEqual([mode('rights/deep/file'), mode('rights/deep')], ['664', '775']);
    assert.equal(await put('/plain/deep/file', 'x'), 201);
    assert.deepEqual([mode('plain/deep/file'), mode('plain/deep')], ['600', '700']);
  });

  test('gives a file the time of the Date field', async () => {
    await put('/dated', 'x', 'Date: Tue, 15 Nov 1994 12:45:26 GMT');
    assert.equal(statSync(at('dated')).mtimeMs, Date.UTC(1994, 10, 15, 12, 45, 26));
  });

  test('replaces a file in one step: who has begun to read the old one gets it whole', async () => {
    await put('/replaced', large);
    const reader = await Client.connect(server.port, false);
    reader.get('/replaced');
    const inode = statSync(at('replaced')).ino;
    assert.equal(await put('/replaced', 'new'), 204);
    assert.notEqual(statSync(at('replaced')).ino, inode);
    reader.socket.resume();
    assert.ok((await reader.reply()).body.equals(large));
    reader.close();
  });

  test('takes a body in any pieces, and the request that follows it', async () => {
    const client = await Client.connect(server.port);
    const chunks = '3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n';
    for (const byte of `${request('PUT', '/pieces', 'Transfer-Encoding: chunked')}${chunks}`) client.send(byte);
    client.get('/pieces').send(`${request('PUT', '/pieces', 'Content-Length: 3')}xyz${request('GET', '/pieces')}`);
    const replies = [];
    for (let i = 0; i < 4; i++) replies.push(await client.reply());
    assert.deepEqual(
      replies.map(({ status, body }) => `${status} ${body}`),
      ['201 ', '200 abcdefgh', '204 ', '200 xyz'],
    );
    client.close();
  });

  test('asks for a body that the client announces', async () => {
    const client = await Client.connect(server.port);
    client.send(request('PUT', '/expected', 'Content-Length: 3', 'Expect: 100-continue'));
    await client.until('100 Continue', () => client.pending >= 25);
    assert.equal((await client.reply()).status, 100);
    client.send('abc');
    assert.equal((await client.reply()).status, 201);
    client.close();
  });

  test('leaves nothing behind when the client leaves, or stops to send', async () => {
    const client = await Client.connect(server.port);
    client.send(`${request('PUT', '/left', 'Content-Length: 100')}abc`);
    await waitFor('the body has begun', () => temporary().length === 1);
    client.close();
    await waitFor('its file has gone', () => temporary().length === 0);
    await server.logged('client prematurely closed connection, client: 127.0.0.1');
    const slow = await Client.connect(server.port);
    slow.send(`${request('PUT', '/slow', 'Content-Length: 100')}abc`);
    assert.equal((await slow.rest()).length, 0);
    await server.logged('client timed out (110: Connection timed out) while reading client request body');
    for (const line of [/PUT \/left[^"]*" 400 0 /, /PUT \/slow[^"]*" 408 0 /]) {
      await waitFor(`${line} in the log`, () => line.test(server.accessLog()));
    }
    assert.deepEqual(temporary(), []);
    assert.equal(existsSync(at('left')) || existsSync(at('slow')), false);
    slow.close();
  });

  test('moves a body to another file system', { skip: hasShm ? false : `${shm} is no other file system` }, async () => {
    mkdirSync(at('far'));
    assert.equal(await put('/far/file', large), 201);
    assert.ok(readFileSync(at('far/file')).equals(large));
    assert.equal(mode('far/file'), '600');
    assert.deepEqual([readdirSync(elsewhere), readdirSync(at('far'))], [[], ['file']]);
  });

  test('says that a disk is full, and gives its room back', {
    skip: process.getuid?.() === 0 ? false : 'mount(8) takes root',
  }, async t => {
    if (tiny === '') {
      t.skip('no tmpfs can be mounted');
      return;
    }
    assert.equal(await put('/full/file', large.subarray(0, 200_000)), 500);
    await server.logged(/pwrite\(\) "[^"]*" failed \(28: No space left on device\), client/);
    await waitFor('its room is free', () => readdirSync(tiny).length === 0);
    assert.equal(existsSync(at('full/file')), false);
    assert.equal(await put('/fullstore/file', large.subarray(0, 200_000)), 500);
    await waitFor('the copy has gone', () => readdirSync(tiny).length === 0);
    assert.equal(await put('/fullstore/small', 'x'), 201);
    assert.deepEqual(temporary(), []);
  });

  test('many at once are many files', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `/many/${i}`);
    const statuses = await Promise.all(names.map((name, i) => put(name, noise(100_000, i))));
    assert.deepEqual(new Set(statuses), new Set([201]));
    for (const [i, name] of names.entries()) assert.ok(readFileSync(at(name)).equals(noise(100_000, i)));
    await server.isWell('/kept', Buffer.from('here'));
  });
});

describe('what must not be lost', () => {
  test('a folder is not copied or moved into itself, nor over what it is in', async () => {
    await put('/self/a/b', 'one');
    const to = (path: string) => `Destination: ${path}`;
    for (const method of ['COPY', 'MOVE']) {
      assert.equal(await status(method, '/self/a/', to('/self/a/c/')), 403);
      assert.equal(await status(method, '/self/a/', to('/self/')), 403);
      assert.equal(await status(method, '/self/a/', to('/self/a/')), 403);
      assert.equal(await status(method, '/self/a/b', to('/self/a/b')), 403);
    }
    assert.equal(readFileSync(at('self/a/b'), 'utf8'), 'one');
  });

  test('links are removed and left out, and not what they lead to', async () => {
    await put('/outside/precious', 'x');
    await put('/linked/file', 'x');
    symlinkSync(at('outside'), at('linked/link'));
    symlinkSync(at('outside/precious'), at('linked/one'));
    assert.equal(await status('COPY', '/linked/', 'Destination: /copied/'), 201);
    assert.deepEqual(readdirSync(at('copied')), ['file']);
    assert.equal(await status('DELETE', '/linked/one'), 204);
    assert.equal(await status('DELETE', '/linked/'), 204);
    assert.equal(existsSync(at('linked')), false);
    assert.equal(lstatSync(at('outside/precious')).size, 1);
  });

  test('links that disable_symlinks forbids lead nowhere', async () => {
    await put('/beyond/precious', 'x');
    assert.equal(await put('/strict/file', 'x'), 201);
    symlinkSync(at('beyond'), at('strict/link'));
    symlinkSync(at('beyond/precious'), at('strict/one'));
    const to = (path: string) => `Destination: /strict/${path}`;
    for (const method of ['COPY', 'MOVE']) {
      assert.equal(await status(method, '/strict/one', to('two')), 403);
      assert.equal(await status(method, '/strict/link/precious', to('two')), 403);
      assert.equal(await status(method, '/strict/file', to('link/file')), 403);
      assert.equal(await status(method, '/strict/link/', to('folder/')), 403);
    }
    assert.equal(await put('/strict/link/new', 'x'), 403);
    assert.equal(await status('MKCOL', '/strict/link/folder/'), 403);
    assert.equal(await status('DELETE', '/strict/link/precious'), 403);
    assert.deepEqual(readdirSync(at('beyond')), ['precious']);
    assert.deepEqual(readdirSync(at('strict')).sort(), ['file', 'link', 'one']);
    await server.logged('/strict/one" is forbidden by disable_symlinks (40: Too many levels of symbolic links)');
    // a link itself is in its folder, and may go from there
    assert.equal(await status('DELETE', '/strict/link'), 204);
    assert.equal(await put('/strict/one', 'mine'), 204);
    assert.equal(readFileSync(at('beyond/precious'), 'utf8'), 'x');
  });

  test('the root stays, and what an alias names', async () => {
    assert.equal(await put('/alias/kept', 'x'), 201);
    assert.equal(await status('DELETE', '/alias/'), 403);
    assert.equal(await status('DELETE', '/'), 403);
    assert.equal(await status('MOVE', '/', 'Destination: /x/'), 403);
    assert.ok(existsSync(at('aliased/kept')));
    assert.equal(await status('DELETE', '/alias/kept'), 204);
    await server.logged('aliased/" is the root of "/alias/", which stays');
  });

  test('MOVE makes folders that are missing, PUT only where it may', async () => {
    assert.equal(await put('/half/none/x', 'x'), 500);
    mkdirSync(at('half'));
    assert.equal(await put('/half/x', 'x'), 201);
    assert.equal(await status('MOVE', '/half/x', 'Destination: /half/a/b/c'), 204);
    assert.equal(readFileSync(at('half/a/b/c'), 'utf8'), 'x');
    assert.equal(mode('half/a'), '700');
  });

  test('a name of 255 bytes is copied, and taken to another file system', async () => {
    const long = 'n'.repeat(255);
    await put('/long/x', 'x');
    assert.equal(await status('COPY', '/long/x', `Destination: /long/${long}`), 204);
    assert.equal(readFileSync(at(`long/${long}`), 'utf8'), 'x');
    if (hasShm) {
      assert.equal(await put(`/far/long/${long}`, 'y'), 201);
      assert.equal(readFileSync(at(`far/long/${long}`), 'utf8'), 'y');
    }
  });

  test('a destination that an alias does not reach is refused', async () => {
    assert.equal(await put('/alias/a', 'x'), 201);
    assert.equal(await status('COPY', '/alias/a', 'Destination: /a'), 400);
    assert.equal(await status('MOVE', '/alias/a', 'Destination: /aliat/b'), 400);
    assert.equal(await status('COPY', '/alias/a', 'Destination: /alias/b'), 204);
    assert.deepEqual(readdirSync(at('aliased')).sort(), ['a', 'b']);
    assert.equal(await put('/one/x', 'x'), 201);
    assert.equal(await status('MOVE', '/one/x', 'Destination: /one/y'), 400);
  });

  test('a large tree goes and comes in turns, and others are answered meanwhile', async () => {
    for (let i = 0; i < 40; i++) {
      mkdirSync(at(`tree/${i}`), { recursive: true });
      for (let j = 0; j < 25; j++) writeFileSync(at(`tree/${i}/${j}`), `${i} ${j}`);
    }
    const copying = status('COPY', '/tree/', 'Destination: /wood/');
    assert.equal(await status('GET', '/kept'), 200);
    assert.equal(await copying, 201);
    assert.equal(readFileSync(at('wood/39/24'), 'utf8'), '39 24');
    assert.equal(await status('DELETE', '/tree/'), 204);
    assert.equal(await status('MOVE', '/wood/', 'Destination: /tree/'), 201);
    assert.equal(readdirSync(at('tree')).length, 40);
  });
});
