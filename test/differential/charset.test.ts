import { gzipSync } from 'node:zlib';
import { ask, differential, get } from './harness.js';

differential(
  'charset',
  {
    files: { 'a.txt': 'hello, world\n', 'a.css': 'p {}', 'a.png': 'png' },
    http: `
      types { text/plain txt; text/css css; image/png png; text/html html; }
      server {
        listen 127.0.0.1:{port};
        root {root};
        charset utf-8;
        location /moved { return 301 /x; }
        location /found { return 302 /x; }
        location /other { return 303 /x; }
        location /later { return 307 /x; }
        location /types/ { alias {root}/; charset_types text/css; }
        location /all/ { alias {root}/; charset_types *; }
        location /own { default_type "text/html; charset=koi8-r"; return 200 x; }
        location /named { charset $arg_c; default_type text/html; return 200 x; }
        location /off/ { alias {root}/; charset off; }
        location /same/ { alias {root}/; source_charset utf-8; }
        location /three { return 300 "three"; }
      }`,
  },
  [
    ...['/a.txt', '/a.css', '/a.png', '/none', '/moved', '/found', '/other', '/later', '/own', '/named?c=koi8-r'],
    ...['/types/a.css', '/types/a.txt', '/all/a.png', '/off/a.txt', '/same/a.txt', '/three'],
  ].map(path => get(path)),
);

const packed = gzipSync('hello, world\n').toString('latin1');

differential(
  'gzip_static',
  {
    files: {
      'a.txt': 'hello, world\n',
      'a.txt.gz': packed,
      'b.txt': 'no other',
      'c.txt.gz': packed,
      'd.gz/x': 'x',
      d: 'd',
    },
    http: `
      types { text/plain txt; }
      server {
        listen 127.0.0.1:{port};
        root {root};
        gzip_static on;
        location /vary/ { alias {root}/; gzip_vary on; }
        location /always/ { alias {root}/; gzip_static always; gzip_vary on; }
        location /via/ { alias {root}/; gzip_proxied auth; }
        location /old/ { alias {root}/; gzip_http_version 1.0; gzip_disable msie6 "^Foo"; }
      }`,
  },
  [
    ...['gzip', 'gzip, deflate', 'deflate, gzip;q=0.5', 'gzip;q=0', 'x gzip', 'xgzip', '*', 'GZIP', 'gzip;q=2'].map(
      coding => get('/a.txt', `Accept-Encoding: ${coding}`),
    ),
    ...['/b.txt', '/c.txt', '/d', '/vary/a.txt', '/vary/b.txt', '/always/a.txt', '/via/a.txt', '/old/a.txt'].flatMap(
      path => [get(path), get(path, 'Accept-Encoding: gzip'), ask('HEAD', path, 'Accept-Encoding: gzip')],
    ),
    get('/a.txt', 'Accept-Encoding: gzip', 'Range: bytes=0-3'),
    get('/a.txt', 'Accept-Encoding: gzip', 'If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT'),
    ask('POST', '/a.txt', 'Accept-Encoding: gzip', 'Content-Length: 0'),
    get('/via/a.txt', 'Accept-Encoding: gzip', 'Via: 1.1 x'),
    get('/via/a.txt', 'Accept-Encoding: gzip', 'Via: 1.1 x', 'Authorization: Basic eDp5'),
    get('/old/a.txt', 'Accept-Encoding: gzip', 'User-Agent: foo'),
    get('/old/a.txt', 'Accept-Encoding: gzip', 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows)'),
    get('/old/a.txt', 'Accept-Encoding: gzip', 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows; SV1)'),
  ],
);
