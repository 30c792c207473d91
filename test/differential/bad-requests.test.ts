/** Heads that break the rules, heads that are odd, and what becomes of the connection. */
import { cutOff, differential, get, head, kept, raw } from './harness.js';

const files = { 'a.txt': 'a\n', 'b.txt': 'bb\n', 'index.html': '<p>\n' };

const http = `
client_header_buffer_size 1k;
lingering_timeout 200ms;
large_client_header_buffers 2 2k;
keepalive_requests 4;
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {root};
  error_page 400 /bad;
  location /bad { return 200 'bad $status'; }
  location /none/ { keepalive_timeout 0; alias {root}/; }
  location /told/ { keepalive_timeout 5s 4s; alias {root}/; }
  location /once/ { keepalive_requests 1; alias {root}/; }
  location /twice/ { keepalive_requests 2; alias {root}/; }
  location /tell/ { return 200 '$http_x_a|$http_x_b|$http_host|$content_length|$content_type|$http_cookie|$arg_a|$cookie_a|$server_protocol|$connection_requests'; }
  location /small/ { client_max_body_size 5; alias {root}/; }
}
server {
  listen 127.0.0.1:{port};
  server_name plain.test;
  root {root};
}
server {
  listen 127.0.0.1:{port2};
  server_name strict.test;
  ignore_invalid_headers off;
  underscores_in_headers on;
  merge_slashes off;
  root {root};
}
`;

const H = 'Host: localhost\r\n';

/** Each alone in a request that is otherwise right. */
const lines: readonly string[] = [
  'GET /a.txt HTTP/1.1',
  'get /a.txt HTTP/1.1',
  'Get /a.txt HTTP/1.1',
  'G_T /a.txt HTTP/1.1',
  'G-T /a.txt HTTP/1.1',
  'GET  /a.txt HTTP/1.1',
  'GET /a.txt  HTTP/1.1',
  ' GET /a.txt HTTP/1.1',
  'GET\t/a.txt HTTP/1.1',
  'GET /a.txt\tHTTP/1.1',
  'GET /a.txt HTTP/1.1 ',
  'GET /a.txt HTTP/1.1 x',
  'GET a.txt HTTP/1.1',
  'GET HTTP/1.1',
  'GET /a.txt HTTP/1.',
  'GET /a.txt HTTP/1',
  'GET /a.txt HTTP/',
  'GET /a.txt HTTP',
  'GET /a.txt http/1.1',
  'GET /a.txt HTTX/1.1',
  'GET /a.txt HTTP/1.2',
  'GET /a.txt HTTP/1.10',
  'GET /a.txt HTTP/1.100',
  'GET /a.txt HTTP/01.1',
  'GET /a.txt HTTP/2.0',
  'GET /a.txt HTTP/0.9',
  'GET /a.txt HTTP/9.9',
  'GET /a.txt HTTP/10.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET ? HTTP/1.1',
  'GET # HTTP/1.1',
  'GET http://localhost/a.txt HTTP/1.1',
  'GET HTTP://LOCALHOST/a.txt HTTP/1.1',
  'GET http://localhost HTTP/1.1',
  'GET http://localhost?x HTTP/1.1',
  'GET http://localhost:80/a.txt HTTP/1.1',
  'GET http://localhost:/a.txt HTTP/1.1',
  'GET http://localhost:x/a.txt HTTP/1.1',
  'GET http:///a.txt HTTP/1.1',
  'GET http:/a.txt HTTP/1.1',
  'GET http:a.txt HTTP/1.1',
  'GET https://localhost/a.txt HTTP/1.1',
  'GET ftp://localhost/a.txt HTTP/1.1',
  'GET http://a@localhost/a.txt HTTP/1.1',
  'GET http://[::1]/a.txt HTTP/1.1',
  'GET http://[::1]x/a.txt HTTP/1.1',
  'GET http://../a.txt HTTP/1.1',
  'GET http://plain.test/../a.txt HTTP/1.1',
  'GET http://plain.test/%2e%2e/a.txt HTTP/1.1',
  'CONNECT localhost:80 HTTP/1.1',
  'TRACE /a.txt HTTP/1.1',
  'PRI * HTTP/2.0',
  '',
  '\0',
  '\x16\x03\x01\x02\x00',
  'GET /a.txt\0 HTTP/1.1',
  'GET /\x01 HTTP/1.1',
  'GET /\x80 HTTP/1.1',
  'GET /a.txt?\x01 HTTP/1.1',
  'GET /a.txt?a=\xe4&b=%00 HTTP/1.1',
  'GET /a.txt#x?y HTTP/1.1',
  'GET /a.txt?x#y HTTP/1.1',
  `GET /${'a'.repeat(1000)} HTTP/1.1`,
  `GET /${'a'.repeat(2020)} HTTP/1.1`,
  `GET /${'a'.repeat(2040)} HTTP/1.1`,
  `GET /${'a'.repeat(5000)} HTTP/1.1`,
  `${'G'.repeat(100)} /a.txt HTTP/1.1`,
  `GET /a.txt?${'%41'.repeat(600)} HTTP/1.1`,
];

/** Each alone beside Host. */
const fields: readonly string[] = [
  'X-A: a',
  'X-A:a',
  'X-A:  a  ',
  'X-A:\ta\t',
  'X-A :a',
  ' X-A: a',
  'X-A',
  'X-A:',
  ': a',
  'X_A: a',
  'X A: a',
  'X-A: a\tb',
  'X-A: \xe4',
  'X-A: a\x01b',
  'X-A: a\0b',
  'X-A\0: a',
  'X-\xe4: a',
  'X-A: a\r\n b',
  'X-A: a\r\nX-A: b',
  'x-a: a\r\nX-B: b',
  'X@A: a',
  'X!A: a',
  'X/A: a',
  '"X": a',
  'Host: other',
  'Host: localhost',
  'Content-Length: 0',
  'Content-Length: 00',
  'Content-Length: -1',
  'Content-Length: +1',
  'Content-Length: x',
  'Content-Length: 1x',
  'Content-Length: ',
  'Content-Length: 1, 1',
  'Content-Length: 0\r\nContent-Length: 0',
  'Content-Length: 99999999999999999999',
  'Content-Length: 9223372036854775807',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: ',
  'Connection: close',
  'Connection: CLOSE',
  'Connection: keep-alive',
  'Connection: close, keep-alive',
  'Connection: x, close',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Connection: ',
  'Keep-Alive: 300',
  'Expect: 100-continue',
  'Expect: x',
  'Cookie: a=1; b=2',
  'Cookie: a=1\r\nCookie: b=2',
  'Cookie: ',
  'Content-Type: text/x\r\nContent-Length: 0',
  'User-Agent: a\r\nUser-Agent: b',
  'Authorization: Basic YTpi\r\nAuthorization: x',
  'Range: bytes=0-0\r\nRange: bytes=1-1',
  'If-Modified-Since: x\r\nIf-Modified-Since: y',
  'Referer: x\r\nReferer: y',
  'Accept: a\r\nAccept: b',
  'X-Forwarded-For: a\r\nX-Forwarded-For: b',
  `X-Long: ${'x'.repeat(900)}`,
  `X-Long: ${'x'.repeat(2000)}`,
  `X-Long: ${'x'.repeat(2030)}`,
  `X-Long: ${'x'.repeat(2100)}`,
  `X-A: ${'x'.repeat(1500)}\r\nX-B: ${'y'.repeat(1500)}`,
  `X-A: ${'x'.repeat(1500)}\r\nX-B: ${'y'.repeat(1500)}\r\nX-C: ${'z'.repeat(1500)}`,
  Array.from({ length: 60 }, (_, i) => `X-${i}: ${i}`).join('\r\n'),
  Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}`).join('\r\n'),
];

const hosts: readonly string[] = [
  'a b',
  'a/b',
  'a\\b',
  'a..b',
  '.a',
  'a.',
  '.',
  '..',
  'a:b',
  'a:80:80',
  ':80',
  'a:',
  '[',
  '[]',
  '[::1',
  '[::1]:8080',
  '[::1]x',
  'a,b',
  'a@b',
  'a%20b',
  'a_b',
  'a-b',
  'a?b',
  'a#b',
  '\xe4',
  'a\x01',
  'a\tb',
  '"a"',
  'a;b',
  "a'b",
  `${'a'.repeat(300)}`,
];

const short = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 50)}… of ${text.length}` : text);

const chunked = (body: string) => `POST /b.txt HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${body}`;

differential('bad-requests', { files, http }, [
  ...lines.map(line => raw(`the line ${short(line)}`, `${line}\r\n${H}\r\n`)),
  ...lines.slice(0, 20).map(line => raw(`the line ${short(line)} without Host`, `${line}\r\n\r\n`)),
  ...fields.map(field => raw(`the field ${short(field)}`, `GET /tell/?a=1 HTTP/1.1\r\n${H}${field}\r\n\r\n`)),
  ...fields.map(field =>
    raw(`the field ${short(field)} by HTTP/1.0`, `GET /tell/?a=1 HTTP/1.0\r\n${H}${field}\r\n\r\n`),
  ),
  ...hosts.map(host => raw(`Host ${short(host)}`, `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
  ...hosts.map(host => raw(`Host ${short(host)} in the target`, `GET http://${host}/a.txt HTTP/1.1\r\n${H}\r\n`)),
  raw('bare LF', `GET /a.txt HTTP/1.1\nHost: localhost\n\n`),
  raw('LF in a field', `GET /tell/ HTTP/1.1\r\nHost: localhost\nX-A: 1\r\nX-B: 2\n\r\n`),
  raw('CR alone in a field', `GET /tell/ HTTP/1.1\r\nHost: localhost\rX-A: 1\r\n\r\n`),
  raw('CR alone behind the line', `GET /a.txt HTTP/1.1\rHost: localhost\r\n\r\n`),
  raw('empty lines before', `\r\n\r\n\nGET /a.txt HTTP/1.1\r\n${H}\r\n`),
  raw('HTTP/0.9', 'GET /a.txt\r\n'),
  raw('HTTP/0.9 with LF', 'GET /a.txt\n'),
  raw('HTTP/0.9 with a blank', 'GET /a.txt \r\n'),
  raw('HTTP/0.9 HEAD', 'HEAD /a.txt\r\n'),
  raw('HTTP/0.9 POST', 'POST /a.txt\r\n'),
  raw('HTTP/0.9 none', 'GET /none\r\n'),
  raw('400 elsewhere', 'GET /a.txt HTTP/1.1\r\nHost: plain.test\r\nHost: plain.test\r\n\r\n'),
  cutOff('nothing', ''),
  cutOff('half a line', 'GET /a.tx'),
  cutOff('a line', 'GET /a.txt HTTP/1.1\r\n'),
  cutOff('half a head', `GET /a.txt HTTP/1.1\r\n${H}`),
  cutOff('a whole head', `GET /a.txt HTTP/1.1\r\n${H}\r\n`),
  cutOff('a head and half a body', `POST /b.txt HTTP/1.1\r\n${H}Content-Length: 10\r\n\r\n12345`),
  raw('a chunked body', chunked('5\r\nhello\r\n0\r\n\r\n')),
  raw('chunks with extensions and trailers', chunked('5;a=b\r\nhello\r\n0;x\r\nX: y\r\n\r\n')),
  raw('a bad chunk size', chunked('x\r\nhello\r\n0\r\n\r\n')),
  raw('a bad chunk end', chunked('5\r\nhelloxx0\r\n\r\n')),
  raw('a huge chunk size', chunked('ffffffffffffffffff\r\nhello\r\n0\r\n\r\n')),
  raw('a body', `POST /b.txt HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`),
  raw('GET with a body', `GET /b.txt HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`),
  raw(
    'GET with a chunked body',
    `GET /b.txt HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  ),
  raw('a large body announced', `POST /small/b.txt HTTP/1.1\r\n${H}Content-Length: 6\r\n\r\n`),
  raw('100-continue', `POST /b.txt HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`),
  raw('100-continue by HTTP/1.0', `POST /b.txt HTTP/1.0\r\n${H}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`),
]);

differential('keep-alive', { files, http }, [
  ...['/a.txt', '/none/a.txt', '/told/a.txt', '/once/a.txt', '/twice/a.txt', '/missing'].flatMap(path => [
    get(path),
    get(path, 'Connection: close'),
    raw(`${path} by HTTP/1.0`, `GET ${path} HTTP/1.0\r\n${H}\r\n`),
    raw(`${path} by HTTP/1.0, keep-alive`, `GET ${path} HTTP/1.0\r\n${H}Connection: keep-alive\r\n\r\n`),
    kept(`${path} twice`, head('GET', path), head('GET', path)),
    raw(`${path} pipelined`, head('GET', path) + head('GET', '/b.txt')),
  ]),
  kept('to the end of keepalive_requests', ...Array.from({ length: 5 }, () => head('GET', '/a.txt'))),
  raw('pipelined beyond keepalive_requests', head('GET', '/a.txt').repeat(5)),
  raw('a bad one behind a good one', `${head('GET', '/a.txt')}G_T / HTTP/1.1\r\n\r\n`),
  raw('a good one behind a bad one', `GET / HTTP/1.1\r\nHost: a b\r\n\r\n${head('GET', '/a.txt')}`),
  raw('HEAD, then GET', head('HEAD', '/a.txt') + head('GET', '/b.txt')),
  raw('304, then GET', head('GET', '/a.txt', 'If-None-Match: *') + head('GET', '/b.txt')),
  raw('a body, then GET', `POST /b.txt HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello${head('GET', '/b.txt')}`),
  raw('a chunked body, then GET', `${chunked('5\r\nhello\r\n0\r\n\r\n')}${head('GET', '/b.txt')}`),
  raw('empty lines between', `${head('GET', '/a.txt')}\r\n\r\n${head('GET', '/b.txt')}`),
]);

differential('strict headers', { files, http: http.replaceAll('{port}', '{port3}').replaceAll('{port2}', '{port}') }, [
  ...fields.map(field =>
    raw(`the field ${short(field)}`, `GET /a.txt HTTP/1.1\r\nHost: strict.test\r\n${field}\r\n\r\n`),
  ),
  get('//a.txt'),
  get('/x//../a.txt'),
  get('/x/..//a.txt'),
]);
