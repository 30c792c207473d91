/** `autoindex` and `random_index`: the pages to the last byte, in all formats. */
import { ask, differential, get, head, kept } from './harness.js';
import type { Files } from './servers.js';

const names = [
  ...['a.txt', '.hidden', 'B', 'b', 'Z', '日本語', '😀 x', '<&>"\'', 'sp ace', 'a%b?c#d', 'tab\tnl\nx', 'back\\slash'],
  ...[
    '~tilde-_.',
    '+plus;,:@!$()*',
    '\x01\x7f',
    'a:b',
    'é'.repeat(30),
    'é'.repeat(50),
    'é'.repeat(51),
    '日'.repeat(60),
  ],
  ...['y<'.repeat(26), '<'.repeat(47), '<'.repeat(51), 'é<'.repeat(26)],
  ...[48, 49, 50, 51, 80].map(length => 'x'.repeat(length)),
];
const sizes = [0, 1, 9999, 10_000, 10_239, 10_240, 10_752, 102_911];

const files: Files = {
  ...Object.fromEntries(names.map((name, i) => [`d/${name}`, 'x'.repeat(i * 37)])),
  ...Object.fromEntries(sizes.map(size => [`d/size${size}`, Buffer.alloc(size)])),
  'd/.folder/': '',
  'd/sub/': '',
  [`d/${'f'.repeat(49)}/`]: '',
  [`d/${'f'.repeat(50)}/`]: '',
  [`d/${'f'.repeat(51)}/`]: '',
  'empty/': '',
  'q&<\'"x/in/': '',
  'one/.hidden': 'x',
  'one/file.txt': 'the only one',
  'one/folder/': '',
  'locked/x': '',
};

const places = ['html', 'json', 'jsonp', 'xml'].flatMap(format =>
  [
    ['', ''],
    ['u', 'charset utf-8;'],
    ['k', 'charset koi8-r;'],
    ['r', 'autoindex_exact_size off;'],
    ['l', 'autoindex_localtime on;'],
  ].map(([suffix, more]) => ({ path: `/${format}${suffix}/`, inside: `autoindex_format ${format}; ${more}` })),
);

differential(
  'autoindex',
  {
    files,
    modes: { locked: 0o700 },
    http: `charset_types text/xml application/json application/javascript;
server { listen 127.0.0.1:{port}; root {root};
${places.map(({ path, inside }) => `location ${path} { alias {root}/; autoindex on; ${inside} }`).join('\n')}
location /none/ { alias {root}/; }
location /random/ { alias {root}/; random_index on; }
location /both/ { alias {root}/; random_index on; autoindex on; index file.txt; }
}`,
  },
  [
    ...places.flatMap(({ path }) => ['d/', 'empty/', "q&<'%22x/"].map(folder => get(path + folder))),
    ...['foo', 'a.b_9', '', 'a-b', 'a%20b', 'x'.repeat(128), 'x'.repeat(129)].map(name =>
      get(`/jsonp/d/?callback=${name}`),
    ),
    get('/jsonp/empty/?callback=x'),
    get('/json/empty/?callback=x'),
    ...[
      '/none/d/',
      '/html/nope/',
      '/html/d/a.txt/',
      `/html/${'x'.repeat(300)}/`,
      '/html/d',
      '/html/locked/',
      '/both/locked/',
    ].map(target => get(target)),
    ...['HEAD', 'POST', 'DELETE'].map(method => ask(method, '/html/empty/')),
    get('/html/empty/', 'Range: bytes=0-3'),
    get('/html/empty/', 'If-Modified-Since: Fri, 20 Nov 2026 10:46:31 GMT'),
    kept('autoindex for HTTP/1.0', 'GET /html/empty/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
    kept('HEAD for HTTP/1.0', 'HEAD /html/empty/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
    kept('two pages over one connection', head('GET', '/html/empty/'), head('GET', '/json/empty/')),
    ...['one/', 'one/folder/', 'empty/', 'nope/', 'one/file.txt/', 'locked/', 'one'].map(target =>
      get(`/random/${target}`),
    ),
    ask('POST', '/random/one/'),
    ask('HEAD', '/random/one/'),
    ask('DELETE', '/random/one/'),
    get('/both/one/?x=1'),
    get('/both/empty/'),
  ],
);
