/** `open_file_cache` while files are replaced all the time, and over a reload. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fetchOnce, waitFor } from './client.js';
import { TestServer } from './harness.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const places = ['on', 'off', 'threads', 'direct', 'always', 'uses', 'tried'];

/** A file of one letter, never twice of the same size. */
function replace(server: TestServer, turn: number): void {
  const path = `${server.root}/${names[turn % names.length]}`;
  writeFileSync(`${path}.new`, String.fromCharCode(65 + (turn % 26)).repeat(1000 + 397 * turn));
  renameSync(`${path}.new`, path);
}

test('files that are replaced all the time are sent whole and of one piece, by all workers and in every way', async () => {
  const server = await TestServer.start({
    main: { worker_processes: '3' },
    http: { open_file_cache: 'max=3 inactive=1s', open_file_cache_valid: '1s' },
    server: `
      location /threads/ { alias {root}/; sendfile on; aio threads; }
      location /direct/ { alias {root}/; directio 4k; }
      location /always/ { alias {root}/; sendfile on; open_file_cache_valid 0; }
      location /uses/ { alias {root}/; sendfile on; open_file_cache_min_uses 3; }
      location /tried/ { rewrite ^/tried(/.*)$ $1 break; try_files $uri =404; }`,
  });
  try {
    for (let turn = 0; turn < names.length; turn++) replace(server, turn);
    const sizes = new Set<number>();
    let asked = 0;
    const client = async () => {
      while (asked < 600) {
        const at = asked++;
        replace(server, at);
        const path = `/${places[at % places.length]}/${names[(at >> 2) % names.length]}`;
        const { status, body, headers } = await fetchOnce(server.port, path);
        assert.equal(status, 200, path);
        assert.equal(headers.etag?.replaceAll('"', '').split('-')[1], body.length.toString(16), path);
        assert.ok(body.equals(Buffer.alloc(body.length, body[0])), `${path} is mixed`);
        sizes.add(body.length);
      }
    };
    await Promise.all(Array.from({ length: 6 }, client));
    assert.ok(sizes.size > 20, 'files were replaced meanwhile');
  } finally {
    await server.stop();
  }
});

test('a reload forgets what is open', async () => {
  const server = await TestServer.start({
    main: { worker_processes: '1' },
    http: { open_file_cache: 'max=10 inactive=1h', open_file_cache_valid: '1h', open_file_cache_errors: 'on' },
  });
  try {
    const path = server.put('file', 'old');
    assert.equal((await fetchOnce(server.port, '/on/file')).body.toString(), 'old');
    assert.equal((await fetchOnce(server.port, '/on/late')).status, 404);
    rmSync(path);
    server.put('late', 'late');
    assert.equal((await fetchOnce(server.port, '/on/file')).body.toString(), 'old');
    assert.equal((await fetchOnce(server.port, '/on/late')).status, 404);
    server.signal('SIGHUP');
    await waitFor('the new worker has looked', async () => (await fetchOnce(server.port, '/on/late')).status === 200);
    assert.equal((await fetchOnce(server.port, '/on/file')).status, 404);
  } finally {
    await server.stop();
  }
});
