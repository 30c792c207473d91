/** Ways out of the root that a configuration may open, and requests that hide a second one. */
import { differential, get, kept, raw } from './harness.js';

const files = { 'in/a.txt': 'a\n', 'out/a.txt': 'o\n', secret: 'nobody may see this\n' };

const http = `server { listen 127.0.0.1:{port}; root {root}/out;
  location /i { alias {root}/in/; }
  location /i2 { alias {root}/in/; autoindex on; index a.txt; }
  location ~ ^/rx(?<rest>.*)$ { alias {root}/in/$rest; index a.txt; }
  location /arg/ { alias {root}/$arg_x/; }
  location /tried/ { try_files /$arg_x =404; }
  location /rewritten/ { rewrite ^ /$arg_x last; }
  location /paged/ { error_page 404 /$arg_x; }
  location /indexed/ { alias {root}/in/; index $arg_x; }
  location /put { alias {root}/in/; dav_methods PUT DELETE MKCOL COPY MOVE; }
}`;

const up = ['..', '%2e%2e', '.%2e', '%252e%252e', '%c0%ae%c0%ae'];

differential('climbing', { files, http }, [
  ...['/i', '/i2', '/rx', '/i/'].flatMap(prefix => up.map(dots => get(`${prefix}${dots}/secret`))),
  get('/rx/'),
  get('/rx'),
  get('/i..%2fsecret'),
  // what a server behind another one may say, and no client
  get('/in/a.txt', 'X-Accel-Redirect: /i/a.txt', 'X-Sendfile: /etc/passwd'),
  get('/a.txt', 'X-Original-URL: /i/a.txt', 'X-Rewrite-URL: /i/a.txt'),
  get('/i/..;/secret'),
  get('/i/a.txt/..;/..;/secret'),
  get('/i%5c..%5csecret'),
  get('/i../../../secret'),
  get('/i2../'),
  get('/i2..'),
  get('/ia.txt'),
  get('/i..a.txt'),
  get('/i/...'),
  get('/arg/a.txt?x=in'),
  get('/arg/secret?x=.'),
  get('/arg/secret?x=out/..'),
  ...['/tried/', '/rewritten/', '/paged/x'].flatMap(path => [
    get(`${path}?x=a.txt`),
    get(`${path}?x=../secret`),
    get(`${path}?x=%2e%2e/secret`),
    get(`${path}?x=b/../../secret`),
  ]),
  get('/indexed/?x=a.txt'),
  get('/indexed/?x=../secret'),
  kept(
    'a PUT beside the folder',
    'PUT /put../new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx',
    'GET /i../new HTTP/1.1\r\nHost: localhost\r\n\r\n',
  ),
]);

const second = 'GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/** A request whose end is not where everybody sees it, and one behind it. */
const hidden = (name: string, fields: string, body: string) =>
  raw(name, `POST /a.txt HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}${second}`);

differential(
  'smuggling',
  { files, http: `server { listen 127.0.0.1:{port}; root {root}/out; location /second { return 200 second; } }` },
  [
    hidden('CL.TE', 'Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nX'),
    hidden('TE.CL', 'Transfer-Encoding: chunked\r\nContent-Length: 4', '5c\r\nx\r\n0\r\n\r\n'),
    hidden('TE.TE', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
    hidden('TE twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    ...[
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding: identity, chunked',
      'Transfer-Encoding: "chunked"',
      'Transfer-Encoding: chunked;q=1',
      'Transfer-Encoding:\tchunked',
      'Transfer-Encoding: \x0bchunked',
      'Transfer-Encoding: chunked\x0b',
      'Transfer-Encoding : chunked',
      'Transfer-Encoding\t: chunked',
      ' Transfer-Encoding: chunked',
      'X: y\r\n Transfer-Encoding: chunked',
      'X: y\rTransfer-Encoding: chunked',
      'X: y\nTransfer-Encoding: chunked',
      'Transfer-Encoding:\r\n chunked',
      'TRANSFER-ENCODING: CHUNKED',
    ].map(field => hidden(JSON.stringify(field), field, '0\r\n\r\n')),
    ...[
      'Content-Length: 5\r\nContent-Length: 0',
      'Content-Length: 5\r\nContent-Length: 5',
      'Content-Length: 5, 5',
      'Content-Length: +5',
      'Content-Length: 0x5',
      'Content-Length: 5 ',
      'Content-Length:  5',
      'Content-Length: 05',
      'Content-Length: 5\x0b',
      'Content-Length : 5',
      'Content-Length\0: 5',
      'Content-Length: 18446744073709551621',
    ].map(field => hidden(JSON.stringify(field), field, 'hello')),
    ...[
      '5\nhello\r\n0\r\n\r\n',
      '5\r\nhello\n0\r\n\r\n',
      '5\r\nhello\r\n0\n\n',
      '5 \r\nhello\r\n0\r\n\r\n',
      ' 5\r\nhello\r\n0\r\n\r\n',
      '0x5\r\nhello\r\n0\r\n\r\n',
      '+5\r\nhello\r\n0\r\n\r\n',
      '-5\r\nhello\r\n0\r\n\r\n',
      '5;\nhello\r\n0\r\n\r\n',
      '5;a="\r\n"\r\nhello\r\n0\r\n\r\n',
      '05\r\nhello\r\n00\r\n\r\n',
      '10000000000000005\r\nhello\r\n0\r\n\r\n',
      '5\r\nhelloXX\r\n0\r\n\r\n',
      '5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n',
      '5\r\nhello\r\n0\r\nGET / HTTP/1.1\r\n\r\n',
    ].map(body => hidden(`the chunks ${JSON.stringify(body)}`, 'Transfer-Encoding: chunked', body)),
  ],
);
