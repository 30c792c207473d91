/** if: every condition, and the settings that its block has hold. */
import { ask, differential, get } from './harness.js';

const files = {
  'a.txt': 'a\n',
  'if.txt': 'outside\n',
  'other/if.txt': 'inside\n',
  'deep/if.txt': 'deep\n',
  'index.html': '<p>\n',
  'run.sh': '#!\n',
  'dark/secret.txt': 'secret\n',
  'other/': '',
};

const tell = "return 200 '$uri|$args|$1|$2|$name|$x'";

/** A location that answers with yes or no. */
const asks = (path: string, condition: string) =>
  `location ${path} { set $x no; if (${condition}) { set $x yes; } return 200 '$x|$1|$name|$uri'; }\n`;

const http = `
rewrite_log on;
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {root};
  ${asks('/true/', '$arg_v')}
  ${asks('/blanks/', ' $arg_v ')}
  ${asks('/equal/', '$arg_v = yes')}
  ${asks('/unequal/', '$arg_v != yes')}
  ${asks('/quoted/', '$arg_v = "a b"')}
  ${asks('/nothing/', '$arg_v = ""')}
  ${asks('/other/', '$arg_v = $arg_w')}
  ${asks('/match/', '$arg_v ~ ^a(b*)c$')}
  ${asks('/matchi/', '$arg_v ~* ^a(b*)c$')}
  ${asks('/nomatch/', '$arg_v !~ ^a(b*)c$')}
  ${asks('/nomatchi/', '$arg_v !~* ^a(b*)c$')}
  ${asks('/named/', '$arg_v ~ ^(?<name>a*)(b*)$')}
  ${asks('/braces/', '$arg_v ~ "^a{2,3}$"')}
  ${asks('/method/', '$request_method = POST')}
  ${asks('/agent/', '$http_user_agent ~* "(curl|wget)/([0-9]+)"')}
  ${asks('/f/', '-f {root}/$arg_v')}
  ${asks('/notf/', '!-f {root}/$arg_v')}
  ${asks('/d/', '-d {root}/$arg_v')}
  ${asks('/notd/', '!-d {root}/$arg_v')}
  ${asks('/e/', '-e {root}/$arg_v')}
  ${asks('/note/', '!-e {root}/$arg_v')}
  ${asks('/x/', '-x {root}/$arg_v')}
  ${asks('/notx/', '!-x {root}/$arg_v')}
  ${asks('/filename/', '-f $request_filename')}
  ${asks('~ ^/capture/(.*)$', '-f {root}/$1')}
  ${asks('~ ^/escaped/(.*)$', '$arg_v = $1')}
  location /return/ { if ($arg_v) { return 403; } ${tell} }
  location /last/ { if ($arg_v) { rewrite ^/last/(.*)$ /told/$1 last; } ${tell} }
  location /break/ { if ($arg_v) { rewrite ^/break/(.*)$ /$1 break; } return 404; }
  location /broken/ { set $x 1; if ($arg_v) { set $x 2; break; set $x 3; } set $x 4; ${tell} }
  location /kept/ { set $x 1; if ($arg_v) { set $x 2; } add_header X-X $x; try_files /a.txt =404; }
  location /root/ { if ($arg_v) { root {root}/other; } rewrite ^/root/(.*)$ /$1 break; }
  location /heads/ { add_header X-Out 1; if ($arg_v) { add_header X-In 1; } rewrite ^ /a.txt break; }
  location /headsof/ { add_header X-Out 1; if ($arg_v) { set $x 1; } add_header X-Out 2; rewrite ^ /a.txt break; }
  location /expires/ { expires -1; if ($arg_v = a) { expires epoch; } if ($arg_w) { expires max; } rewrite ^ /a.txt break; }
  location /several/ {
    if ($arg_a) { add_header X-A 1; }
    if ($arg_b) { add_header X-B 1; }
    if ($arg_c) { set $x c; }
    rewrite ^ /a.txt break;
  }
  location /page/ { error_page 404 /told/out; if ($arg_v) { error_page 404 =200 /told/in; } if ($arg_w) { return 404; } }
  location /nolog/ { if ($arg_v) { access_log off; } ${tell} }
  location /try/ { try_files /a.txt =404; if ($arg_v) { set $x 1; } }
  location /status/ { stub_status; if ($arg_v) { return 200 no; } if ($arg_w) { add_header X-Y 1; return 204; } }
  location /filenames/ { root {root}/other; if ($arg_v) { root {root}/deep; set $x $document_root; } return 200 $x; }
  location /index/ { root {root}/deep; if ($arg_v) { root {root}; } rewrite ^ / break; }
  location /alias/ { alias {root}/; if ($arg_v) { add_header X-In 1; } }
  location /nested/ {
    add_header X-Level 1;
    if ($arg_v) { add_header X-If 1; }
    location /nested/in/ { alias {root}/; if ($arg_w) { add_header X-If 2; } }
  }
  location /told { ${tell} }
  location /sendfile/ { if ($arg_v) { sendfile on; } rewrite ^ /a.txt break; }
  location /log/ { rewrite_log off; if ($arg_v ~ a) { rewrite ^ /told? last; } ${tell} }
  location /zero/ { if ($arg_v ~ "(z)?(y)") { ${tell} } ${tell} }
  location /dark/ { if (-f {root}/dark/$arg_v) { return 200 yes; } return 200 no; }
  location /counted/ {
    set $x a;
    set $x "\${x}b";
    if (-f {dir}/temp/$arg_v) { set $x "\${x}c"; }
    if (!-f {dir}/temp/$arg_w) { set $x "\${x}d"; root {root}/other; }
    if (!-d {dir}/temp/$arg_u) { set $x "\${x}e"; }
    return 200 '$x $document_root';
  }
  location = /limited { limit_except GET { deny all; } if ($arg_v) { return 200 in; } return 200 out; }
}
server {
  listen 127.0.0.1:{port};
  server_name server.test;
  root {root};
  set $x out;
  if ($arg_v) { set $x in; }
  if ($arg_stop) { return 410 'stopped $x'; }
  if ($host ~ ^(serv)er) { set $y $1; }
  if ($arg_to) { rewrite ^/(.*)$ /told/$1 last; set $x never; }
  if (!-e {dir}/temp/$arg_own) { set $x "$x, not own"; }
  if (!-e $request_filename) { set $x "$x, not there"; }
  if ($arg_go) { rewrite ^ https://$host/gone permanent; }
  location /told/ { return 200 '$uri|$args|$x|$y'; }
  location / { add_header X-X $x; }
}
`.replaceAll(`${tell} }`, `${tell}; }`);

const values = ['', '?v=', '?v=0', '?v=00', '?v=yes', '?v=a%20b', '?v=abc', '?v=ABBC', '?v=aab', '?v=aa&w=aa'];

const files2 = ['', 'a.txt', 'none', 'run.sh', 'other', 'other/', 'a.txt/x', 'dark/secret.txt', 'fifo'];

differential('rewrite-if', { files, http, modes: { 'run.sh': 0o755, 'a.txt': 0o644, dark: 0o700 } }, [
  ...['true', 'blanks', 'equal', 'unequal', 'nothing', 'other', 'named', 'braces'].flatMap(path =>
    values.map(value => get(`/${path}/${value}`)),
  ),
  ...['match', 'matchi', 'nomatch', 'nomatchi'].flatMap(path =>
    ['?v=abc', '?v=ABC', '?v=ac', '?v=x', ''].map(value => get(`/${path}/${value}`)),
  ),
  get('/quoted/?v=a b'),
  get('/quoted/?v=a%20b'),
  get('/method/'),
  ask('POST', '/method/', 'Content-Length: 0'),
  get('/agent/', 'User-Agent: Curl/8.1'),
  get('/agent/', 'User-Agent: x'),
  ...['f', 'notf', 'd', 'notd', 'e', 'note', 'x', 'notx'].flatMap(path =>
    files2.map(file => get(`/${path}/?v=${file}`)),
  ),
  get('/filename/a.txt'),
  get('/capture/a.txt'),
  get('/capture/none'),
  get('/escaped/a%20b?v=a%20b'),
  get('/dark/?v=secret.txt'),
  ...[
    'return',
    'last',
    'break',
    'broken',
    'kept',
    'heads',
    'headsof',
    'try',
    'filenames',
    'index',
    'log',
    'zero',
  ].flatMap(path => ['', '?v=1', '?v=a&w=1', '?v=y'].map(query => get(`/${path}/a.txt${query}`))),
  ...['', '?v=1'].flatMap(query => [
    get(`/root/if.txt${query}`),
    get(`/alias/a.txt${query}`),
    get(`/nested/in/a.txt${query}`),
    get(`/nested/in/a.txt?w=1${query.slice(1)}`),
    get(`/nested/a.txt${query}`),
    get(`/sendfile/${query}`),
    get(`/nolog/${query}`),
    get(`/limited${query}`),
    ask('POST', `/limited${query}`, 'Content-Length: 0'),
  ]),
  get('/status/?v=1'),
  get('/status/?w=1'),
  ...['', '?v=a', '?w=1', '?v=a&w=1', '?v=b'].map(query => get(`/expires/${query}`)),
  ...['', '?a=1', '?b=1', '?c=1', '?a=1&b=1', '?a=1&c=1', '?b=1&c=1'].map(query => get(`/several/${query}`)),
  ...['', '?v=1', '?w=1', '?v=1&w=1'].map(query => get(`/page/${query}`)),
  ...['/', '/a.txt', '/a.txt?v=1', '/none?v=1', '/a.txt?stop=1&v=1', '/x?to=1&v=1', '/x?go=1&v=1', '/told/'].map(
    target => get(target, 'Host: server.test'),
  ),
]);

/** Names in a server's own folder that nobody has asked for before: the kernel does not know of them, and a thread looks them up. */
const unknown = ['v=u1', 'v=u2&w=u3', 'v=u4&w=u5&u=u6', 'w=u7/u8', 'u=../temp/u9'];

differential(
  'rewrite-if with threads',
  { files, http: `aio threads;\n${http}`, modes: { 'run.sh': 0o755, dark: 0o700 } },
  [
    ...unknown.map(query => get(`/counted/?${query}`)),
    ...['f', 'notf', 'x'].flatMap(path => files2.map(file => get(`/${path}/?v=${file}`))),
    ...['u10', 'u11', 'u12/u13'].map(name => get(`/none?own=${name}&v=1`, 'Host: server.test')),
    get('/dark/?v=secret.txt'),
  ],
);
