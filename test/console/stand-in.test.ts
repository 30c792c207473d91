/** Without a native uWebSockets.js: the console works all the same, but for the WebSocket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchOnce } from '../server/client.js';
import { noise } from '../server/harness.js';
import { startWithConsole } from './support.js';

const file = noise(500_000, 2);

test('the package’s stand-in serves page, status, metrics and switches; the WebSocket is refused', async () => {
  process.env.UWS_USE_FALLBACK = '1';
  const console = await startWithConsole({}, { file });
  const { server } = console;
  try {
    await server.logged(/console on .*without a native uWebSockets\.js for this Node: its page polls/);
    assert.equal(server.stderr, '');
    await fetchOnce(server.port, '/on/file');
    const status = await console.status();
    assert.deepEqual([status.server.backend, status.totals.bytes.sendfile], ['stand-in', file.length]);
    assert.equal((await console.get('/')).status, 200);
    assert.equal((await console.get('/page/main.js?x=1')).status, 200);
    assert.match((await console.get('/metrics')).text, /zerocopy_requests_total 1\n/);
    assert.deepEqual([(await console.get('/', 'HEAD')).status, (await console.get('/', 'HEAD')).text], [200, '']);
    assert.equal((await console.get('/status', 'DELETE')).status, 405);
    assert.equal((await console.with({ host: 'evil.example' }).get('/status')).status, 421);
    assert.equal(await console.live().answered(), -1);
    assert.equal((await console.post('{"place":"0","sendfile":"off"}')).status, 403);
    assert.deepEqual(await console.change({ place: '0', sendfile: 'on' }), { ok: true, status: 200 });
    assert.equal((await console.status()).places[0].sendfile, true);
  } finally {
    await server.stop();
  }
});
