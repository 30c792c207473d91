/** Variables that tell of a request and its connection. What nginx says to the same is in test/differential. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { build, type FakeFiles, FakeRequest, runPhase } from './fake-request.js';

function requestTo(inside: string, uri = '/a', files: FakeFiles = {}): FakeRequest {
  const { servers } = build(`events {} http { server { root html; location / { ${inside} } } }`);
  return new FakeRequest(servers[0]!, uri, '', files);
}

/** The value of a variable for a request; undefined where it has none. */
function shown(request: FakeRequest, name: string): string | undefined {
  const { servers } = build(`events {} http { server { add_header X $${name}; } }`);
  return servers[0]!.settings.addHeader.lines[0]!.value.value(request);
}

test('$request_id is one of the request, and of no other', () => {
  const [one, other] = [requestTo(''), requestTo('')];
  const id = shown(one, 'request_id')!;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(shown(one, 'request_id'), id);
  assert.notEqual(shown(other, 'request_id'), id);
});

describe('$request_port', () => {
  const ports: readonly (readonly [line: string, host: string, port: string])[] = [
    ['GET / HTTP/1.1', 'a', ''],
    ['GET / HTTP/1.1', 'a:81', '81'],
    ['GET / HTTP/1.1', '[::1]', ''],
    ['GET / HTTP/1.1', '[::1]:8080', '8080'],
    ['GET / HTTP/1.1', 'a:', ''],
    ['GET / HTTP/1.1', 'a:0', ''],
    ['GET / HTTP/1.1', 'a:65536', ''],
    ['GET / HTTP/1.1', 'a:x', ''],
    ['GET http://b:82/x HTTP/1.1', 'a:81', '82'],
    ['GET HTTP://b:82?x HTTP/1.1', 'a:81', '82'],
    ['GET http://b/x:83 HTTP/1.1', 'a:81', ''],
    ['GET /http://b:82/ HTTP/1.1', '', ''],
  ];
  for (const [line, host, port] of ports) {
    test(`${line}, Host: ${host}`, () => {
      const request = requestTo('');
      Object.assign(request.head, { requestLine: line, hostHeader: host });
      assert.equal(shown(request, 'request_port'), port);
      assert.equal(shown(request, 'is_request_port'), port === '' ? '' : ':');
    });
  }
});

test('$realpath_root is where links lead to; a folder that is not there is in the error log', () => {
  assert.equal(shown(requestTo('', '/a', { '/srv/html': { kind: 'folder' } }), 'realpath_root'), '/real/srv/html');
  const request = requestTo('');
  assert.equal(shown(request, 'realpath_root'), undefined);
  assert.deepEqual(request.errors, ['crit: realpath() "/srv/html" failed (2)']);
});

test('$tcpinfo_… of the connection, and none of a unix socket', () => {
  const request = requestTo('');
  const names = ['rtt', 'rttvar', 'snd_cwnd', 'rcv_space'];
  const values = () => names.map(name => shown(request, `tcpinfo_${name}`));
  assert.deepEqual(values(), ['150', '75', '10', '65535']);
  request.peer.tcpInfo = null;
  assert.deepEqual(values(), [undefined, undefined, undefined, undefined]);
});

test('$request_body_file where there is one, $request_body never', () => {
  const request = requestTo('');
  assert.equal(shown(request, 'request_body_file'), undefined);
  request.bodyFile = '/tmp/0000000001';
  assert.equal(shown(request, 'request_body_file'), '/tmp/0000000001');
  assert.equal(shown(request, 'request_body'), undefined);
});

describe('$gzip_ratio', () => {
  for (const [text, ratio] of [
    ['a'.repeat(1000), /^3\d\.\d\d$/],
    ['a'.repeat(20), /^0\.\d\d$/],
  ] as const) {
    test(`${text.length} bytes`, () => {
      const request = requestTo('gzip on; gzip_min_length 0; gzip_types *;');
      const bytes = Buffer.from(text);
      request.readBody = () => bytes;
      request.response.contentType = 'text/plain';
      request.response.contentLength = bytes.length;
      request.head.get = name => (name === 'accept-encoding' ? 'gzip' : undefined);
      assert.equal(shown(request, 'gzip_ratio'), undefined);
      runPhase(request, 'filter');
      const [part] = request.response.body as readonly { bytes: Buffer }[];
      const value = shown(request, 'gzip_ratio')!;
      assert.match(value, ratio);
      assert.ok(Math.abs(Number(value) - bytes.length / part!.bytes.length) <= 0.0051, value);
    });
  }
});

test('HTTP/2 and HTTP/3 are not spoken', () => {
  assert.deepEqual([shown(requestTo(''), 'http2'), shown(requestTo(''), 'http3')], ['', '']);
});

test('geo, volatile: worked out each time', () => {
  for (const [word, expected] of [
    ['', 'a'],
    ['volatile;', 'b'],
  ] as const) {
    const { servers } = build(
      `events {} http { geo $arg_a $net { ${word} 10.0.0.1 a; 10.0.0.2 b; } server { add_header X $net; } }`,
    );
    const request = new FakeRequest(servers[0]!, '/', 'a=10.0.0.1');
    const { value } = request.settings.addHeader.lines[0]!;
    assert.equal(value.evaluate(request), 'a');
    request.args = 'a=10.0.0.2';
    assert.equal(value.evaluate(request), expected);
  }
});
