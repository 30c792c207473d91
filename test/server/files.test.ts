/** What happens to files, and what they are called. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, stalled, waitFor } from './client.js';
import { noise, TestServer, ways } from './harness.js';

const size = 8_000_000;
const large = noise(size, 7);
const asRoot = process.geteuid?.() === 0;

/** A download of `name` that has begun, and that the client does not read on. */
async function begin(server: TestServer, path: string): Promise<Client> {
  const client = await Client.connect(server.port, false);
  client.get(path, 'Connection: close');
  await stalled(client);
  return client;
}

describe('files that change while they are sent', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(
      { listen: ['127.0.0.1:{port} sndbuf=128k'], http: { send_timeout: '10s' } },
      { small: 'small' },
    );
    await server.settle('/on/small');
  });
  after(() => server.stop());

  for (const way of ways) {
    test(`truncated, sendfile ${way}: the end, and a line in the error log`, async () => {
      const path = server.put(`cut-${way}`, large);
      const client = await begin(server, `/${way}/cut-${way}`);
      truncateSync(path, size / 2);
      client.socket.resume();
      const bytes = await client.rest();
      const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
      assert.ok(body.length <= size / 2 && body.length > size / 4, `${body.length}`);
      assert.ok(body.equals(large.subarray(0, body.length)));
      await server.logged(new RegExp(`\\[alert\\] .*"[^"]*/cut-${way}" was truncated at ${size / 2} while sending`));
      client.close();
      await server.isWell('/on/small', Buffer.from('small'));
    });

    test(`truncated to nothing, sendfile ${way}`, async () => {
      const path = server.put(`empty-${way}`, large);
      const client = await begin(server, `/${way}/empty-${way}`);
      truncateSync(path, 0);
      client.socket.resume();
      const bytes = await client.rest();
      const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
      // with sendfile, what the socket holds are the file's own pages: they are gone, or as they were
      assert.ok(body.length < size, `${body.length}`);
      if (way === 'off') assert.ok(body.equals(large.subarray(0, body.length)));
      await server.logged(new RegExp(`\\[alert\\] .*"[^"]*/empty-${way}" was truncated at`));
      client.close();
    });

    const changes: [string, (path: string) => void][] = [
      ['deleted', path => rmSync(path)],
      [
        'replaced',
        path => {
          writeFileSync(`${path}.new`, noise(size, 8));
          renameSync(`${path}.new`, path);
        },
      ],
      ['grown', path => appendFileSync(path, noise(1_000_000, 9))],
    ];
    for (const [name, change] of changes) {
      test(`${name}, sendfile ${way}: the old bytes, whole`, async () => {
        const path = server.put(`${name}-${way}`, large);
        const client = await begin(server, `/${way}/${name}-${way}`);
        change(path);
        client.socket.resume();
        assert.ok((await client.reply()).body.equals(large));
        assert.equal((await client.rest()).length, 0);
        client.close();
        const again = await fetchOnce(server.port, `/${way}/${name}-${way}`);
        assert.equal(again.status, existsSync(path) ? 200 : 404);
        if (name === 'replaced') assert.ok(again.body.equals(noise(size, 8)));
        if (name === 'grown') assert.equal(again.body.length, size + 1_000_000);
        await server.isWell('/on/small', Buffer.from('small'));
      });
    }
  }
});

describe('names and kinds', () => {
  let server: TestServer;
  before(async () => {
    // root may read everything: its workers become somebody who may not
    server = await TestServer.start(asRoot ? { main: { user: 'nobody nogroup' } } : {}, {
      'a b+c&d=e.bin': 'space',
      'gr\u00fc\u00dfe \u4f60\u597d.bin': 'utf8',
      '100%': 'percent',
      'question?mark#hash': 'marks',
      'back\\slash"quote': 'quote',
      'folder/index.html': 'index',
      'bare/file': 'bare',
      locked: 'locked',
    });
    chmodSync(`${server.root}/locked`, 0);
    symlinkSync('folder/index.html', `${server.root}/link`);
    symlinkSync('nowhere', `${server.root}/dangling`);
    symlinkSync('loop', `${server.root}/loop`);
    mkdirSync(`${server.root}/closed`);
    writeFileSync(`${server.root}/closed/file`, 'x');
    chmodSync(`${server.root}/closed`, 0);
  });
  after(async () => {
    chmodSync(`${server.root}/closed`, 0o755);
    await server.stop();
  });

  const cases: [string, string, number, string][] = [
    ['spaces and signs', '/a%20b+c&d=e.bin', 200, 'space'],
    ['UTF-8', '/gr%c3%bc%C3%9Fe%20%e4%bd%a0%E5%A5%BD.bin', 200, 'utf8'],
    ['raw bytes above ASCII', '/gr\u00c3\u00bc\u00c3\u009fe%20\u00e4\u00bd\u00a0\u00e5\u00a5\u00bd.bin', 200, 'utf8'],
    ['a percent sign', '/100%25', 200, 'percent'],
    ['marks that end a path', '/question%3Fmark%23hash', 200, 'marks'],
    ['a backslash and a quote', '/back%5Cslash%22quote', 200, 'quote'],
    ['an index file', '/folder/', 200, 'index'],
    ['a symbolic link', '/link', 200, 'index'],
    ['a symbolic link to nothing', '/dangling', 404, '404 Not Found'],
    ['a symbolic link to itself', '/loop', 403, '403 Forbidden'],
    ['a folder without index', '/bare/', 403, '403 Forbidden'],
    ['a file that may not be read', '/locked', 403, '403 Forbidden'],
    ['a folder that may not be entered', '/closed/file', 403, '403 Forbidden'],
    ['a file as a folder', '/link/x', 404, '404 Not Found'],
    ['a name that is too long', `/${'n'.repeat(300)}`, 404, '404 Not Found'],
    ['a path that is too long', `/${'n/'.repeat(2500)}`, 404, '404 Not Found'],
    ['nothing', '/nothing', 404, '404 Not Found'],
  ];
  for (const [name, target, status, text] of cases) {
    test(`${name}: ${status}`, async () => {
      const reply = await fetchOnce(server.port, target);
      assert.equal(reply.status, status);
      if (status === 200) assert.equal(reply.body.toString(), text);
      else assert.ok(reply.body.includes(text));
    });
  }

  test('a folder without slash is redirected to the one with it', async () => {
    mkdirSync(`${server.root}/my folder`);
    for (const [target, location] of [
      ['/bare', '/bare/'],
      ['/my%20folder?a=b&c', '/my%20folder/?a=b&c'],
    ]) {
      const reply = await fetchOnce(server.port, target);
      assert.equal(reply.status, 301);
      assert.equal(reply.headers.location, `http://test.local:${server.port}${location}`);
    }
  });

  test('a pipe or a socket is not served, and does not block', async () => {
    symlinkSync('/dev/null', `${server.root}/device`);
    assert.equal((await fetchOnce(server.port, '/device')).status, 404);
    await server.logged(/\[crit\] .*"[^"]*\/device" is not a regular file/);
  });
});

describe('open_file_cache', () => {
  let server: TestServer;
  before(async () => {
    const site = {
      http: { open_file_cache: 'max=8 inactive=1s', open_file_cache_valid: '1s', send_timeout: '10s' },
      server: 'location /e/ { alias {root}/; open_file_cache_errors on; }',
    };
    server = await TestServer.start(site, { kept: 'first', gone: 'gone' });
  });
  after(() => server.stop());

  /** Whether the worker has a file of this name open. */
  const isOpen = (name: string) => {
    const folder = `/proc/${server.workers()[0]}/fd`;
    return readdirSync(folder).some(fd => {
      try {
        return readlinkSync(`${folder}/${fd}`).replace(' (deleted)', '') === `${server.root}/${name}`;
      } catch {
        return false;
      }
    });
  };
  const read = async (target: string) => {
    const { status, body } = await fetchOnce(server.port, target);
    return status === 200 ? body.toString() : status;
  };

  for (const way of ways) {
    test(`a replaced file is believed until its entry is checked, sendfile ${way}`, async () => {
      const name = `replaced-${way}`;
      const path = server.put(name, 'first');
      assert.equal(await read(`/${way}/${name}`), 'first');
      assert.ok(isOpen(name));
      writeFileSync(`${path}.new`, 'other');
      utimesSync(`${path}.new`, statSync(path).atime, statSync(path).mtime);
      renameSync(`${path}.new`, path);
      assert.equal(await read(`/${way}/${name}`), 'first');
      await waitFor('the new content', async () => (await read(`/${way}/${name}`)) === 'other');
    });
  }

  test('a deleted file too', async () => {
    assert.equal(await read('/on/gone'), 'gone');
    rmSync(`${server.root}/gone`);
    assert.equal(await read('/on/gone'), 'gone');
    await waitFor('404', async () => (await read('/on/gone')) === 404);
    assert.equal(isOpen('gone'), false);
  });

  test('entries that nobody uses are closed', async () => {
    server.put('unused', 'unused');
    assert.equal(await read('/on/unused'), 'unused');
    assert.ok(isOpen('unused'));
    await waitFor('it is closed', async () => {
      await read('/on/kept');
      return !isOpen('unused');
    });
  });

  test('more files than the cache holds', async () => {
    for (let i = 0; i < 30; i++) server.put(`many${i}`, `${i}`);
    for (let i = 0; i < 60; i++) assert.equal(await read(`/on/many${i % 30}`), `${i % 30}`);
    const open = Array.from({ length: 30 }, (_, i) => i).filter(i => isOpen(`many${i}`));
    assert.ok(open.length <= 8, `${open}`);
  });

  test('failures are remembered where that is asked for', async () => {
    assert.deepEqual([await read('/on/late'), await read('/e/late2')], [404, 404]);
    server.put('late', 'late');
    server.put('late2', 'late');
    assert.deepEqual([await read('/on/late'), await read('/e/late2')], ['late', 404]);
    await waitFor('it is found', async () => (await read('/e/late2')) === 'late');
  });

  test('a file that is sent while its entry goes is sent whole', async () => {
    server.put('slow', large);
    const client = await begin(server, '/off/slow');
    for (let i = 0; i < 20; i++) await read(`/on/many${i}`);
    client.socket.resume();
    assert.ok((await client.reply()).body.equals(large));
    client.close();
    await waitFor('it is closed', () => !isOpen('slow'));
  });
});
