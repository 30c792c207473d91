/** The system calls of a worker, in order: what the project is about. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, stalled } from './client.js';
import { noise, TestServer } from './harness.js';
import { cannotTrace, grammar, record } from './strace.js';

const file = noise(1_500_000, 14);

/** With RECORD_TRACES=1 in the environment the tests write the fixtures; else they compare with them. Run at the package's root. */
const records = process.env.RECORD_TRACES === '1';

/** Compares the grammar of a trace with that of a recorded one. */
function compare(name: string, what: string, trace: readonly string[]): void {
  const path = `strace-fixtures/${name}.txt`;
  if (records) {
    const how = `# ${what}. Recorded with RECORD_TRACES=1 by test/server/trace.test.ts: strace -y -s 16 -p WORKER, simplified.`;
    writeFileSync(path, `${how}\n${trace.join('\n')}\n`);
  }
  const recorded = readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  assert.deepEqual(grammar(trace), grammar(recorded));
}

/** Checks that lines match the patterns in this order, whatever is between them. */
function inOrder(trace: readonly string[], patterns: readonly RegExp[]): void {
  let at = 0;
  for (const pattern of patterns) {
    const found = trace.findIndex((line, index) => index >= at && pattern.test(line));
    assert.ok(found >= 0, `${pattern} is missing behind line ${at} of\n${trace.join('\n')}`);
    at = found + 1;
  }
}

const isOver = (trace: readonly string[]) => trace.at(-1)?.startsWith('close(client)') === true;
const end = ['write(log)', 'close(file) = 0', 'close(client) = 0'];

describe('system calls', { skip: cannotTrace() }, () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(
      { listen: ['127.0.0.1:{port} sndbuf=128k'], http: { send_timeout: '10s' } },
      { file },
    );
    // what the first request of a worker costs besides (the time zone) is not of interest
    await fetchOnce(server.port, '/on/file');
    await fetchOnce(server.port, '/off/file');
  });
  after(() => server.stop());

  /** A client that waits until the socket is full, and then reads everything. */
  async function readSlowly(path: string): Promise<void> {
    const client = await Client.connect(server.port, false);
    client.get(path, 'Connection: close');
    await stalled(client);
    client.socket.resume();
    assert.ok((await client.reply()).body.equals(file));
    client.close();
  }

  function checkEnd(trace: readonly string[]): void {
    assert.deepEqual(
      trace.slice(-3).map(line => line.replace(/ = \d\d+$/, '')),
      end,
    );
  }

  test('sendfile off: two reads, one write, and what the socket does not take waits for EPOLLOUT', async () => {
    let trace: string[] = [];
    // how much a socket takes at once is the kernel's choice: where it never took a whole round, there is another try
    for (let left = 3; left > 0 && !trace.includes('writev(client, 2) = 65536'); left--) {
      trace = await record(server, () => readSlowly('/off/file'), isOver);
    }
    inOrder(trace, [
      /^accept4\(listener\) = client$/,
      /^epoll_ctl\(epoll, EPOLL_CTL_ADD, client, EPOLLIN\|EPOLLRDHUP\|EPOLLET\) = 0$/,
      /^recvfrom\(client\) = \d+$/,
      /^openat\(file\) = file$/,
      /^pread64\(file, 32768, 0\) = 32768$/,
      /^pread64\(file, 32768, 32768\) = 32768$/,
      /^writev\(client, 3\) = \d+$/,
      /^pread64\(file, 32768, 65536\) = 32768$/,
      /^pread64\(file, 32768, 98304\) = 32768$/,
      /^writev\(client, 2\) = 65536$/,
      /^writev\(client, [12]\) = -1 EAGAIN$/,
      /^epoll_ctl\(epoll, EPOLL_CTL_MOD, client, EPOLLIN\|EPOLLOUT\|EPOLLRDHUP\|EPOLLET\) = 0$/,
      /^epoll_pwait\(epoll, client: EPOLLOUT\) = \d$/,
      /^writev\(client, [12]\) = \d+$/,
    ]);
    checkEnd(trace);
    assert.equal(trace.filter(line => line.startsWith('pread64')).length, Math.ceil(file.length / 32_768));
    assert.ok(!trace.some(line => line.startsWith('sendfile')));
    // after EAGAIN nothing is tried before epoll says so
    for (const [index, line] of trace.entries()) {
      if (line.endsWith('EAGAIN')) assert.match(trace[index + 1], /^epoll_/);
    }
    compare(
      'sendfile-off-slow',
      'One download of 1,500,000 bytes with sendfile off, by a client that stops reading for a while',
      trace,
    );
  });

  test('sendfile on: no byte comes into the process', async () => {
    const trace = await record(server, () => readSlowly('/on/file'), isOver);
    inOrder(trace, [
      /^recvfrom\(client\) = \d+$/,
      /^openat\(file\) = file$/,
      /^sendto\(client, MSG_NOSIGNAL\|MSG_MORE\) = \d+$/,
      /^sendfile\(client, file, 0, 1500000\) = \d+$/,
      /^sendfile\(client, file, \d+, \d+\) = -1 EAGAIN$/,
      /^epoll_pwait\(epoll, client: EPOLLOUT\) = \d$/,
      /^sendfile\(client, file, \d+, \d+\) = \d+$/,
    ]);
    checkEnd(trace);
    assert.ok(!trace.some(line => /^(pread64|writev)/.test(line)));
    assert.equal(trace.filter(line => line.startsWith('sendto')).length, 1, 'the head alone is written');
    compare(
      'sendfile-on-slow',
      'One download of 1,500,000 bytes with sendfile on, by a client that stops reading for a while',
      trace,
    );
  });

  for (const way of ['on', 'off']) {
    test(`304, sendfile ${way}: the file is not read`, async () => {
      const { headers } = await fetchOnce(server.port, `/${way}/file`, [], 'HEAD');
      const trace = await record(
        server,
        async () => {
          const reply = await fetchOnce(server.port, `/${way}/file`, [`If-None-Match: ${headers.etag}`]);
          assert.equal(reply.status, 304);
        },
        isOver,
      );
      inOrder(trace, [/^openat\(file\) = file$/, /^writev\(client, 1\) = \d+$/]);
      checkEnd(trace);
      assert.ok(!trace.some(line => /^(pread64|sendfile)/.test(line)));
      compare('not-modified', 'A request with If-None-Match that is answered with 304', trace);
    });
  }
});
