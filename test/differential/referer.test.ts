/** `valid_referers`: which pages may link here. */
import { differential, get } from './harness.js';

const referers = [
  ...[
    'http://a.com',
    'http://a.com/',
    'HTTPS://A.COM:80/x',
    'https://b.com/',
    'ftp://a.com/',
    'a.com',
    '',
    '-',
    'http://',
  ],
  ...[
    'http://www.w.com/',
    'http://w.com/',
    'http://tail.org/',
    'http://tail.x.y/',
    'http://path.com/',
    'http://path.com/ok',
  ],
  ...[
    'http://path.com/okay/x',
    'http://path.com:80/ok',
    'http://path.com/no',
    'http://path.com',
    'http://re.google.de/x',
  ],
  ...[
    'http://x/GOOGLE',
    'http://srv.example/',
    'http://r12.example/',
    'http://r12.example.com/',
    'http://i.r',
    'http://i.ru',
  ],
  ...[
    `http://${'x'.repeat(256)}/google`,
    `http://${'x'.repeat(257)}/google`,
    'http://dot.org',
    'http://x.dot.org',
    'http://[::1]/',
  ],
];

differential(
  'referer',
  {
    http: `server {
  listen 127.0.0.1:{port};
  server_name srv.example ~^r\\d+\\.example$;
  valid_referers none blocked a.com *.w.com .dot.org tail.* path.com/ok ~google;
  location / { return 200 "[$invalid_referer]"; }
  location /names { valid_referers server_names; return 200 "[$invalid_referer]"; }
  location /strict { valid_referers a.com; valid_referers ~\\.google\\.; return 200 "[$invalid_referer]"; }
  location /regex { valid_referers ~^re\\.google; location /regex/in { return 200 "<$invalid_referer>"; } return 200 "[$invalid_referer]"; }
}
server { listen 127.0.0.1:{port}; server_name none; return 200 "[$invalid_referer]"; }`,
  },
  [
    ...['/', '/names', '/strict', '/regex', '/regex/in'].flatMap(target => [
      get(target),
      ...referers.map(text => get(target, `Referer: ${text}`)),
    ]),
    get('/', 'Host: none', 'Referer: http://x.com/'),
  ],
);
