/** Requests with conditions: what is not sent costs no reading. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fetchOnce, type Reply, waitFor } from './client.js';
import { noise, TestServer, ways } from './harness.js';

const file = noise(100_000, 4);

let server: TestServer;
let validators: Reply['headers'];
before(async () => {
  const site = {
    http: {
      log_format: "calls '$request_uri $status $body_bytes_sent $sendfile_calls $pread_calls'",
      access_log: '{dir}/access.log calls',
    },
  };
  server = await TestServer.start(site, { file });
  validators = (await fetchOnce(server.port, '/on/file', [], 'HEAD')).headers;
});
after(() => server.stop());

let serial = 0;

/** A request under a query of its own, and the words of its log line: status, body bytes, sendfile and pread calls. */
async function ask(path: string, lines: string[], method = 'GET'): Promise<{ reply: Reply; logged: number[] }> {
  serial += 1;
  const uri = `${path}?${serial}.`;
  const reply = await fetchOnce(server.port, uri, lines, method);
  const log = () =>
    server
      .accessLog()
      .split('\n')
      .find(each => each.startsWith(`${uri} `));
  const line = await waitFor('the log line', log);
  return { reply, logged: line.split(' ').slice(1).map(Number) };
}

for (const way of ways) {
  describe(`sendfile ${way}`, () => {
    const path = `/${way}/file`;

    test('304 has no body, and costs neither sendfile nor pread', async () => {
      const cases = [
        [`If-None-Match: ${validators.etag}`],
        [`If-None-Match: "x", W/${validators.etag}`],
        ['If-None-Match: *'],
        [`If-Modified-Since: ${validators['last-modified']}`],
        [`If-None-Match: ${validators.etag}`, `If-Modified-Since: ${validators['last-modified']}`],
      ];
      for (const lines of cases) {
        const { reply, logged } = await ask(path, lines);
        // fetchOnce has made sure that nothing came behind the head
        assert.equal(reply.status, 304, lines.join());
        assert.equal(reply.headers['content-length'], undefined);
        assert.equal(reply.headers.etag, validators.etag);
        assert.deepEqual(logged, [304, 0, 0, 0]);
      }
    });

    test('a new query is a new question: 200, and the file is read', async () => {
      const first = await ask(path, [`If-None-Match: ${validators.etag}`]);
      assert.equal(first.reply.status, 304);
      const { reply, logged } = await ask(path, []);
      assert.ok(reply.status === 200 && reply.body.equals(file));
      const [status, bytes, sendfiles, preads] = logged;
      assert.deepEqual([status, bytes], [200, file.length]);
      if (way === 'on') assert.ok(sendfiles > 0 && preads === 0, `${logged}`);
      else assert.deepEqual([sendfiles, preads], [0, 4], 'four buffers of 32 KB');
    });

    test('validators that do not fit: 200', async () => {
      const old = 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT';
      // nginx asks for both to hold where both are there
      for (const lines of [['If-None-Match: "x"'], [old], [`If-None-Match: ${validators.etag}`, old]]) {
        const { reply } = await ask(path, lines);
        assert.ok(reply.status === 200 && reply.body.equals(file), lines.join());
      }
    });

    test('412 where the file is not the one that was meant', async () => {
      const cases: [string, number][] = [
        ['If-Match: "x"', 412],
        ['If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT', 412],
        [`If-Match: "x", ${validators.etag}`, 200],
        ['If-Match: *', 200],
        [`If-Unmodified-Since: ${validators['last-modified']}`, 200],
      ];
      for (const [line, status] of cases) {
        const { reply, logged } = await ask(path, [line]);
        assert.equal(reply.status, status, line);
        assert.equal(reply.body.equals(file), status === 200);
        if (status === 412) assert.deepEqual(logged.slice(2), [0, 0]);
      }
    });

    test('HEAD reads nothing', async () => {
      const { reply, logged } = await ask(path, [], 'HEAD');
      assert.equal(reply.headers['content-length'], `${file.length}`);
      assert.deepEqual(logged, [200, 0, 0, 0]);
    });
  });
}
