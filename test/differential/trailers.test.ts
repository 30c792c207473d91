/** `add_trailer` and `empty_gif`. */
import { ask, differential, get, head, kept, raw } from './harness.js';

const http = `
server { listen 127.0.0.1:{port}; root {root}; add_trailer X-Above $uri;
  location /plain/ { alias {root}/; }
  location /several/ { alias {root}/; add_trailer A one; add_trailer B "$arg_b"; add_trailer C three always; add_header D four; }
  location /always/ { add_trailer A one always; alias {root}/; }
  location /empty/ { alias {root}/; add_trailer A ""; }
  location /unset/ { alias {root}/; add_trailer A $arg_a; }
  location /text/ { add_trailer A one; return 200 "a text"; }
  location /nothing/ { add_trailer A one; return 204; }
  location /folder { alias {root}/dir; autoindex on; }
  location /gif { empty_gif; location /gif/in/ { alias {root}/; } }
  location /gifbare { empty_gif; add_header X y; expires 1h; error_page 405 =200 /text/; }
}
server { listen 127.0.0.1:{port}; server_name none; root {root}; location /gif { empty_gif; } location /pixel { empty_gif; etag off; } }
`;

differential(
  'trailers',
  {
    http,
    files: { 'a.txt': 'hello, world', empty: '', 'dir/b': 'x' },
    log: '$sent_trailer_a $sent_trailer_x_above',
  },
  [
    ...['plain', 'several', 'always', 'empty', 'unset'].flatMap(name => [
      get(`/${name}/a.txt`),
      get(`/${name}/empty`),
      ask('HEAD', `/${name}/a.txt`),
    ]),
    get('/several/a.txt?b=two'),
    get('/unset/a.txt?a=v'),
    get('/plain/a.txt', 'Range: bytes=1-3'),
    get('/plain/a.txt', 'Range: bytes=100-'),
    get('/plain/a.txt', 'If-Modified-Since: Fri, 20 Nov 2026 10:46:31 GMT'),
    raw('HTTP/1.0', 'GET /plain/a.txt HTTP/1.0\r\n\r\n'),
    raw('HTTP/1.0, kept', 'GET /plain/a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
    get('/text/x'),
    get('/nothing/x'),
    ...['plain', 'empty', 'unset'].map(name => get(`/${name}/nosuch`)),
    get('/folder/'),
    kept('one after the other', head('GET', '/plain/a.txt'), head('GET', '/several/a.txt?b=%0a'), head('GET', '/gif')),
    ...['/gif', '/pixel'].flatMap(path => [
      get(path, 'Host: none'),
      ask('HEAD', path, 'Host: none'),
      ask('POST', path, 'Host: none', 'Content-Length: 0'),
      get(path, 'Host: none', 'Range: bytes=0-5'),
      get(path, 'Host: none', 'If-Modified-Since: Mon, 28 Sep 1970 06:00:00 GMT'),
    ]),
    get('/gif/in/a.txt'),
    get('/gifbare'),
    ask('POST', '/gifbare', 'Content-Length: 0'),
  ],
);

differential(
  'trailers and lengths',
  {
    http,
    files: { 'a.txt': 'hello, world', empty: '' },
    log: '$sent_http_content_length $sent_http_transfer_encoding',
  },
  [get('/plain/a.txt'), get('/unset/empty'), ask('HEAD', '/plain/a.txt')],
);
