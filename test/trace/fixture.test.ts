import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fixtureOf, fixtureText, readFixture } from '../../src/trace/fixture.js';
import { normalise } from '../../src/trace/normalise.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { download } from './samples.js';

const folder = 'strace-fixtures';
const nginx = (name: string) => readFixture(readFileSync(`${folder}/nginx/${name}.txt`, 'utf8'));

test('a fixture is read as it was written', () => {
  const trace = normalise(parseStrace(download(9, 5).join('\n')), { onlyRequests: true });
  const text = fixtureText('A note.', trace);
  assert.ok(text.startsWith('# A note.\nGET /test.dat 200:\nepoll_wait(listener: EPOLLIN) = 1\n'));
  assert.deepEqual(readFixture(text), fixtureOf(trace));
});

test("the article's fragment in normal form", () => {
  const fragment = [
    'pread64(5, "\\0"..., 32768, 98304) = 32768',
    'pread64(5, "\\0"..., 32768, 131072) = 32768',
    'writev(4, [{iov_base="\\0"..., iov_len=32768}, {iov_base="\\0"..., iov_len=32768}], 2) = 65536',
    'writev(4, [{iov_base="\\0"..., iov_len=15873}], 1) = -1 EAGAIN (Resource temporarily unavailable)',
    'epoll_pwait(10, [{events=EPOLLOUT, data=0x7f01}], 512, -1, NULL, 8) = 1',
    'writev(4, [{iov_base="\\0"..., iov_len=15873}], 1) = 15873',
    'write(7, "192.0.2.7 - - [15/Jan/2026:00"..., 200) = 200',
    'close(5) = 0',
    'close(4) = 0',
  ];
  const own = fixtureOf(normalise(parseStrace(fragment.join('\n')), { onlyRequests: true }));
  assert.deepEqual(readFixture(readFileSync(`${folder}/blog.txt`, 'utf8')), own);
});

describe("nginx's traces", () => {
  const always = ['accept4(listener) = client', 'close(client) = 0'];
  const full = (call: string) => [`${call} = -1 EAGAIN`, 'epoll_wait(client: EPOLLOUT) = N'];
  const expected: [string, string, string[]][] = [
    ['head', 'HEAD /test.dat 200:', ['newfstatat(file) = 0', 'writev(client) = N']],
    ['keepalive-two-requests', 'GET /index.html 200:', ['setsockopt(client, TCP_NODELAY) = 0']],
    ['not-found-404', 'GET /missing.html 404:', ['openat(file) = -1 ENOENT', 'write(error log) = N']],
    ['not-modified-304', 'GET /test.dat 304:', ['writev(client) = N', 'close(file) = 0']],
    ['off-fast-client', 'GET /test.dat 200:', ['pread64(file) = N', ...full('writev(client)')]],
    ['off-slow-client', 'GET /test.dat 200:', ['pread64(file) = N', ...full('writev(client)')]],
    ['on-fast-client', 'GET /test.dat 200:', ['sendfile(client, file) = N', ...full('sendfile(client, file)')]],
    ['on-range', 'GET /test.dat 206:', ['sendfile(client, file) = N', 'setsockopt(client, TCP_CORK) = 0']],
    ['on-slow-client', 'GET /test.dat 200:', ['sendfile(client, file) = N', ...full('sendfile(client, file)')]],
    ['query-busts-cache', 'GET /test.dat?v=2 206:', ['pread64(file) = N']],
  ];

  test('all of them are here', () => {
    const names = readdirSync(`${folder}/nginx`).map(name => name.replace('.txt', ''));
    assert.deepEqual(names.sort(), expected.map(([name]) => name).sort());
  });

  for (const [name, heading, kinds] of expected) {
    test(name, () => {
      const fixture = nginx(name);
      assert.equal(fixture.lines[0], heading);
      assert.ok(fixture.lines.length < 60, `${fixture.lines.length} lines`);
      for (const kind of [...always, ...kinds]) assert.ok(fixture.kinds.includes(kind), `${kind} in ${fixture.kinds}`);
      const other = name.startsWith('on') ? 'pread64' : 'sendfile';
      assert.ok(!fixture.kinds.some(kind => kind.startsWith(other)), other);
    });
  }
});
