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
    raw(
      'Host behind more lines than the default server takes',
      `${['GET /a.txt HTTP/1.1', ...lines(7), 'Host: more'].join('\r\n')}\r\n\r\n`,
    ),
    raw(
      'Host behind more lines than its server takes',
      `${['GET /a.txt HTTP/1.1', ...lines(200), 'Host: more'].join('\r\n')}\r\n\r\n`,
    ),
    kept('a second request with too many', head('GET', '/a.txt'), head('GET', '/a.txt', ...lines(9))),
  ],
);

differential(
  'body files',
  {
    http: `
server { listen 127.0.0.1:{port}; root {dir}/temp; client_body_temp_path {dir}/temp/bodies; client_body_in_file_only on;
  location / { dav_methods PUT; create_full_put_path on; }
  location /clean/ { dav_methods PUT; create_full_put_path on; client_body_in_file_only clean; client_body_in_single_buffer on; }
  location /none/ { dav_methods PUT; }
  location /text { return 200 "$request_body_file$request_body"; }
}`,
    log: '$request_body_file $request_body',
  },
  [
    ...['/a', '/clean/a', '/none/a', '/text'].flatMap(path => [
      raw(`PUT ${path}`, `${head('PUT', path, 'Content-Length: 5')}hello`),
      raw(`PUT ${path}.b, nothing`, head('PUT', `${path}.b`, 'Content-Length: 0')),
    ]),
    raw('POST', `${head('POST', '/text', 'Content-Length: 5')}hello`),
    raw('POST to a file', `${head('POST', '/none', 'Content-Length: 5')}hello`),
  ],
);

differential(
  'realpath_root',
  {
    http: `
server { listen 127.0.0.1:{port}; root {root}/link;
  location / { return 200 "$document_root $realpath_root"; }
  location /relative/ { root {root}/./real/../link/; return 200 "$document_root $realpath_root"; }
  location /alias/ { alias {root}/link/in/; return 200 "$document_root $realpath_root"; }
  location ~ ^/regex/(.*) { alias {root}/link/$1; return 200 "$document_root $realpath_root"; }
}`,
    files: { 'real/in/a.txt': 'a' },
    links: { link: '{root}/real' },
  },
  [get('/'), get('/relative/x'), get('/alias/'), get('/alias/a.txt'), get('/regex/in'), get('/regex/in/a.txt')],
);

/** What differs from connection to connection is told by its form. */
const forms = ['tcpinfo_rtt', 'tcpinfo_rttvar', 'tcpinfo_snd_cwnd', 'tcpinfo_rcv_space']
  .map(name => `map $${name} $${name}_form { default "?"; "" none; ~^[1-9][0-9]*$ number; }`)
  .join('\n');

differential(
  'request_id',
  {
    http: `
${forms}
map "$request_id $request_id" $ids { default "?"; "~^([0-9a-f]{32}) \\1$" same; }
server { listen 127.0.0.1:{port}; listen unix:{dir}/socket;
  location / { return 200 "$ids $tcpinfo_rtt_form $tcpinfo_rttvar_form $tcpinfo_snd_cwnd_form $tcpinfo_rcv_space_form"; }
}`,
    log: '$ids $tcpinfo_rtt_form',
  },
  [get('/'), kept('two', head('GET', '/'), head('GET', '/'))],
);

const refreshed = [
  ...[
    '/other',
    '/path',
    '/query?q="%20%27%00é',
    '/code',
    '/off',
    '/always',
    '/dir',
    '/dir?a="b"',
    '/named',
    '/relative',
  ],
  ...['/return', '/return301?q=<>', '/return303', '/return307', '/return308', '/rewrite', '/rewritten'],
];
const explorer = 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)';

differential(
  'msie_refresh',
  {
    http: `
server { listen 127.0.0.1:{port}; root {root}; msie_refresh on; add_header X added;
  location /other { error_page 404 http://example.org/none; }
  location /path { error_page 404 =301 /page; }
  location /query { error_page 404 =307 "http://example.org/?a='b'&q=$arg_q<>"; }
  location /code { error_page 410 =200 https://example.org/; return 410; }
  location /return { return 302 http://example.org/; }
  location /return301 { return 301 "/a b'$arg_q"; }
  location /return303 { return 303 http://example.org/; }
  location /return307 { return 307 http://example.org/; }
  location /return308 { return 308 http://example.org/; }
  location /rewrite { rewrite ^ /x permanent; }
  location /rewritten { rewrite ^ http://example.org/x redirect; }
  location /named { error_page 404 @named; }
  location @named { return 301 /other; }
  location /relative { absolute_redirect off; return 302 /x; }
  location /off { msie_refresh off; error_page 404 http://example.org/none; }
  location /always { add_header X always always; error_page 404 http://example.org/none; }
  location = /page { return 200 "a page"; }
}`,
    files: { 'a.txt': 'a', 'dir/a.txt': 'a' },
  },
  refreshed.flatMap(path => [
    get(path),
    get(path, explorer),
    get(path, `${explorer} Opera 9`),
    ask('HEAD', path, explorer),
    ask('POST', path, explorer, 'Content-Length: 0'),
  ]),
);
