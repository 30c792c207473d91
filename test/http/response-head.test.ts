import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorPage } from '../../src/http/error-page.js';
import { buildResponseHead, type ResponseFields, type ServerFields } from '../../src/http/response-head.js';

type HeadFields = ResponseFields & ServerFields;

function build(fields: HeadFields): string {
  return buildResponseHead(fields, fields);
}

import { reasonPhrase } from '../../src/http/status.js';

const BASE: HeadFields = {
  status: 200,
  contentType: 'text/plain',
  contentLength: 1000,
  lastModified: 1795171469,
  etag: '"6b00248d-3e8"',
  location: '',
  acceptRanges: true,
  headers: [],
  vary: '',
  server: 'nginx/1.22.1',
  date: 1795171623.5,
  locationBase: '',
  contentRange: '',
  chunked: false,
  keepAlive: true,
  keepAliveTimeout: 0,
};

const START = 'Server: nginx/1.22.1\r\nDate: Fri, 20 Nov 2026 10:47:03 GMT\r\n';
const MODIFIED = 'Last-Modified: Fri, 20 Nov 2026 10:44:29 GMT\r\n';
const OWN = 'Expires: Fri, 20 Nov 2026 11:47:03 GMT\r\nCache-Control: max-age=3600\r\nX-A: b\r\n';
const OWN_HEADERS = ['Expires', 'Fri, 20 Nov 2026 11:47:03 GMT', 'Cache-Control', 'max-age=3600', 'X-A', 'b'];
const ERROR = { contentType: 'text/html', lastModified: -1, etag: '', acceptRanges: false };

/** What nginx 1.22.1 sent for the same. */
const HEADS: [Partial<HeadFields>, string][] = [
  [
    {},
    `HTTP/1.1 200 OK\r\n${START}Content-Type: text/plain\r\nContent-Length: 1000\r\n${MODIFIED}Connection: keep-alive\r\nETag: "6b00248d-3e8"\r\nAccept-Ranges: bytes\r\n\r\n`,
  ],
  [
    { headers: OWN_HEADERS },
    `HTTP/1.1 200 OK\r\n${START}Content-Type: text/plain\r\nContent-Length: 1000\r\n${MODIFIED}Connection: keep-alive\r\nETag: "6b00248d-3e8"\r\n${OWN}Accept-Ranges: bytes\r\n\r\n`,
  ],
  [
    { status: 206, contentLength: 10, contentRange: 'bytes 0-9/1000', headers: OWN_HEADERS },
    `HTTP/1.1 206 Partial Content\r\n${START}Content-Type: text/plain\r\nContent-Length: 10\r\n${MODIFIED}Connection: keep-alive\r\nETag: "6b00248d-3e8"\r\n${OWN}Content-Range: bytes 0-9/1000\r\n\r\n`,
  ],
  [
    { status: 304, contentType: '', contentLength: -1, headers: OWN_HEADERS },
    `HTTP/1.1 304 Not Modified\r\n${START}${MODIFIED}Connection: keep-alive\r\nETag: "6b00248d-3e8"\r\n${OWN}\r\n`,
  ],
  [
    { ...ERROR, status: 301, contentLength: 169, location: '/d/', locationBase: 'http://127.0.0.1:18923' },
    `HTTP/1.1 301 Moved Permanently\r\n${START}Content-Type: text/html\r\nContent-Length: 169\r\nLocation: http://127.0.0.1:18923/d/\r\nConnection: keep-alive\r\n\r\n`,
  ],
  [
    { ...ERROR, status: 416, contentLength: 197, contentRange: 'bytes */1000', headers: OWN_HEADERS, keepAlive: false },
    `HTTP/1.1 416 Requested Range Not Satisfiable\r\n${START}Content-Type: text/html\r\nContent-Length: 197\r\nConnection: close\r\n${OWN}Content-Range: bytes */1000\r\n\r\n`,
  ],
  [
    { ...ERROR, status: 405, contentLength: 157 },
    `HTTP/1.1 405 Not Allowed\r\n${START}Content-Type: text/html\r\nContent-Length: 157\r\nConnection: keep-alive\r\n\r\n`,
  ],
  [
    {
      ...ERROR,
      contentLength: -1,
      chunked: true,
      contentType: 'text/html; charset=utf-8',
      vary: 'Accept-Encoding',
      keepAliveTimeout: 30,
    },
    `HTTP/1.1 200 OK\r\n${START}Content-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\nKeep-Alive: timeout=30\r\nVary: Accept-Encoding\r\n\r\n`,
  ],
];

test('heads in the order of nginx', () => {
  for (const [fields, head] of HEADS) assert.equal(build({ ...BASE, ...fields }), head);
});

test('parts that are left out', () => {
  assert.ok(!build({ ...BASE, server: '' }).includes('Server'));
  assert.ok(build({ ...BASE, contentLength: 0 }).includes('Content-Length: 0\r\n'));
  assert.ok(!build({ ...BASE, chunked: true }).includes('Content-Length'));
  assert.ok(!build({ ...BASE, keepAlive: false, keepAliveTimeout: 30 }).includes('timeout'));
  assert.ok(build({ ...BASE, location: 'https://o/', locationBase: 'http://h' }).includes('Location: https://o/\r\n'));
  assert.ok(build({ ...BASE, location: '/p' }).includes('Location: /p\r\n'));
  assert.ok(build({ ...BASE, status: 494 }).startsWith('HTTP/1.1 400 Bad Request\r\n'));
  assert.ok(build({ ...BASE, status: 299 }).startsWith('HTTP/1.1 299 \r\n'));
});

test('no value can begin a line of its own', () => {
  const evil = 'a\r\nSet-Cookie: x\n\0b';
  const fields: (keyof HeadFields)[] = [
    'contentType',
    'vary',
    'etag',
    'location',
    'locationBase',
    'contentRange',
    'server',
  ];
  const lines = (head: string) => head.split('\r\n').length;
  for (const field of fields) {
    const plain = build({ ...BASE, location: '/l', contentRange: 'r', [field]: 'x' });
    const head = build({
      ...BASE,
      location: '/l',
      contentRange: 'r',
      [field]: field === 'location' ? `/${evil}` : evil,
    });
    assert.equal(lines(head), lines(plain), field);
    assert.ok(!/[^\r]\n|\r[^\n]|\0/.test(head), field);
    assert.ok(head.includes('a  Set-Cookie: x  b'), field);
  }
  const head = build({ ...BASE, headers: ['X', evil, `Y${evil}`, 'v'] });
  assert.ok(head.includes('\r\nX: a  Set-Cookie: x  b\r\nYa  Set-Cookie: x  b: v\r\n'));
});

/** Status, phrase, and the length of nginx's page with the signature "nginx" (0: no page). */
const PAGES: [number, string, number][] = [
  [200, 'OK', 0],
  [204, 'No Content', 0],
  [206, 'Partial Content', 0],
  [300, '', 0],
  [301, 'Moved Permanently', 162],
  [302, 'Moved Temporarily', 138],
  [303, 'See Other', 146],
  [304, 'Not Modified', 0],
  [307, 'Temporary Redirect', 164],
  [308, 'Permanent Redirect', 164],
  [400, 'Bad Request', 150],
  [401, 'Unauthorized', 172],
  [402, 'Payment Required', 160],
  [403, 'Forbidden', 146],
  [404, 'Not Found', 146],
  [405, 'Not Allowed', 150],
  [406, 'Not Acceptable', 156],
  [409, 'Conflict', 144],
  [410, 'Gone', 136],
  [411, 'Length Required', 158],
  [412, 'Precondition Failed', 166],
  [413, 'Request Entity Too Large', 176],
  [414, 'Request-URI Too Large', 170],
  [415, 'Unsupported Media Type', 172],
  [416, 'Requested Range Not Satisfiable', 190],
  [421, 'Misdirected Request', 166],
  [422, '', 0],
  [429, 'Too Many Requests', 162],
  [494, 'Bad Request', 226],
  [495, 'Bad Request', 208],
  [496, 'Bad Request', 230],
  [497, 'Bad Request', 248],
  [500, 'Internal Server Error', 170],
  [501, 'Not Implemented', 158],
  [502, 'Bad Gateway', 150],
  [503, 'Service Temporarily Unavailable', 190],
  [504, 'Gateway Time-out', 160],
  [505, 'HTTP Version Not Supported', 180],
  [507, 'Insufficient Storage', 168],
  [599, '', 0],
];

test('phrases and pages as nginx has them', () => {
  for (const [status, phrase, length] of PAGES) {
    assert.equal(reasonPhrase(status), phrase, String(status));
    assert.equal(errorPage(status, 'nginx').length, length, String(status));
  }
  assert.equal(
    errorPage(404, 'nginx/1.22.1'),
    '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n',
  );
  assert.equal(
    errorPage(494, 'nginx'),
    '<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>Request Header Or Cookie Too Large</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
  );
});
