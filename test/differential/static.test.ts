/** Files: methods, types, ranges, conditions, folders, names. */
import { ask, differential, get, head, kept, raw } from './harness.js';

/** Bytes that show where a range is cut. */
const digits = '0123456789'.repeat(10);
const large = Buffer.alloc(300_000, 'zerocopy ');

const files = {
  'a.txt': 'hello, world\n',
  'empty.txt': '',
  'digits.txt': digits,
  'large.bin': large,
  'page.html': '<p>page\n',
  'UPPER.TXT': 'upper\n',
  'no-type': 'none\n',
  'strange.ext': 'strange\n',
  '.hidden': 'hidden\n',
  'dots.tar.gz': 'gz\n',
  'a b.txt': 'blank\n',
  'ä.txt': 'umlaut\n',
  'a%b.txt': 'percent\n',
  'a+b.txt': 'plus\n',
  'a?b.txt': 'question\n',
  'a#b.txt': 'hash\n',
  'index.html': '<p>index\n',
  'd/index.html': '<p>d\n',
  'd/sub/a.txt': 'deep\n',
  'no-index/a.txt': 'a\n',
  'html.only/index.htm': '<p>htm\n',
  'empty-folder/': '',
  'dark.txt': 'dark\n',
  'dark/a.txt': 'dark\n',
  'a b/index.html': '<p>blank\n',
};

const http = `
default_type application/octet-stream;
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {root};
  location /off/ { alias {root}/; etag off; }
  location /exact/ { alias {root}/; if_modified_since exact; }
  location /before/ { alias {root}/; if_modified_since before; }
  location /ims-off/ { alias {root}/; if_modified_since off; }
  location /one-range/ { alias {root}/; max_ranges 1; }
  location /no-ranges/ { alias {root}/; max_ranges 0; }
  location /three/ { alias {root}/; max_ranges 3; }
  location /typed/ { alias {root}/; types { } default_type text/x-own; }
  location /untyped/ { alias {root}/; types { } default_type ''; }
  location /own-types/ { alias {root}/; types { text/a txt; text/b TXT ext; } }
  location /sendfile/ { alias {root}/; sendfile on; }
  location /html.only/ { index none.html index.htm; }
  location /absolute/ { alias {root}/d/; index none /a.txt; }
  location /no-slash/ { alias {root}/; absolute_redirect off; }
  location /own-name/ { alias {root}/; server_name_in_redirect on; port_in_redirect off; }
  location /expires/ { alias {root}/; expires 1h; }
  location /past/ { alias {root}/; expires -1; }
  location /epoch/ { alias {root}/; expires epoch; }
  location /max/ { alias {root}/; expires max; }
  location /modified/ { alias {root}/; expires modified 30d; }
  location /headers/ { alias {root}/; add_header X-A "$uri a"; add_header X-B b always; add_header X-Empty ""; }
  location /etag-header/ { alias {root}/; add_header ETag own; add_header Last-Modified ""; }
  location /cache/ { alias {root}/; add_header Cache-Control "max-age=1"; add_header Cache-Control public; }
  location /charset/ { alias {root}/; charset utf-8; }
}
`;

const time = 'Fri, 20 Nov 2026 10:46:31 GMT';
const earlier = 'Fri, 20 Nov 2026 10:46:30 GMT';
const later = 'Fri, 20 Nov 2026 10:46:32 GMT';
const tag = '"6b002507-64"';

const ranges = [
  'bytes=0-0',
  'bytes=0-9',
  'bytes=5-',
  'bytes=-5',
  'bytes=-0',
  'bytes=-100',
  'bytes=-101',
  'bytes=99-',
  'bytes=100-',
  'bytes=100-200',
  'bytes=0-99',
  'bytes=0-100',
  'bytes=50-40',
  'bytes=0-0,2-3',
  'bytes=0-0, 2-3',
  'bytes= 0-0 , 2-3 ',
  'bytes=2-3,0-0',
  'bytes=0-9,5-14',
  'bytes=0-50,0-50',
  'bytes=0-50,0-49',
  'bytes=0-99,-1',
  'bytes=0-0,100-',
  'bytes=100-,200-',
  'bytes=-1,-2,-3',
  'bytes=0-,',
  'bytes=,0-1',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=1',
  'bytes=1-2-3',
  'bytes=0-1;',
  'bytes 0-1',
  'Bytes=0-1',
  'BYTES=0-1',
  'bytes=+1-2',
  'bytes=1 -2',
  'bytes=1- 2',
  'bytes=18446744073709551616-',
  'bytes=0-18446744073709551616',
  'bytes=9223372036854775807-',
  'bytes=0-9223372036854775807',
  'bytes=-9223372036854775807',
  'bytes=-9223372036854775808',
  'items=0-1',
  '',
  'none',
];

const times = [
  time,
  earlier,
  later,
  'Friday, 20-Nov-26 10:46:31 GMT',
  'Fri Nov 20 10:46:31 2026',
  'Fri, 20 Nov 2026 10:46:31',
  'Fri, 20 Nov 2026 10:46:31 CET',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Fri, 31 Feb 2026 10:46:31 GMT',
  'Mon, 20 Nov 2026 10:46:31 GMT',
  'fri, 20 nov 2026 10:46:31 gmt',
  '20 Nov 2026 10:46:31 GMT',
  'now',
  '0',
  '',
];

const tags = [
  tag,
  '"x"',
  `W/${tag}`,
  `"x", ${tag}`,
  `"x",${tag}`,
  `${tag} , "x"`,
  '*',
  '6b002507-64',
  '"6b002507-64',
  '',
  ',',
];

const paths = [
  '/',
  '/?a=b',
  '/a.txt',
  '/a.txt?a=b',
  '/a.txt?',
  '/empty.txt',
  '/page.html',
  '/UPPER.TXT',
  '/upper.txt',
  '/no-type',
  '/strange.ext',
  '/.hidden',
  '/dots.tar.gz',
  '/large.bin',
  '/sendfile/large.bin',
  '/sendfile/empty.txt',
  '/a%20b.txt',
  '/%C3%A4.txt',
  '/%c3%a4.txt',
  '/a%25b.txt',
  '/a+b.txt',
  '/a%2Bb.txt',
  '/a%3Fb.txt',
  '/a?b.txt',
  '/a%23b.txt',
  '/a.txt#fragment',
  '/a.txt/',
  '/a.txt/x',
  '/none',
  '/none/',
  '/none/none',
  '/d',
  '/d?q=1',
  '/d/',
  '/d/sub',
  '/d/sub/',
  '/d/sub/a.txt',
  '/a%20b',
  '/a%20b/',
  '/empty-folder',
  '/empty-folder/',
  '/no-index/',
  '/no-index',
  '/html.only/',
  '/absolute/',
  '/no-slash/d',
  '/no-slash/a%20b?q',
  '/own-name/d',
  '/dark.txt',
  '/dark/a.txt',
  '/dark/',
  '/dark',
  '//a.txt',
  '//d//sub//a.txt',
  '/./a.txt',
  '/d/../a.txt',
  '/d/./sub/./a.txt',
  '/d/sub/..',
  '/d/sub/.',
  '/d/..',
  '/../a.txt',
  '/%2e%2e/a.txt',
  '/d/%2e%2e/a.txt',
  '/d%2Fsub%2Fa.txt',
  '/d%2fsub/../../a.txt',
  '/a.txt%00',
  '/%',
  '/%2',
  '/%zz',
  '/a.tx%74',
  '/...',
  '/.../a.txt',
  '/d/...',
  '/~a',
  "/'",
  '/a;b',
  '/a:b',
  '/a,b',
  '/a|b',
  '/a^b',
  '/a"b',
  '/a<b>',
  '/a\\b',
  '/a{b}',
  '/\xc3\xa4.txt',
  `/${'x'.repeat(255)}`,
  `/${'x'.repeat(256)}`,
  '/typed/a.txt',
  '/untyped/a.txt',
  '/own-types/a.txt',
  '/own-types/UPPER.TXT',
  '/own-types/page.html',
  '/off/a.txt',
  ...['expires', 'past', 'epoch', 'max', 'modified', 'headers', 'etag-header', 'cache', 'charset'].flatMap(place => [
    `/${place}/a.txt`,
    `/${place}/none`,
    `/${place}/d`,
  ]),
];

differential('static', { files, http, modes: { 'dark.txt': 0o600, dark: 0o700 } }, [
  ...paths.map(path => get(path)),
  ...['/a.txt', '/none', '/d', '/', '/large.bin', '/empty.txt', '/dark.txt', '/headers/none'].map(path =>
    ask('HEAD', path),
  ),
  ...['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'CONNECT', 'PROPFIND', 'FOO'].flatMap(method =>
    ['/a.txt', '/none', '/'].map(path => ask(method, path, 'Content-Length: 0')),
  ),
  ask('POST', '/d', 'Content-Length: 0'),
  raw('a byte 127 in a path', head('GET', '/a\x7fb')),
  raw('a path of 4 KB', head('GET', `/${'x/'.repeat(2048)}`)),
  kept('a HEAD and a GET', head('HEAD', '/a.txt'), head('GET', '/a.txt')),
  raw('GET by HTTP/1.0', 'GET /a.txt HTTP/1.0\r\n\r\n'),
  raw('GET by HTTP/1.0, kept', 'GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
  raw('a folder by HTTP/1.0 without Host', 'GET /d HTTP/1.0\r\n\r\n'),
]);

differential('ranges', { files, http }, [
  ...ranges.map(range => get('/digits.txt', `Range: ${range}`)),
  ...['bytes=0-0', 'bytes=0-0,2-3', 'bytes=100-', 'bytes=x'].flatMap(range => [
    ask('HEAD', '/digits.txt', `Range: ${range}`),
    get('/empty.txt', `Range: ${range}`),
    get('/large.bin', `Range: ${range}`),
    get('/sendfile/large.bin', `Range: ${range}`),
    get('/d/', `Range: ${range}`),
    get('/none', `Range: ${range}`),
    get('/one-range/digits.txt', `Range: ${range}`),
    get('/no-ranges/digits.txt', `Range: ${range}`),
    get('/no-type', `Range: ${range}`),
    get('/untyped/a.txt', `Range: ${range}`),
    get('/charset/a.txt', `Range: ${range}`),
    get('/headers/digits.txt', `Range: ${range}`),
    get('/expires/digits.txt', `Range: ${range}`),
    ask('POST', '/digits.txt', `Range: ${range}`, 'Content-Length: 0'),
  ]),
  get('/three/digits.txt', 'Range: bytes=0-1,3-4,6-7'),
  get('/three/digits.txt', 'Range: bytes=0-1,3-4,6-7,9-9'),
  get('/digits.txt', 'Range: bytes=0-1', 'Range: bytes=3-4'),
  get('/digits.txt', `Range: bytes=${Array.from({ length: 40 }, (_, i) => `${2 * i}-${2 * i}`).join(',')}`),
  ...[tag, '"x"', `W/${tag}`, time, earlier, later, '', 'x', '*'].flatMap(value => [
    get('/digits.txt', 'Range: bytes=0-1', `If-Range: ${value}`),
    get('/off/digits.txt', 'Range: bytes=0-1', `If-Range: ${value}`),
    get('/exact/digits.txt', 'Range: bytes=100-', `If-Range: ${value}`),
  ]),
  raw('a range by HTTP/1.0', 'GET /digits.txt HTTP/1.0\r\nRange: bytes=0-1\r\n\r\n'),
  raw('several ranges by HTTP/1.0', 'GET /digits.txt HTTP/1.0\r\nRange: bytes=0-1,3-4\r\n\r\n'),
]);

/** If-Unmodified-Since with these fails, and so does If-Match with those. */
const failingTimes = [earlier, ...times.slice(7).filter(value => !value.startsWith('Mon'))];
const failingTags = tags.filter(value => value !== '*' && !/^"6b002507-64"|, ?"6b002507-64"$/.test(value));
const failingOff = tags.filter(value => value !== '*');

differential('conditions', { files, http }, [
  ...times.flatMap(value => [
    get('/digits.txt', `If-Modified-Since: ${value}`),
    get('/before/digits.txt', `If-Modified-Since: ${value}`),
    get('/exact/digits.txt', `If-Modified-Since: ${value}`),
    get('/ims-off/digits.txt', `If-Modified-Since: ${value}`),
  ]),
  ...times
    .filter(value => !failingTimes.includes(value))
    .map(value => get('/digits.txt', `If-Unmodified-Since: ${value}`)),
  ...tags.flatMap(value => [
    get('/digits.txt', `If-None-Match: ${value}`),
    get('/off/digits.txt', `If-None-Match: ${value}`),
    get('/ims-off/digits.txt', `If-None-Match: ${value}`),
  ]),
  ...tags.filter(value => !failingTags.includes(value)).map(value => get('/digits.txt', `If-Match: ${value}`)),
  get('/off/digits.txt', 'If-Match: *'),
  ...['If-None-Match: "x"', `If-None-Match: ${tag}`, `If-Match: ${tag}`].flatMap(condition =>
    [time, earlier].map(since => get('/digits.txt', condition, `If-Modified-Since: ${since}`)),
  ),
  ...['/none', '/d', '/d/', '/headers/digits.txt', '/expires/digits.txt', '/max/digits.txt', '/cache/digits.txt'].map(
    path => get(path, `If-Modified-Since: ${time}`),
  ),
  get('/charset/a.txt', `If-Modified-Since: ${time}`),
  ...['/none', '/d'].map(path => get(path, 'If-Match: "x"')),
  ask('HEAD', '/digits.txt', `If-Modified-Since: ${time}`),
  ask('POST', '/digits.txt', `If-None-Match: ${tag}`, 'Content-Length: 0'),
  get('/digits.txt', `If-None-Match: "x"`, `If-None-Match: ${tag}`),
  get('/digits.txt', 'Range: bytes=0-1', `If-None-Match: ${tag}`),
  get('/digits.txt', 'Range: bytes=100-', `If-Modified-Since: ${time}`),
]);

differential('failed conditions', { files, http }, [
  ...failingTimes.map(value => get('/digits.txt', `If-Unmodified-Since: ${value}`)),
  ...failingTags.map(value => get('/digits.txt', `If-Match: ${value}`)),
  ...failingOff.map(value => get('/off/digits.txt', `If-Match: ${value}`)),
  ...['If-None-Match: "x"', `If-None-Match: ${tag}`, `If-Match: ${tag}`, 'If-Match: "x"'].map(condition =>
    get('/digits.txt', condition, `If-Unmodified-Since: ${earlier}`),
  ),
  ...[time, earlier].map(since => get('/digits.txt', 'If-Match: "x"', `If-Modified-Since: ${since}`)),
  ...['/headers/digits.txt', '/expires/digits.txt', '/etag-header/digits.txt'].map(path => get(path, 'If-Match: "x"')),
  ask('HEAD', '/digits.txt', 'If-Match: "x"'),
  get('/digits.txt', 'Range: bytes=0-1', 'If-Match: "x"'),
]);
