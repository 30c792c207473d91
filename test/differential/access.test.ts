/** Who may come in: `allow`, `deny`, `auth_basic`, `satisfy`, `limit_except`. */
import { ask, type Case, differential, get, head, kept } from './harness.js';

function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;
}

/** All of them ask for "secret" but for the last ones. */
const users = `# comment:{PLAIN}secret
plain:{PLAIN}secret
colon:{PLAIN}secret:a comment
sha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=
ssha:{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0
apr1:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0
md5:$1$saltsalt$9xy1btjgzLYfb7hivXtC//
sha512:$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/
yes:$y$j9T$saltsaltsaltsalt$.Zt5W26jjocuW0wIHGgB6AJelofw6GEpOypHGyow2y5
des:abNANd1rDfiNc
empty:
star:*0
bad:!
plain:{PLAIN}second
long:{PLAIN}${'x'.repeat(500)}
cr:{PLAIN}secret\r
 space:{PLAIN}secret
last:{PLAIN}secret`;

const secured = 'auth_basic "the house"; auth_basic_user_file {root}/users;';

const locations: Readonly<Record<string, string>> = {
  '/all/': 'deny all;',
  '/mine/': 'allow 127.0.0.0/8; deny all;',
  '/nets/': 'deny 10.0.0.0/8; allow ::1; allow unix:; deny 127.0.0.0/25;',
  '/order/': 'allow 127.0.0.1; deny all; auth_basic off;',
  '/auth/': secured,
  '/realm/': 'auth_basic $arg_r; auth_basic_user_file {root}/$arg_f;',
  '/nofile/': 'auth_basic x; auth_basic_user_file {root}/nosuch;',
  '/folder/': 'auth_basic x; auth_basic_user_file {root}/dir;',
  '/secretfile/': 'auth_basic x; auth_basic_user_file {root}/closed;',
  '/filealone/': 'auth_basic_user_file {root}/users;',
  '/realmalone/': 'auth_basic x;',
  '/any/': `satisfy any; deny all; ${secured}`,
  '/anyin/': `satisfy any; allow 127.0.0.1; deny all; ${secured}`,
  '/anysay/': `satisfy any; allow 10.0.0.1; ${secured}`,
  '/anydeny/': 'satisfy any; deny all;',
  '/anybroken/': 'satisfy any; deny all; auth_basic x; auth_basic_user_file {root}/nosuch;',
  '/alldeny/': `deny all; ${secured}`,
  '/page/': 'deny all; error_page 403 /open/a;',
  '/page200/': 'deny all; error_page 403 =200 /open/a;',
  '/authpage/': `${secured} error_page 401 /open/a;`,
  '/authpage2/': `${secured} error_page 401 /auth/a;`,
  '/named/': `${secured} error_page 401 = @named;`,
  '/read/': 'limit_except GET { deny all; }',
  '/readauth/': `limit_except GET POST { ${secured} }`,
  '/readpost/': 'allow 127.0.0.1; limit_except POST { deny all; }',
  '/readreturn/': 'return 200 "text"; limit_except GET { allow all; }',
  '/outer/': `${secured} location /outer/in/ { auth_basic off; } location /outer/deny/ { deny all; }`,
  '/open/': '',
};

const http = `server { listen 127.0.0.1:{port}; root {root};
location @named { return 200 "named $remote_user"; }
${Object.entries(locations)
  .map(([path, text]) => `location ${path} { alias {root}/; ${text} }`)
  .join('\n')}
}
server { listen 127.0.0.1:{port}; server_name closed; root {root}; ${secured} location /open { auth_basic off; } location /gone { return 410; } }
`;

const names = [
  'plain',
  'colon',
  'sha',
  'ssha',
  'apr1',
  'md5',
  'sha512',
  'yes',
  'des',
  'empty',
  'star',
  'bad',
  'long',
  'cr',
  'last',
];
const forms: Case[] = names.flatMap(name => [
  get('/auth/a', basic(name, 'secret')),
  get('/auth/a', basic(name, 'Secret')),
]);

const headers = [
  'Basic',
  'Basic ',
  'Basic x',
  'Basic YQ==',
  'Basic YTo=',
  'Basic OmE=',
  'Basic Og==',
  'Digest YTpi',
  'basic cGxhaW46c2VjcmV0',
  'BASIC    cGxhaW46c2VjcmV0',
  'Basic cGxhaW46c2VjcmV0=',
  'Basic cGxhaW46c2VjcmV0==x',
  'Basic cGxhaW46c2Vj*mV0',
  'Basic cGxhaW46c2VjcmV0AHg=',
  'Basic cGxhaW46c2VjcmV0 ',
  'Basic cGxhaW46c2VjcmV0 x',
  'Basic cGxhaW46c2VjcmV0cGxha',
].map(value => get('/auth/a', `Authorization: ${value}`));

differential(
  'access',
  { http, files: { a: 'here', users, closed: users, 'dir/': '' }, modes: { closed: 0 }, log: '$remote_user' },
  [
    ...['all', 'mine', 'nets', 'order', 'page', 'page200', 'anydeny', 'readreturn'].flatMap(name => [
      get(`/${name}/a`),
      ask('HEAD', `/${name}/a`),
    ]),
    ...forms,
    ...headers,
    get('/auth/a', basic(' space', 'secret')),
    get('/auth/a', basic('# comment', 'secret')),
    get('/auth/a', basic('plain', '')),
    get('/auth/a', basic('plain', 'second')),
    get('/auth/a', basic('n\xf6body', 'x"y')),
    get('/auth/a', basic('long', 'x'.repeat(500))),
    get('/auth/a'),
    ask('HEAD', '/auth/a'),
    get('/realm/a?r=off'),
    get('/realm/a?r=&f=users'),
    get('/realm/a?r=OFF&f=users'),
    get('/realm/a?r=a"b&f=users'),
    get('/realm/a?r=x&f=users', basic('plain', 'secret')),
    get('/realm/a?r=x', basic('plain', 'secret')),
    ...['nofile', 'folder', 'secretfile', 'filealone', 'realmalone', 'authpage', 'authpage2', 'named'].flatMap(name => [
      get(`/${name}/a`),
      get(`/${name}/a`, basic('plain', 'secret')),
      get(`/${name}/a`, basic('plain', 'wrong')),
      ask('HEAD', `/${name}/a`),
    ]),
    ...['any', 'anyin', 'anysay', 'anybroken', 'alldeny'].flatMap(name => [
      get(`/${name}/a`),
      get(`/${name}/a`, basic('plain', 'secret')),
      get(`/${name}/a`, basic('plain', 'wrong')),
      get(`/${name}/nosuch`, basic('plain', 'secret')),
    ]),
    ...['read', 'readauth', 'readpost', 'readreturn'].flatMap(name =>
      ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'FOO', 'PATCH'].map(method =>
        ask(method, `/${name}/a`, 'Content-Length: 0'),
      ),
    ),
    get('/readauth/a', basic('plain', 'secret')),
    ask('DELETE', '/readauth/a', basic('plain', 'secret')),
    ...['/outer/a', '/outer/in/a', '/outer/deny/a'].map(path => get(path)),
    get('/outer/a', basic('plain', 'secret')),
    get('/outer/deny/a', basic('plain', 'secret')),
    get('/a', 'Host: closed'),
    get('/open', 'Host: closed'),
    get('/gone', 'Host: closed'),
    get('/a', 'Host: closed', basic('plain', 'secret')),
    kept(
      'several over one connection',
      head('GET', '/all/a'),
      head('GET', '/auth/a'),
      head('GET', '/auth/a', basic('plain', 'secret')),
      head('GET', '/mine/a'),
      head('GET', '/any/a'),
    ),
  ],
);

differential(
  'auth_delay',
  {
    http: `server { listen 127.0.0.1:{port}; root {root}; auth_delay 30ms; ${secured} }`,
    files: { a: 'here', users },
    log: '$remote_user',
  },
  [
    get('/a'),
    get('/a', basic('plain', 'secret')),
    get('/a', basic('plain', 'wrong')),
    get('/a', basic('nobody', 'wrong')),
    kept('twice', head('GET', '/a'), head('GET', '/a', basic('plain', 'secret'))),
  ],
);
