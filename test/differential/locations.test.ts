/** Which server, which location, which file; and what error_page and try_files make of what is not there. */
import { ask, differential, get, head, kept, raw } from './harness.js';

const files = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'index.html': '<p>index\n',
  'error.html': '<p>error\n',
  'd/index.html': '<p>d\n',
  'd/a.txt': 'd a\n',
  'd/e/a.txt': 'd e a\n',
  'images/x.png': 'png\n',
  'other/d/a.txt': 'other d a\n',
};

const says = (what: string) => `return 200 '${what} $uri $1 $name\n';`;

const http = `
default_type text/plain;
server {
  listen 127.0.0.1:{port} default_server;
  server_name localhost;
  location / { ${says('slash')} }
  location = / { ${says('exact slash')} }
  location = /exact { ${says('exact')} }
  location /exact { ${says('prefix exact')} }
  location /pre { ${says('pre')} }
  location /prefix/ { ${says('prefix')} }
  location /prefix/longer/ { ${says('longer')} }
  location ^~ /images/ { ${says('images')} }
  location /docs/ { ${says('docs')} location /docs/in/ { ${says('docs in')} } location ~ in\\.txt$ { ${says('docs regex')} } }
  location ^~ /quiet/ { ${says('quiet')} location /quiet/in/ { ${says('quiet in')} location = /quiet/in/exact { ${says('quiet exact')} } } }
  location ~ \\.(png|gif)$ { ${says('image')} }
  location ~* \\.JPE?G$ { ${says('photo')} }
  location ~ ^/first { ${says('first regex')} }
  location ~ ^/firstly { ${says('never')} }
  location ~ ^/named/(?<name>[a-z]+)/(\\d+)$ { ${says('named')} }
  location ~ "^/braces/[0-9]{2,3}$" { ${says('braces')} }
  location /with%20blank { ${says('percent')} }
  location "/with blank" { ${says('blank')} }
  location ~ ^/umlaut/\xc3\xa4$ { ${says('umlaut')} }
  location ~ ^/query\\? { ${says('question')} }
  location /outer/ { location ~ ^/outer/(.*)\\.php$ { ${says('php')} } location /outer/inner/ { ${says('inner')} } ${says('outer')} }
  location @named { ${says('at')} }
}
server {
  listen 127.0.0.1:{port};
  server_name one.test www.one.test;
  return 200 'one $host $server_name $http_host\n';
}
server {
  listen 127.0.0.1:{port};
  server_name *.wild.test .both.test;
  return 200 'wild $host $server_name\n';
}
server {
  listen 127.0.0.1:{port};
  server_name *.longer.wild.test trail.*;
  return 200 'longer $host $server_name\n';
}
server {
  listen 127.0.0.1:{port};
  server_name ~^(?<sub>[a-z]+)\\.regex\\.test$ ~^([a-z])([0-9])\\.test$;
  return 200 'regex $host $sub $1 $2 $server_name\n';
}
server {
  listen 127.0.0.1:{port};
  server_name "";
  return 200 'empty $host\n';
}
`;

const targets = [
  '/',
  '/x',
  '/exact',
  '/exactly',
  '/exact/',
  '/pre',
  '/prefix',
  '/prefix/',
  '/prefix/long',
  '/prefix/longer/x',
  '/images/x.png',
  '/imagesx.png',
  '/x.png',
  '/x.PNG',
  '/x.jpg',
  '/x.JPEG',
  '/x.jpeg?x',
  '/docs/',
  '/docs/in/',
  '/docs/in/x.png',
  '/docs/x/in.txt',
  '/docs/in/in.txt',
  '/quiet/x.png',
  '/quiet/in/x.png',
  '/quiet/in/exact',
  '/first',
  '/firstly',
  '/named/abc/12',
  '/named/ABC/12',
  '/braces/12',
  '/braces/1234',
  '/with%20blank',
  '/with%2520blank',
  '/umlaut/%C3%A4',
  '/query?',
  '/query%3F',
  '/outer/x.php',
  '/outer/inner/x.php',
  '/outer/inner/x',
  '/@named',
  '//exact',
  '/%65xact',
  '/prefix/../exact',
  '*',
];

const hosts = [
  'localhost',
  'one.test',
  'ONE.test',
  'one.test:8080',
  'one.test.',
  'www.one.test',
  'x.one.test',
  'a.wild.test',
  'wild.test',
  'both.test',
  'x.both.test',
  'x.y.both.test',
  'a.longer.wild.test',
  'longer.wild.test',
  'trail.de',
  'trail.co.uk',
  'trail',
  'abc.regex.test',
  'ABC.regex.test',
  'a1.test',
  '1a.test',
  '127.0.0.1',
  '127.0.0.1:{port}',
  '[::1]',
  '[::1]:80',
  'none.test',
  '',
];

differential('locations', { files, http }, [
  ...targets.map(target => get(target)),
  ...hosts.map(host => get('/', `Host: ${host}`)),
  ...hosts
    .filter(host => host !== '')
    .map(host => raw(`an absolute target at ${host}`, `GET http://${host}/x HTTP/1.1\r\nHost: localhost\r\n\r\n`)),
  raw('no Host by HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'),
  raw('a Host by HTTP/1.0', 'GET / HTTP/1.0\r\nHost: one.test\r\n\r\n'),
  kept(
    'one connection and two servers',
    head('GET', '/', 'Host: one.test'),
    head('GET', '/', 'Host: x.wild.test'),
    head('GET', '/exact'),
  ),
]);

const errors = `
default_type text/plain;
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {root};
  error_page 404 /error.html;
  error_page 405 =200 /a.txt;
  location /plain/ { error_page 404 /none.html; }
  location /equal/ { error_page 404 = /a.txt; }
  location /equal200/ { error_page 404 =200 /a.txt; }
  location /equal204/ { error_page 404 =204 /a.txt; }
  location /equal301/ { error_page 404 =301 /a.txt; }
  location /equal404/ { error_page 403 =404 /a.txt; return 403; }
  location /named/ { error_page 404 @fallback; }
  location /named200/ { error_page 404 =200 @fallback; }
  location /namedeq/ { error_page 404 = @fallback; }
  location /namednone/ { error_page 404 @none; }
  location /url/ { error_page 404 http://example.org/missing; }
  location /url301/ { error_page 404 =301 http://example.org/missing; }
  location /urlvar/ { error_page 404 http://example.org$request_uri; }
  location /uri/ { error_page 404 /say$uri?x=$arg_x; }
  location /several/ { error_page 403 404 410 /error.html; return 410; }
  location /two/ { error_page 404 /a.txt; error_page 404 /b.txt; }
  location /none/ { error_page 500 /x; }
  location /chain/ { error_page 404 /chain2/x; }
  location /chain2/ { error_page 404 /a.txt; }
  location /recursive/ { recursive_error_pages on; error_page 404 /recursive2/x; }
  location /recursive2/ { recursive_error_pages on; error_page 404 =202 /a.txt; }
  location /loop/ { recursive_error_pages on; error_page 404 /loop/x; }
  location /internal/ { internal; root {root}; error_page 404 /a.txt; }
  location /redirected/ { error_page 301 =200 /a.txt; return 301 /x; }
  location /return404/ { return 404; }
  location /return404text/ { return 404 gone; }
  location /return500/ { error_page 500 502 /error.html; return 500; }
  location /return444/ { return 444; }
  location /return499/ { return 499; }
  location /return204/ { return 204; }
  location /return204text/ { return 204 text; }
  location /return304/ { return 304; }
  location /return301/ { return 301; }
  location /return302/ { return 302 /a?b=c; }
  location /return303/ { return 303 http://example.org/; }
  location /return307/ { return 307 relative; }
  location /return308/ { return 308 $scheme://$host$uri; }
  location /return300/ { return 300 choices; }
  location /return305/ { return 305 x; }
  location /return400/ { return 400; }
  location /return402/ { return 402; }
  location /return413/ { return 413; }
  location /return418/ { return 418; }
  location /return418text/ { return 418 teapot; }
  location /return429/ { return 429; }
  location /return451/ { return 451; }
  location /return494/ { return 494; }
  location /return503/ { return 503; }
  location /return599/ { return 599; }
  location /return600/ { return 600; }
  location /return999/ { return 999 x; }
  location /return200/ { return 200; }
  location /return200empty/ { return 200 ""; }
  location /return200html/ { default_type text/html; return 200 '<p>$uri'; }
  location /return201/ { return 201 made; }
  location /returnurl/ { return http://example.org$request_uri; }
  location /returntype.html { return 200 x; }
  location /say/ { return 200 '$uri|$args|$request_uri|$status'; }
  location @fallback { return 200 'fallback $uri $args'; }
  location /tokens/ { server_tokens off; }
  location /headers/ { error_page 404 /headed/x; add_header X-Out out always; }
  location /headed/ { add_header X-In in; add_header X-Always always always; return 404; }
  location /try/ { try_files $uri /a.txt; }
  location /try404/ { try_files $uri =404; }
  location /try403/ { try_files $uri =403; }
  location /try444/ { try_files $uri =444; }
  location /trynamed/ { try_files $uri @fallback; }
  location /tryfolder/ { root {root}; rewrite ^/tryfolder(/.*)$ $1 break; try_files $uri/ $uri /say/none?$args; }
  location /tryargs/ { try_files /none /say/x?a=b&$args; }
  location /tryseveral/ { try_files /none /d/ /a.txt =404; }
  location /tryindex/ { try_files /d/index.html =404; }
  location /tryalias/ { alias {root}/d/; try_files $uri e/a.txt /a.txt; }
  location ~ ^/tryregex/(.*)$ { try_files /d/$1 /$1 =404; }
  location /trytype/ { types { } default_type text/x; try_files /index.html =404; }
  location /alias/ { alias {root}/d/; }
  location /aliased { alias {root}/d; }
  location ~ ^/aliasre/(.*)$ { alias {root}/d/$1; }
  location ~ ^/aliasidx/(.*)$ { alias {root}/d/$1; index a.txt; }
  location = /aliasexact { alias {root}/d/a.txt; }
  location /rootd/ { root {root}/other; rewrite ^/rootd(/.*)$ $1 break; }
  location /variable/ { root {root}/$arg_dir; rewrite ^/variable(/.*)$ $1 break; }
  location /limited/ { client_max_body_size 10; alias {root}/; }
}
`;

const errorTargets = [
  '/none',
  '/none?x=1',
  '/d',
  ...[
    ...[
      'plain',
      'equal',
      'equal200',
      'equal204',
      'equal301',
      'equal404',
      'named',
      'named200',
      'namedeq',
      'namednone',
      'url',
      'url301',
    ],
    ...[
      'urlvar',
      'uri',
      'several',
      'two',
      'none',
      'chain',
      'recursive',
      'loop',
      'internal',
      'redirected',
      'tokens',
      'headers',
      'headed',
    ],
  ].flatMap(name => [`/${name}/x`, `/${name}/x?x=1`]),
  ...[
    ...[
      '404',
      '404text',
      '500',
      '444',
      '499',
      '204',
      '204text',
      '304',
      '301',
      '302',
      '303',
      '307',
      '308',
      '300',
      '305',
      '400',
      '402',
    ],
    ...[
      '413',
      '418',
      '418text',
      '429',
      '451',
      '494',
      '503',
      '599',
      '600',
      '999',
      '200',
      '200empty',
      '200html',
      '201',
      'url',
    ],
  ].map(name => `/return${name}/x?q`),
  '/returntype.html',
  '/say/x?y',
  '/try/x',
  '/try404/x',
  '/try403/x',
  '/try444/x',
  '/trynamed/x?y',
  '/tryfolder/d',
  '/tryfolder/d/',
  '/tryfolder/a.txt',
  '/tryfolder/x?y',
  '/tryargs/?c=d',
  '/tryargs/',
  '/tryseveral/',
  '/tryindex/',
  '/tryalias/a.txt',
  '/tryalias/x',
  '/tryregex/a.txt',
  '/tryregex/b.txt',
  '/tryregex/x',
  '/trytype/',
  '/alias/a.txt',
  '/alias/',
  '/alias',
  '/alias/../a.txt',
  '/alias/e',
  '/aliased/a.txt',
  '/aliased',
  '/aliasedx',
  '/aliasre/a.txt',
  '/aliasre/e',
  '/aliasre/x',
  '/aliasre/',
  '/aliasidx/',
  '/aliasexact',
  '/rootd/d/a.txt',
  '/rootd/d',
  '/variable/a.txt?dir=d',
  '/variable/a.txt',
  '/variable/a.txt?dir=none',
];

differential('errors', { files, http: errors }, [
  ...errorTargets.map(target => get(target)),
  ...[
    '/none',
    '/named/x',
    '/url/x',
    '/return404/x',
    '/return404text/x',
    '/return204/x',
    '/return304/x',
    '/return302/x',
    '/return200/x',
    '/return201/x',
    '/equal204/x',
  ].map(target => ask('HEAD', target)),
  ...['/none', '/a.txt', '/named/x', '/say/x', '/return404/x', '/return301/x', '/try/x'].flatMap(target => [
    ask('POST', target, 'Content-Length: 0'),
    ask('PUT', target, 'Content-Length: 0'),
  ]),
  ...['/return301/x', '/return404/x', '/none'].map(target =>
    raw(`HTTP/1.0 ${target}`, `GET ${target} HTTP/1.0\r\nHost: localhost\r\n\r\n`),
  ),
  raw('a body above the limit', head('POST', '/limited/a.txt', 'Content-Length: 11')),
  raw('a body at the limit', `${head('POST', '/limited/a.txt', 'Content-Length: 10')}0123456789`),
  ...['MSIE 6.0', 'Mozilla/4.0 (compatible; MSIE 7.0)', 'Chrome/100 Safari/537'].map(agent =>
    get('/none/x', `User-Agent: ${agent}`),
  ),
]);
