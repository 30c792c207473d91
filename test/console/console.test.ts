/** The console over real sockets: its answers, who gets them, its switches, and its life beside the server. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, waitFor } from '../server/client.js';
import { noise } from '../server/harness.js';
import { type ConsoleClient, noLive, startWithConsole } from './support.js';

const file = noise(3_000_000, 9);
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const calls = '{dir}/calls.log';
/** A client that does not read stops the server after a little of the file. */
const smallBuffers = { listen: ['127.0.0.1:{port} sndbuf=128k'] };
const withCalls = {
  log_format: `calls '$uri sendfile=$sendfile_calls pread=$pread_calls writev=$writev_calls'`,
  access_log: `${calls} calls`,
};

describe('what is answered', () => {
  let console: ConsoleClient;
  before(async () => {
    console = await startWithConsole(smallBuffers, { file });
  });
  after(() => console.server.stop());

  test('the page and its scripts, and nothing else', async () => {
    const page = await console.get('/');
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(page.text, /<script type="module" src="\/?page\/main\.js"/);
    assert.deepEqual(await console.get('/index.html').then(({ text }) => text), page.text);
    const script = await console.get('/page/main.js');
    assert.deepEqual([script.status, script.headers['content-type']], [200, 'text/javascript; charset=utf-8']);
    for (const path of [
      '/../package.json',
      '/page/../console.js',
      '/page/%2e%2e/console.js',
      '/console.js',
      '/page/',
      '/page',
      '/status/',
      '//',
      '/etc/passwd',
      '/page/main.js/',
    ]) {
      assert.equal((await console.get(path)).status, 404, path);
    }
    for (const path of ['/', '/status', '/nothing']) {
      const { headers } = await console.get(path);
      assert.match(
        `${headers['content-security-policy']}`,
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      );
      assert.deepEqual([headers['x-content-type-options'], headers['cache-control']], ['nosniff', 'no-store']);
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  });

  test('HEAD is answered like GET, without the body', async () => {
    for (const path of ['/', '/metrics', '/healthz', '/nothing']) {
      const [head, get] = [await console.get(path, 'HEAD'), await console.get(path)];
      assert.deepEqual([head.status, head.text], [get.status, ''], path);
      assert.equal(head.headers['content-type'], get.headers['content-type']);
    }
  });

  test('other methods are not', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      assert.equal((await console.get('/status', method)).status, 405, method);
    }
  });

  test('the last requests, with what their clients made of them', async () => {
    await fetchOnce(console.server.port, '/off/file?%3Cscript%3E=%ff');
    const strange = await Client.connect(console.server.port);
    strange.send('GET /\x1b[31m HTTP/1.1\r\n\r\n');
    await strange.reply();
    strange.close();
    const { requests } = await waitFor('both are told', async () => {
      const status = await console.status();
      return status.requests.length >= 2 ? status : null;
    });
    const [broken, whole] = requests;
    assert.deepEqual(
      [whole.line, whole.path, whole.status],
      ['GET /off/file?%3Cscript%3E=%ff HTTP/1.1', 'buffers', 200],
    );
    assert.equal(broken.status, 400);
    for (const { line } of requests) assert.doesNotMatch(line, /[\0-\x1f]/);
  });

  test('a client that leaves in mid-answer, and one that never asks whole', async () => {
    const client = await Client.connect(console.server.port, false);
    client.get('/on/file');
    await waitFor('the answer has begun', async () => (await console.status()).connections.writing === 1);
    client.close();
    const reading = await Client.connect(console.server.port);
    reading.send('GET / HTTP/1.1\r\nHost:');
    await waitFor('a head is being read', async () => {
      const { reading: heads, writing } = (await console.status()).connections;
      return heads === 1 && writing === 0;
    });
    reading.close();
    await waitFor('nothing is open', async () => (await console.status()).connections.active === 0);
    const { requests } = await console.status();
    const cut = requests.find(({ line }) => line === 'GET /on/file HTTP/1.1');
    assert.ok(cut !== undefined && !cut.complete && cut.bytes < file.length);
  });
});

describe('the switches', () => {
  let console: ConsoleClient;
  before(async () => {
    const locations = 'location /deep/ { alias {root}/; location /deep/er/ { alias {root}/; } }';
    const server = `sendfile on; ${locations}`;
    console = await startWithConsole(
      { ...smallBuffers, http: { ...withCalls, send_timeout: '10s' }, server },
      { file },
    );
  });
  after(() => console.server.stop());

  const costOf = async (path: string) => {
    const before = console.server.logText('calls.log').length;
    const { body } = await fetchOnce(console.server.port, path);
    assert.ok(body.equals(file));
    // that of a request before it may come only now: an answer is there sooner than its line
    const own = () => console.server.logText('calls.log').slice(before).split('\n');
    const line = await waitFor('the log line', () =>
      own().find(each => /^(\S+) .*writev=\d+$/.exec(each)?.[1] === path),
    );
    const [, sendfile, pread, writev] = /sendfile=(\d+) pread=(\d+) writev=(\d+)/.exec(line)!.map(Number);
    return { sendfile, pread, writev };
  };
  const place = async (id: string) => (await console.status()).places.find(each => each.id === id)!;

  test('change the path of the next request, for a server and what inherits from it', async () => {
    assert.ok((await costOf('/file')).sendfile > 0);
    assert.deepEqual(await console.change({ place: '0', sendfile: 'off' }), { ok: true, status: 200 });
    const { sendfile, pread } = await costOf('/file');
    assert.ok(sendfile === 0 && pread > 0);
    assert.ok((await costOf('/deep/er/file')).pread > 0);
    // it says itself what holds for it
    assert.ok((await costOf('/on/file')).sendfile > 0);
    assert.deepEqual([(await place('0')).sendfile, (await place('0')).changed], [false, ['sendfile']]);
    await console.server.logged(
      /\[notice\] .*console: "sendfile" off for server test\.local on .*, by (127\.0\.0\.1|the console)$/m,
    );
  });

  test('output_buffers as well, of a location', async () => {
    const before = await costOf('/off/file');
    assert.equal((await console.change({ place: '0/1', output_buffers: '1 1m' })).ok, true);
    const later = await costOf('/off/file');
    assert.ok(later.pread === 3 && before.pread > 80);
    const { bufferNumber, bufferSize, changed } = await place('0/1');
    assert.deepEqual([bufferNumber, bufferSize, changed], [1, 2 ** 20, ['output_buffers']]);
  });

  test('null is as the file has it', async () => {
    assert.equal((await console.change({ place: '0', sendfile: null })).ok, true);
    assert.ok((await costOf('/file')).sendfile > 0);
    assert.deepEqual((await place('0')).changed, []);
    assert.deepEqual((await place('0/1')).changed, ['output_buffers']);
  });

  test('a reload is what the file says', async () => {
    const { reloads } = (await console.status()).server;
    console.server.signal('SIGHUP');
    await waitFor('the reload', async () => (await console.status()).server.reloads > reloads);
    assert.deepEqual((await place('0/1')).changed, []);
    await console.server.logged('reconfiguring, changes of the console end');
    assert.ok((await costOf('/off/file')).pread > 80);
  });

  test('nothing is cut: a download goes on as it began, and idle connections may ask once more', async () => {
    const slow = await Client.connect(console.server.port, false);
    slow.get('/deep/file', 'Connection: close');
    const idle = await Client.connect(console.server.port);
    idle.get('/on/file');
    await idle.reply();
    await waitFor('the download has begun', async () => (await console.status()).connections.writing === 1);
    assert.equal((await console.change({ place: '0/2', sendfile: 'off' })).ok, true);
    idle.get('/on/file');
    assert.ok((await idle.reply()).body.equals(file));
    assert.ok((await costOf('/deep/file')).pread > 0);
    slow.socket.resume();
    assert.ok((await slow.reply()).body.equals(file));
    for (const client of [slow, idle]) client.close();
  });

  test('two at once: one is done, the other told to wait', async () => {
    const { token } = await console.offer();
    const change = (sendfile: string) =>
      console.post(JSON.stringify({ place: '0', sendfile }), { 'x-zerocopy-token': token });
    const statuses = (await Promise.all([change('on'), change('off')])).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 409]);
  });

  test('are refused without the token, without JSON, for places that are not there', async () => {
    const { token } = await console.offer();
    const body = JSON.stringify({ place: '0', sendfile: 'off' });
    const before = (await console.status()).server.reloads;
    assert.equal((await console.post(body)).status, 403);
    assert.equal((await console.post(body, { 'x-zerocopy-token': `${token}x` })).status, 403);
    assert.equal((await console.post(body, { 'x-zerocopy-token': token, 'content-type': 'text/plain' })).status, 415);
    assert.equal((await console.post(body, { 'x-zerocopy-token': token, origin: 'http://evil.example' })).status, 403);
    assert.equal((await console.post(body.replace('"0"', '"9"'), { 'x-zerocopy-token': token })).status, 404);
    assert.equal((await console.post('{', { 'x-zerocopy-token': token })).status, 400);
    assert.equal((await console.post(`"${'x'.repeat(100_000)}"`, { 'x-zerocopy-token': token })).status, 413);
    assert.equal((await console.status()).server.reloads, before);
  });
});

describe('who may', () => {
  test('a foreign name or origin gets nothing from a console on the loopback', async () => {
    const console = await startWithConsole();
    try {
      assert.equal((await console.with({ host: 'evil.example' }).get('/status')).status, 421);
      assert.equal((await console.with({ origin: 'http://evil.example' }).get('/control')).status, 403);
      assert.equal((await console.with({ host: `localhost:${console.port}` }).get('/status')).status, 200);
      assert.equal((await console.with({ host: 'evil.example' }).get('/healthz')).status, 200);
    } finally {
      await console.server.stop();
    }
  });

  test('for all to see, without a password: it shows, and changes nothing', async () => {
    const console = await startWithConsole({ main: { console: '*:{port2}' } });
    try {
      assert.equal((await console.with({ host: 'any.example' }).get('/status')).status, 200);
      const offer = await console.offer();
      assert.deepEqual([offer.allowed, offer.token], [false, '']);
      assert.match(offer.reason, /console_auth NAME PASSWORD/);
      const change = await console.change({ place: '0', sendfile: 'off' });
      assert.ok(change.status === 403 && !change.ok && change.reason === offer.reason);
      assert.equal((await console.status()).server.reloads, 0);
    } finally {
      await console.server.stop();
    }
  });

  test('with a password: nothing without it but the health', async () => {
    const auth = 'anna secret';
    const console = await startWithConsole({ main: { console: '*:{port2}', console_auth: auth } });
    try {
      assert.equal((await console.get('/healthz')).status, 200);
      for (const path of ['/', '/status', '/metrics', '/control', '/page/main.js', '/nothing']) {
        const { status, headers } = await console.get(path);
        assert.deepEqual(
          [status, headers['www-authenticate']],
          [401, 'Basic realm="Zerocopy console", charset="UTF-8"'],
          path,
        );
      }
      assert.equal((await console.with(basic('anna:wrong')).get('/status')).status, 401);
      const anna = console.with({ ...basic('anna:secret'), host: 'console.example' });
      assert.equal((await anna.get('/status')).status, 200);
      assert.deepEqual(await anna.change({ place: '0', sendfile: 'off' }), { ok: true, status: 200 });
    } finally {
      await console.server.stop();
    }
  });

  test('a WebSocket, whose browser sends no password with it, has the token', { skip: noLive }, async () => {
    const console = await startWithConsole({ main: { console_auth: 'anna secret' } });
    try {
      assert.equal(await console.live().answered(), 401);
      assert.equal(await console.live('?token=x').answered(), 401);
      const { token } = await console.with(basic('anna:secret')).offer();
      const live = console.live(`?token=${token}`);
      assert.equal(await live.answered(), 101);
      live.close();
    } finally {
      await console.server.stop();
    }
  });

  test('one process without a master shows itself, and changes nothing', async () => {
    const console = await startWithConsole({ main: { master_process: 'off' } }, { file });
    try {
      await fetchOnce(console.server.port, '/on/file');
      const { server, workers, totals, control, requests } = await console.status();
      assert.deepEqual([server.hasMaster, control.allowed], [false, false]);
      assert.deepEqual(
        workers.map(({ pid, state }) => [pid, state]),
        [[console.server.pid, 'serving']],
      );
      assert.equal(totals.bytes.sendfile, file.length);
      assert.equal(requests.length, 1);
      await waitFor('a sample', async () => (await console.status()).history.length > 0);
    } finally {
      await console.server.stop();
    }
  });
});

describe('its life', () => {
  test('a reload moves it, ends it, and starts it; what it knew of the last requests stays where it stays', async () => {
    const console = await startWithConsole({}, { file });
    const { server } = console;
    const answers = (port: number) =>
      fetchOnce(port, '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      );
    const reloadWith = async (address: string) => {
      server.configure({ main: { console: address } });
      server.signal('SIGHUP');
    };
    try {
      await fetchOnce(server.port, '/on/file');
      await reloadWith('127.0.0.1:{port2}');
      await waitFor('the reload', async () => (await console.status()).server.reloads === 1);
      assert.equal((await console.status()).requests.length, 1);
      await reloadWith('127.0.0.1:{port3}');
      await waitFor('it has moved', async () => (await answers(server.ports[2])) && !(await answers(server.ports[1])));
      await reloadWith('off');
      await waitFor('it has ended', async () => !(await answers(server.ports[2])));
      await reloadWith('127.0.0.1:{port2}');
      await waitFor('it is there again', () => answers(server.ports[1]));
      assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
    } finally {
      await server.stop();
    }
  });

  test('where its port is taken, the server serves without it, and says so', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { TestServer } = await import('../server/harness.js');
    const server = await TestServer.start({ main: { console: `127.0.0.1:${port}` } }, { file });
    try {
      assert.ok((await fetchOnce(server.port, '/on/file')).body.equals(file));
      await server.logged(
        new RegExp(`\\[error\\] .*there is no console: it cannot listen on 127\\.0\\.0\\.1:${port} \\(in use`),
      );
    } finally {
      await server.stop();
      other.close();
    }
  });

  test('the health says when the server is leaving', async () => {
    const console = await startWithConsole({ ...smallBuffers, http: { send_timeout: '10s' } }, { file });
    const client = await Client.connect(console.server.port, false);
    try {
      assert.deepEqual(await console.get('/healthz').then(({ status, text }) => [status, text]), [200, 'ok\n']);
      client.get('/on/file', 'Connection: close');
      await waitFor('an answer is on its way', async () => (await console.status()).connections.writing === 1);
      console.server.signal('SIGQUIT');
      await waitFor('it says so', async () => (await console.get('/healthz')).status === 503);
      client.socket.resume();
      assert.ok((await client.reply()).body.equals(file));
      assert.equal(await console.server.ended(), 0);
    } finally {
      client.close();
      await console.server.stop();
    }
  });
});
