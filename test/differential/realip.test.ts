/** `real_ip_header` and `listen … proxy_protocol`: whom a request comes from. */
import { type Case, differential, get, kept, raw } from './harness.js';

const values = [
  ...['1.2.3.4', '1.2.3.4:5555', '::2', '[2001:db8::1]:80', '2001:DB8:0:0::1', '::ffff:1.2.3.4', 'x', ''],
  ...['1.2.3.4, 5.6.7.8', '5.5.5.5, 10.1.1.1', '5.5.5.5, 10.1.1.1, 10.2.2.2:77', '10.1.1.1', '10.1.1.1,10.2.2.2'],
  ...['9.9.9.9, x, 10.1.1.1', ' 1.2.3.4 ', '1.2.3.4,', 'unix:', '255.255.255.255', '1.2.3.4:0', '1.2.3.4:99999'],
  ...['0:0:0:1::2:0:0', '1:0:0:2:0:0:0:3', '9.9.9.9'],
];

/** The ports of the connection itself are different ones. */
const port = 'map $remote_port $shown { volatile; "" none; "~^\\d{5}$" "of the connection"; default $remote_port; }';
const answer = (more = '') => `return 200 "$remote_addr $shown [$binary_remote_addr] of $realip_remote_addr ${more}|";`;

differential(
  'realip',
  {
    files: { 'in.txt': 'in' },
    log: '$remote_addr $realip_remote_addr',
    http: `${port}
set_real_ip_from 127.0.0.0/8;
set_real_ip_from 10.0.0.0/8;
set_real_ip_from ::1;
server {
  listen 127.0.0.1:{port}; server_name first; root {root};
  location / { ${answer()} }
  location /in.txt { deny 9.9.9.9; allow all; error_page 403 /denied; }
  location /denied { ${answer('denied')} }
}
server { listen 127.0.0.1:{port}; server_name xff; real_ip_header X-Forwarded-For; ${answer()} }
server { listen 127.0.0.1:{port}; server_name xffr; real_ip_header X-Forwarded-For; real_ip_recursive on; ${answer()} }
server { listen 127.0.0.1:{port}; server_name other; real_ip_header CF-Connecting-IP; ${answer()} }
server { listen 127.0.0.1:{port}; server_name proxied; real_ip_header proxy_protocol; ${answer()} }
server { listen 127.0.0.1:{port}; server_name nobody; set_real_ip_from 1.1.1.1; ${answer()} }
server {
  listen 127.0.0.1:{port}; server_name late; set_real_ip_from unix:; root {root};
  location / { set_real_ip_from localhost; try_files /none @named; }
  location @named { add_header X-Client "$remote_addr $shown of $realip_remote_addr" always; root {root}; index in.txt; }
}`,
  },
  [
    ...values.flatMap(value => [
      get('/', 'Host: first', `X-Real-IP: ${value}`),
      get('/', 'Host: xff', `X-Forwarded-For: ${value}`),
      get('/', 'Host: xffr', `X-Forwarded-For: ${value}`),
      get('/', 'Host: other', `CF-Connecting-IP: ${value}`),
      get('/in.txt', 'Host: late', `X-Real-IP: ${value}`),
    ]),
    get('/', 'Host: first'),
    get('/in.txt', 'Host: first', 'X-Real-IP: 9.9.9.9'),
    get('/in.txt', 'Host: first', 'X-Real-IP: 9.9.9.8'),
    get('/', 'Host: proxied', 'X-Real-IP: 1.2.3.4'),
    get('/', 'Host: nobody', 'X-Real-IP: 1.2.3.4'),
    get('/', 'Host: xff', 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 2.2.2.2'),
    get('/', 'Host: xffr', 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 10.2.2.2'),
    get('/', 'Host: xffr', 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: x'),
    get('/', 'Host: first', 'X-Real-IP: 1.1.1.1', 'X-Real-IP: 2.2.2.2'),
    get('/', 'Host: other', 'cf-connecting-ip: 1.1.1.1', 'CF-Connecting-IP: 2.2.2.2'),
    kept(
      'each request of a connection has its own client',
      'GET / HTTP/1.1\r\nHost: first\r\nX-Real-IP: 1.2.3.4\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: first\r\n\r\n',
    ),
  ],
);

const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const signature = '\r\n\r\n\0\r\nQUIT\n';

/** A header of version 2: command, family and transport, and what follows. */
function binary(command: number, family: number, content: string): string {
  const head = [command, family, content.length >> 8, content.length & 255];
  return signature + String.fromCharCode(...head) + content;
}

const inet = '\x01\x02\x03\x04\x05\x06\x07\x08\x00\x50\x1f\x90';
const inet6 = `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01${'\0'.repeat(15)}\x02\x00\x50\x00\x00`;

const headers: readonly string[] = [
  ...['PROXY TCP4 1.2.3.4 5.6.7.8 80 65535\r\n', 'PROXY TCP6 2001:db8::1 ::2 1 0\r\n', 'PROXY UNKNOWN\r\n'],
  ...['PROXY UNKNOWN a b c d\r\n', 'PROXY TCP4 not-an-address b 1 2\r\n', 'PROXY TCP4 fe.fe abc 1 2\r\n'],
  ...[
    'PROXY TCP4 1.2.3.4 5.6.7.8 80 65536\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 80\r\n',
    'PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n',
  ],
  ...['PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n'],
  ...[
    'proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 0 0\r\n',
    '',
  ],
  ...[binary(0x21, 0x11, inet), binary(0x21, 0x21, inet6), binary(0x20, 0, ''), binary(0x20, 0x11, inet)],
  ...[
    binary(0x21, 0x12, inet),
    binary(0x21, 0x31, 'u'.repeat(216)),
    binary(0x11, 0x11, inet),
    binary(0x21, 0x11, 'short'),
  ],
  ...[binary(0x21, 0x11, `${inet}\x02\x00\x03abc`), binary(0x22, 0x11, inet), binary(0x21, 0x11, `${inet}\x02\xff`)],
];

differential(
  'proxy_protocol',
  {
    log: '$proxy_protocol_addr $realip_remote_addr',
    http: `${port}
server {
  listen 127.0.0.1:{port} proxy_protocol;
  set_real_ip_from 127.0.0.1;
  real_ip_header proxy_protocol;
  ${answer('$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port')}
}
server { listen 127.0.0.1:{port}; server_name y; ${answer('$proxy_protocol_addr')} }`,
  },
  headers.map((header): Case => raw(JSON.stringify(header), header + request)),
);
