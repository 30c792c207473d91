/** The system calls of a worker, in order: what the project is about. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { canTrace } from '../../src/trace/record.js';
import type { Step } from '../../src/trace/steps.js';
import { Client, fetchOnce, stalled } from './client.js';
import { noise, TestServer } from './harness.js';
import { recordRequests } from './strace.js';

const file = noise(1_500_000, 14);
const tracing = await canTrace();

/** Checks that lines match the patterns in this order, whatever is between them. */
function inOrder(steps: readonly Step[], patterns: readonly RegExp[]): void {
  const trace = linesOf(steps);
  let at = 0;
  for (const pattern of patterns) {
    const found = trace.findIndex((line, index) => index >= at && pattern.test(line));
    assert.ok(found >= 0, `${pattern} is missing behind line ${at} of\n${trace.join('\n')}`);
    at = found + 1;
  }
}

const linesOf = (steps: readonly Step[]) => steps.map(step => step.text);
const end = ['write(access log) = N', 'close(file) = 0', 'close(client) = 0'];

describe('system calls', { skip: tracing.ok ? false : tracing.why }, () => {
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

  function checkEnd(steps: readonly Step[]): void {
    assert.deepEqual(linesOf(steps.slice(-3)), end);
  }

  test('sendfile off: two reads, one write, and what the socket does not take waits for EPOLLOUT', async () => {
    let recorded = await recordRequests(server, () => readSlowly('/off/file'));
    // how much a socket takes at once is the kernel's choice: where it never took a whole round, there is another try
    for (
      let left = 2;
      left > 0 && !linesOf(recorded.steps).includes('writev(client, [32768, 32768]) = 65536');
      left--
    ) {
      recorded = await recordRequests(server, () => readSlowly('/off/file'));
    }
    const trace = recorded.steps;
    inOrder(trace, [
      /^accept4\(listener\) = client$/,
      /^epoll_ctl\(epoll, EPOLL_CTL_ADD, client, EPOLLIN\|EPOLLRDHUP\|EPOLLET\) = 0$/,
      /^recvfrom\(client, \d+\) = N$/,
      /^openat\(.*\) = file$/,
      /^pread64\(file, 32768, 0\) = 32768$/,
      /^pread64\(file, 32768, 32768\) = 32768$/,
      /^writev\(client, \[\d+, 32768, 32768\]\) = \d+$/,
      /^pread64\(file, 32768, 65536\) = 32768$/,
      /^pread64\(file, 32768, 98304\) = 32768$/,
      /^writev\(client, \[32768, 32768\]\) = 65536$/,
      /^writev\(client, \[\d+(, \d+)?\]\) = -1 EAGAIN$/,
      /^epoll_ctl\(epoll, EPOLL_CTL_MOD, client, EPOLLIN\|EPOLLOUT\|EPOLLRDHUP\|EPOLLET\) = 0$/,
      /^epoll_pwait\(client: EPOLLOUT\) = \d$/,
      /^writev\(client, \[\d+(, \d+)?\]\) = \d+$/,
    ]);
    checkEnd(trace);
    assert.equal(trace.filter(step => step.name === 'pread64').length, Math.ceil(file.length / 32_768));
    assert.ok(!trace.some(step => step.name === 'sendfile'));
    // after EAGAIN nothing is tried before epoll says so
    for (const [index, step] of trace.entries()) {
      if (step.errno === 'EAGAIN') assert.match(trace[index + 1].name, /^epoll_/);
    }
  });

  test('sendfile on: no byte comes into the process', async () => {
    const recorded = await recordRequests(server, () => readSlowly('/on/file'));
    const trace = recorded.steps;
    inOrder(trace, [
      /^recvfrom\(client, \d+\) = N$/,
      /^openat\(.*\) = file$/,
      /^sendto\(client, \d+, MSG_NOSIGNAL\|MSG_MORE\) = \d+$/,
      /^sendfile\(client, file, 1500000, 0\) = \d+$/,
      /^sendfile\(client, file, \d+, \d+\) = -1 EAGAIN$/,
      /^epoll_pwait\(client: EPOLLOUT\) = \d$/,
      /^sendfile\(client, file, \d+, \d+\) = \d+$/,
    ]);
    checkEnd(trace);
    assert.ok(!trace.some(step => /^(pread64|writev)/.test(step.name)));
    assert.equal(trace.filter(step => step.name === 'sendto').length, 1, 'the head alone is written');
  });

  for (const way of ['on', 'off']) {
    test(`304, sendfile ${way}: the file is not read`, async () => {
      const { headers } = await fetchOnce(server.port, `/${way}/file`, [], 'HEAD');
      const recorded = await recordRequests(server, async () => {
        const reply = await fetchOnce(server.port, `/${way}/file`, [`If-None-Match: ${headers.etag}`]);
        assert.equal(reply.status, 304);
      });
      const trace = recorded.steps;
      inOrder(trace, [/^openat\(.*\) = file$/, /^writev\(client, \[\d+\]\) = \d+$/]);
      checkEnd(trace);
      assert.ok(!trace.some(step => /^(pread64|sendfile)/.test(step.name)));
    });
  }
});
