import { ask, differential, get, kept } from './harness.js';

const explorer = 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)';
const mended = 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)';
const opera = 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows; en) Opera 8.0';
const safari =
  'User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 (KHTML) Version/13 Safari/605';
const chrome = 'User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/537 (KHTML) Chrome/80 Safari/537';

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

differential(
  'keepalive',
  {
    files: { 'a.txt': 'a\n' },
    http: `
      server {
        listen 127.0.0.1:{port};
        root {root};
        location /none { keepalive_timeout 0; return 200 none; }
        location /said { keepalive_timeout 10s 20s; return 200 said; }
        location /two { keepalive_requests 2; return 200 two; }
        location /safari { keepalive_disable safari; return 200 safari; }
        location /never { keepalive_disable none; return 200 never; }
        location /old { return 200 old; }
        location /lost { error_page 404 /none; }
        location /named { error_page 404 @none; }
        location @none { keepalive_timeout 0; return 200 named; }
        location /back { keepalive_timeout 0; error_page 404 /a.txt; }
      }`,
  },
  [
    ...['/none', '/said', '/lost', '/named', '/back', '/a.txt'].flatMap(path => [
      get(path),
      get(path, 'Connection: close'),
      ask('HEAD', path),
      kept(`${path}, HTTP/1.0`, `GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`),
    ]),
    kept('the last of two', request('/two'), request('/two')),
    kept('another location than before', request('/a.txt'), request('/two')),
    ...[explorer, mended, opera, safari, chrome].flatMap(agent =>
      ['/old', '/safari', '/never'].flatMap(path => [get(path, agent), ask('POST', path, 'Content-Length: 0', agent)]),
    ),
  ],
);
