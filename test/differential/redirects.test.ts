import { ask, differential, get } from './harness.js';

differential(
  'redirects',
  {
    files: { 'd/index.html': '<p>', 'n/index.html': '<p>', 'p/index.html': '<p>', 's/index.html': '<p>' },
    http: `
      server {
        listen 127.0.0.1:{port};
        server_name first.local second.local;
        root {root};
        location /n { absolute_redirect off; }
        location /n/moved { absolute_redirect off; return 301 /else; }
        location /p { port_in_redirect off; }
        location /s { server_name_in_redirect on; }
        location /both { server_name_in_redirect on; port_in_redirect off; return 302 /else?x; }
      }`,
  },
  ['/d', '/d?a=b', '/n', '/n/moved', '/p', '/s', '/both'].flatMap(path => [
    get(path),
    get(path, 'Host: second.local'),
    get(path, 'Host: other:8080'),
  ]),
);

differential(
  'error pages of error pages',
  {
    files: { 'page.html': 'a page\n' },
    http: `
      server {
        listen 127.0.0.1:{port};
        root {root};
        location /lost { error_page 403 =200 /none; return 403; }
        location /gone { error_page 403 =410 /none; return 403; }
        location /circle { recursive_error_pages on; error_page 403 404 /circle/again; return 403; }
        location /missing { recursive_error_pages on; error_page 404 /missing/again; }
        location /two { recursive_error_pages on; error_page 403 =202 /second; return 403; }
        location /second { recursive_error_pages on; error_page 404 =203 /page.html; return 404; }
        location /kept { recursive_error_pages on; error_page 403 =202 /third; return 403; }
        location /third { recursive_error_pages on; error_page 404 /page.html; return 404; }
        location /once { error_page 403 =202 /third; return 403; }
        location /taken { recursive_error_pages on; error_page 403 = /fourth; return 403; }
        location /fourth { error_page 404 = /page.html; return 404; }
        location /named { recursive_error_pages on; error_page 403 @one; return 403; }
        location @one { recursive_error_pages on; error_page 404 = @two; return 404; }
        location @two { return 200 two; }
        location /moved { recursive_error_pages on; error_page 403 /moved2; return 403; }
        location /moved2 { error_page 404 http://other.local/; return 404; }
      }`,
  },
  ['/lost', '/gone', '/circle', '/missing', '/two', '/kept', '/once', '/taken', '/named', '/moved'].flatMap(path => [
    get(path),
    ask('POST', path, 'Content-Length: 0'),
  ]),
);
