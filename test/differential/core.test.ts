/** Directives of the http core that other suites have no part in: chunks, and how many lines a head may have. */
import { ask, differential, get, head, kept, raw } from './harness.js';

differential(
  'chunks',
  {
    http: `
server { listen 127.0.0.1:{port}; root {root}; add_trailer A one;
  location /list/ { alias {root}/; autoindex on; autoindex_exact_size off; }
  location /unchunked/ { chunked_transfer_encoding off;
    location /unchunked/list/ { alias {root}/; autoindex on; }
    location /unchunked/file/ { alias {root}/; add_trailer A two always; }
    location /unchunked/text { return 200 "a text"; }
  }
}`,
    files: { 'a.txt': 'hello, world', empty: '' },
    log: '$sent_http_content_length $sent_http_transfer_encoding',
  },
  [
    ...['/list/', '/unchunked/list/', '/unchunked/file/a.txt', '/unchunked/file/empty', '/unchunked/text'].flatMap(
      path => [
        get(path),
        ask('HEAD', path),
        get(path, 'Connection: close'),
        raw(`HTTP/1.0, ${path}`, `GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`),
      ],
    ),
    get('/unchunked/file/a.txt', 'Range: bytes=2-3'),
    kept('one after the other', head('GET', '/unchunked/file/a.txt'), head('GET', '/unchunked/list/')),
  ],
);

const lines = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: ${i}`);

differential(
  'max_headers',
  {
    http: `
server { listen 127.0.0.1:{port}; root {root}; max_headers 5;
  error_page 494 /many; location = /many { return 400 "too many: $http_x_0 $http_x_3 $http_x_4"; } }
server { listen 127.0.0.1:{port}; server_name more; max_headers 100; root {root}; }`,
    files: { 'a.txt': 'hello, world' },
    log: '$http_x_0 $http_x_3 $http_x_4',
  },
  [
    get('/a.txt', ...lines(4)),
    get('/a.txt', ...lines(5)),
    get('/a.txt', ...lines(50)),
    get('/a.txt', ...lines(4), 'X(odd: ignored'),
    get('/a.txt', 'Host: more', ...lines(4)),
    get('/a.txt', 'Host: more', ...lines(5)),
    kept('a second request with too many', head('GET', '/a.txt'), head('GET', '/a.txt', ...lines(9))),
  ],
);
