/** Access logs and error logs, line by line. */
import assert from 'node:assert/strict';
import { existsSync, renameSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, request, waitFor } from './client.js';
import { noise, TestServer } from './harness.js';

const file = noise(100_000, 11);
const date = String.raw`\d\d\/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}`;
const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

describe('what lines say', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ listen: ['127.0.0.1:{port}', 'unix:{dir}/socket'] }, { file, 'bare/x': 'x' });
  });
  after(() => server.stop());

  /** Sends one request, and gives the line that it adds to a log. */
  async function lineOf(log: 'access.log' | 'error.log', bytes: string): Promise<string> {
    const before = server.logText(log);
    const client = await Client.connect(server.port);
    client.send(bytes);
    await client.rest();
    client.close();
    return waitFor('a whole line', () => {
      const added = server.logText(log).slice(before.length);
      return added.endsWith('\n') ? added.slice(0, -1) : '';
    });
  }

  const close = 'Connection: close';
  const combined: [string, string, string][] = [
    ['a file', request('GET', '/on/file?a=b', close), '"GET /on/file?a=b HTTP/1.1" 200 100000 "-" "-"'],
    ['HEAD', request('HEAD', '/off/file', close), '"HEAD /off/file HTTP/1.1" 200 0 "-" "-"'],
    ['a range', request('GET', '/off/file', 'Range: bytes=5-9', close), '"GET /off/file HTTP/1.1" 206 5 "-" "-"'],
    [
      'referrer and agent',
      request('GET', '/on/file', 'Referer: http://a/', 'User-Agent: x/1 (y)', close),
      '"GET /on/file HTTP/1.1" 200 100000 "http://a/" "x/1 (y)"',
    ],
    ['HTTP/0.9', 'GET /on/file\r\n', '"GET /on/file" 200 100000 "-" "-"'],
    ['HTTP/1.0', 'GET /on/file HTTP/1.0\r\n\r\n', '"GET /on/file HTTP/1.0" 200 100000 "-" "-"'],
    [
      'control characters, quotes and backslashes',
      request('GET', '/on/"\\\xe9', 'User-Agent: a"b\\c\t\x01\x7f\xff', close),
      String.raw`"GET /on/\x22\x5C\xE9 HTTP/1.1" 404 SIZE "-" "a\x22b\x5Cc\x09\x01\x7F\xFF"`,
    ],
  ];
  for (const [name, bytes, wanted] of combined) {
    test(`combined: ${name}`, async () => {
      const line = await lineOf('access.log', bytes);
      const pattern = quoted(wanted).replace('SIZE', '\\d+');
      assert.match(line, new RegExp(`^127\\.0\\.0\\.1 - - \\[${date}\\] ${pattern}$`));
    });
  }

  test('combined: the user of Basic authentication', async () => {
    const credentials = Buffer.from('jo "x":secret').toString('base64');
    const line = await lineOf('access.log', request('GET', '/on/file', `Authorization: Basic ${credentials}`, close));
    assert.match(line, /^127\.0\.0\.1 - jo \\x22x\\x22 \[/);
  });

  test('over a unix socket', async () => {
    await fetchOnce({ path: `${server.dir}/socket` }, '/on/file?unix');
    const line = await waitFor('its line', () => /^.*file\?unix.*$/m.exec(server.accessLog()));
    assert.match(line[0], /^unix: - - \[/);
  });

  test('a request that is no request', async () => {
    assert.match(await lineOf('access.log', '\x16\x03\x01\x02\r\n'), /"\\x16\\x03\\x01\\x02" 400 \d+ "-" "-"$/);
  });

  const start = String.raw`^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[LEVEL\] (\d+)#\1: \*\d+ `;
  const errors: [string, string, string, string][] = [
    [
      'a missing file',
      request('GET', '/missing', close),
      'error',
      'open() "{root}/missing" failed (2: No such file or directory), client: 127.0.0.1, server: test.local, request: "GET /missing HTTP/1.1", host: "test.local"',
    ],
    [
      'a missing file, without Host and with a referrer',
      'GET /missing HTTP/1.0\r\nReferer: http://a/b\r\n\r\n',
      'error',
      'open() "{root}/missing" failed (2: No such file or directory), client: 127.0.0.1, server: test.local, request: "GET /missing HTTP/1.0", referrer: "http://a/b"',
    ],
    [
      'a file as a folder',
      request('GET', '/file/x', close),
      'error',
      'open() "{root}/file/x" failed (20: Not a directory), client: 127.0.0.1, server: test.local, request: "GET /file/x HTTP/1.1", host: "test.local"',
    ],
    [
      'a folder without index',
      request('GET', '/bare/', close),
      'error',
      'directory index of "{root}/bare/" is forbidden, client: 127.0.0.1, server: test.local, request: "GET /bare/ HTTP/1.1", host: "test.local"',
    ],
  ];
  for (const [name, bytes, level, wanted] of errors) {
    test(`error log: ${name}`, async () => {
      const line = await lineOf('error.log', bytes);
      assert.match(line, new RegExp(`${start.replace('LEVEL', level)}${quoted(server.fill(wanted))}$`));
    });
  }

  test('error log: nothing that a client sends begins a new line or hides', async () => {
    const line = await lineOf(
      'error.log',
      request('GET', '/no%0a2026/01/01%20[alert]%1b[2J', 'Referer: a\x1b[31m\tb', close),
    );
    assert.ok(!/[\0-\x1f\x7f]/.test(line), JSON.stringify(line));
    assert.match(line, /\/no\\x0A2026\/01\/01 \[alert\]\\x1B\[2J" failed .*referrer: "a\\x1B\[31m\\x09b"$/);
  });
});

describe('where lines go', () => {
  test('several logs, if=, off, buffer= and flush=', async () => {
    const server = await TestServer.start(
      {
        http: {
          log_format: ["uri '$uri'", "status '$status'"],
          access_log: [
            '{dir}/uri.log uri',
            '{dir}/status.log status',
            '{dir}/asked.log uri if=$arg_log',
            '{dir}/gathered.log uri buffer=1k',
            '{dir}/flushed.log uri buffer=64k flush=300ms',
          ],
        },
        server: 'location /quiet/ { alias {root}/; access_log off; }',
      },
      { file: 'x' },
    );
    try {
      for (const target of ['/on/file', '/on/file?log=0', '/off/file?log=1', '/quiet/file', '/nothing?log=yes']) {
        await fetchOnce(server.port, target);
      }
      await waitFor('the lines', () => server.logText('status.log') === '200\n200\n200\n404\n');
      assert.equal(server.logText('uri.log'), '/on/file\n/on/file\n/off/file\n/nothing\n');
      assert.equal(server.logText('asked.log'), '/off/file\n/nothing\n');
      assert.equal(server.logText('gathered.log'), '');
      await waitFor('the flush', () => server.logText('flushed.log') === server.logText('uri.log'));
      for (let i = 0; i < 200; i++) await fetchOnce(server.port, '/on/file');
      const gathered = await waitFor('a full buffer', () => server.logText('gathered.log'));
      assert.match(gathered, /^(\/\w+(\/file)?\n)+$/, 'whole lines only');
      const wanted = server.logText('uri.log');
      server.signal('SIGQUIT');
      await server.ended();
      assert.equal(server.logText('gathered.log'), wanted, 'nothing is lost at the end');
    } finally {
      await server.stop();
    }
  });

  test('a full disk: serving goes on, and the other log says so', async () => {
    const server = await TestServer.start({ http: { access_log: ['/dev/full', '{dir}/access.log'] } }, { file });
    try {
      for (let i = 0; i < 50; i++) assert.ok((await fetchOnce(server.port, '/on/file')).body.equals(file));
      await server.logged(/\[alert\] \d+#\d+: write\(\) to "\/dev\/full" failed \(28: No space left on device\)/);
      await waitFor('all lines in the other log', () => server.accessLog().split('\n').length === 51);
      const complaints = server.errorLog().split('No space left').length - 1;
      assert.ok(complaints <= 3, `once a second is enough: ${complaints}`);
    } finally {
      await server.stop();
    }
  });

  test('a full disk under all logs', async () => {
    const site = { main: { error_log: '/dev/full debug' }, http: { access_log: '/dev/full' } };
    const server = await TestServer.start(site, { file });
    try {
      for (let i = 0; i < 50; i++) assert.ok((await fetchOnce(server.port, '/off/file')).body.equals(file));
      assert.equal((await fetchOnce(server.port, '/missing')).status, 404);
    } finally {
      await server.stop();
    }
  });

  for (const mode of ['on', 'off']) {
    test(`USR1 after the logs were moved away, master_process ${mode}`, async () => {
      const server = await TestServer.start({ main: { master_process: mode } }, { file });
      try {
        await fetchOnce(server.port, '/on/file?first');
        await waitFor('the first line', () => server.accessLog().includes('?first'));
        for (const log of ['access', 'error']) renameSync(`${server.dir}/${log}.log`, `${server.dir}/${log}.1`);
        await fetchOnce(server.port, '/on/file?second');
        await waitFor('the second line', () => server.logText('access.1').includes('?second'));
        assert.equal(existsSync(`${server.dir}/access.log`), false);
        const inode = statSync(`${server.dir}/access.1`).ino;
        server.signal('SIGUSR1');
        const serial = { now: 0 };
        await waitFor('a line in the new file', async () => {
          serial.now += 1;
          await fetchOnce(server.port, `/on/missing?after${serial.now}`);
          return server.accessLog().includes(`?after${serial.now} `) && server.errorLog().includes('/missing');
        });
        assert.notEqual(statSync(`${server.dir}/access.log`).ino, inode);
        const [old, fresh] = [server.logText('access.1'), server.accessLog()];
        for (let i = 1; i <= serial.now; i++) {
          assert.equal(`${old}${fresh}`.split(`?after${i} `).length - 1, 1, `line ${i} is there, and only once`);
        }
      } finally {
        await server.stop();
      }
    });
  }
});
