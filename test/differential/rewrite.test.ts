/** rewrite, return, set and break, in servers and in locations. */
import { ask, differential, get } from './harness.js';

const files = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'to/a.txt': 'to a\n',
  'to/b c.txt': 'to b c\n',
  'in/to/a.txt': 'in to a\n',
  'index.html': '<p>\n',
};

/** What a script comes to: the answer says what the variables are. */
const tell = "return 200 '$uri|$args|$request_uri|$1|$2|$x'";

const http = `
rewrite_log on;
map $arg_m $mapped { default d; a A; ~^(b+)$ "<$1>"; }
map $x $later_mapped { default x=$x; }
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {root};
  set $x '';
  location /last/ { rewrite ^/last/(.*)$ /to/$1 last; return 200 never; }
  location /break/ { rewrite ^/break/(.*)$ /to/$1 break; return 200 never; }
  location /breaking/ { rewrite ^/breaking/(.*)$ /to/$1; break; return 200 never; }
  location /none/ { rewrite ^/none/(.*)$ /told/$1; ${tell}; }
  location /on/ { rewrite ^/on/(.*)$ /told/$1; }
  location /twice/ { rewrite ^/twice/(.*)$ /once/$1; rewrite ^/once/(.*)$ /told/$1?n=2; rewrite (z) /z/$1; }
  location /redirect/ { rewrite ^/redirect/(.*)$ /to/$1 redirect; }
  location /permanent/ { rewrite ^/permanent/(.*)$ /to/$1?a=b permanent; }
  location /dropped/ { rewrite ^/dropped/(.*)$ /to/$1? permanent; }
  location /away/ { rewrite ^/away/(.*)$ http://example.org/$1; }
  location /secure/ { rewrite ^/secure/(.*)$ https://example.org/$1?x=y last; }
  location /scheme/ { rewrite ^/scheme/(.*)$ $scheme://$host/$1 break; }
  location /query/ { rewrite ^/query/(.*)$ /told?q=$1 last; }
  location /noquery/ { rewrite ^/noquery/(.*)$ /told? last; }
  location /queries/ { rewrite ^/queries/(.*)/(.*)$ /told/$2?a=$1&b=$2? last; }
  location /marks/ { rewrite ^ /told?a?b last; }
  location /isargs/ { rewrite ^/isargs/(.*)$ /told/$1$is_args$args? last; }
  location /empty/ { rewrite ^/empty/(.*)$ $1 last; }
  location /relative/ { rewrite ^/relative/(.*)$ $1 last; }
  location /names/ { rewrite ^/names/(?<first>[^/]*)/(?<Second>.*)$ /told/$second/$first?s=$Second last; }
  location /miss/ { rewrite ^/miss/(a+)$ /told/$1 last; rewrite ^/miss/(b+)$ /told/b$1 last; ${tell}; }
  location /forget/ { rewrite ^/(forget)/ /still/$1; rewrite ^/nothing(.*) /x$1; ${tell}; }
  location /set/ { rewrite ^/set/(.*)$ /told/set; set $x '$1-$uri-$args'; ${tell}; }
  location ~ ^/raw/(.*)$ { set $x $1; set $y "<$1>"; return 200 $x|$y|$1; }
  location ~ ^/quoted/(.*)$ { rewrite ^/quoted/(.*)$ /other?x=$1; set $x $1; return 200 $x|$uri|$args|$1; }
  location ~ ^/first/(?<tail>.*)$ { return 200 $tail|$1; }
  location /args/ { set $args 'q=$arg_q&more'; rewrite ^ /told last; }
  location /override/ { set $http_x_own mine; return 200 '$http_x_own'; }
  location /swap/ { set $x 1; set $x '$x$x'; set $x '\${x}3'; return 200 '$x'; }
  location /loop/ { rewrite ^ /loop/x last; }
  location /loop9/ { rewrite "^/loop9/(x{9})$" /told/$1 last; rewrite ^/loop9/(x*)$ /loop9/x$1 last; }
  location /loop10/ { rewrite "^/loop10/(x{10})$" /told/$1 last; rewrite ^/loop10/(x*)$ /loop10/x$1 last; }
  location /loop11/ { rewrite "^/loop11/(x{11})$" /told/$1 last; rewrite ^/loop11/(x*)$ /loop11/x$1 last; }
  location /looped/ { error_page 500 /told/500; rewrite ^ /looped/x last; }
  location /inside/ { rewrite ^ /internal/a.txt last; }
  location /internal/ { internal; alias {root}/; }
  location /alias/ { alias {root}/to/; rewrite ^/alias/x/(.*)$ /alias/$1 last; rewrite ^/alias/y/(.*)$ /alias/$1 break; }
  location /dir/ { rewrite ^/dir/$ / break; }
  location /tried/ { rewrite ^/tried/(.*)$ /to/$1 break; try_files $uri /told/tried; }
  location /errors/ { error_page 404 /told/missing; rewrite ^/errors/(.*)$ /nowhere/$1 break; }
  location /told { ${tell}; }
  location /quiet/ { rewrite_log off; rewrite ^/quiet/(.*)$ /told/$1 last; }
  location /warned/ { return 200 '$later'; }
  location /unwarned/ { uninitialized_variable_warn off; return 200 '$later'; }
  location /never/ { set $later 1; }
  location = /break-only { break; }
  location /after/ { set $x 1; break; set $x 2; }
  location /case/ { rewrite ^/CASE/(.*)$ /to/$1 last; rewrite (?i)^/CASE/(.*)$ /told/$1 last; }
  location /prefix { rewrite ^/prefix(.*) $1 last; }
  location /map/ { return 200 '$mapped|$later_mapped'; }
  location /map/set/ { set $mapped own; return 200 '$mapped'; }
  location /map/first/ { set $x "$mapped|$1"; set $mapped "$mapped own"; return 200 '$x|$mapped|$later_mapped'; }
  location /map/cached/ { set $y $later_mapped; set $x new; return 200 '$y|$later_mapped'; }
  location /set/args/ { set $args "a=$arg_m"; return 200 '$args|$is_args|$query_string|$arg_a|$request_uri'; }
  location /late/set/ { set $late set; return 200 '$late'; }
  location ~ ^/late/captured/(?<late>.*)$ { return 200 '$late'; }
  location ~ ^/late/both/(?<late>.*)$ { set $late "$late!"; if ($arg_v ~ ^(?<late>a+)) { set $x 1; } return 200 '$late'; }
  location ~ ^/set/named/(?<name>.*)$ { set $name "<$name>"; return 200 '$name'; }
  location /host/ { rewrite ^/host/(.*)$ /told/$host/$1/$http_x_a last; }
}
server {
  listen 127.0.0.1:{port};
  server_name server.test;
  root {root};
  set $z server;
  rewrite ^/s/(.*)$ /to/$1 last;
  rewrite ^/gone/ /away/;
  rewrite ^/gone2/ /away2/ break;
  rewrite ^/r/(.*)$ /to/$1 redirect;
  rewrite ^/both/(.*)$ /again/$1;
  rewrite ^/again/(.*)$ /told/$1?server last;
  rewrite ^/hidden/(.*)$ /internal/$1;
  rewrite ^/aliased/(.*)$ /alias/$1 break;
  set $z after;
  location /to/ { }
  location /told/ { return 200 '$uri|$args|$z|$1'; }
  location /internal/ { internal; alias {root}/; }
  location /alias/ { alias {root}/; }
  location /page/ { error_page 404 /s/a.txt; }
}
server {
  listen 127.0.0.1:{port};
  server_name closed.test;
  root {root};
  error_page 403 /denied.html;
  return 403;
}
server {
  listen 127.0.0.1:{port};
  server_name ~^(?<sub>[a-z]+)-([0-9])\\.name\\.test$;
  set $y $2;
  rewrite ^/one/(.*)$ /told/$sub/$1/$2;
  if ($sub = shut) { return 403 '$sub $1 $2'; }
  location / { return 200 '$uri|$sub|$1|$2|$y'; }
}
server {
  listen 127.0.0.1:{port};
  server_name told.test;
  return 301 https://told.test$request_uri;
}
`;

const each = [
  '/last/a.txt',
  '/last/none',
  '/last/a.txt?q=1',
  '/break/a.txt',
  '/break/b%20c.txt',
  '/breaking/a.txt',
  '/none/x',
  '/none/x?q',
  '/on/x',
  '/on/a%20b',
  '/twice/x',
  '/twice/x?q',
  '/redirect/x',
  '/redirect/x?q=1',
  '/redirect/a%20b',
  '/redirect/a%2Fb%3Fc',
  '/redirect/a+b',
  '/redirect/%C3%A4%25',
  '/redirect/a%26b%3Bc',
  '/redirect/%22%3C%3E',
  '/permanent/x',
  '/permanent/x?q=1',
  '/permanent/a%20b?q=%20',
  '/dropped/x?q=1',
  '/away/x',
  '/away/x?q=1',
  '/away/a%20b?q=1',
  '/secure/x',
  '/secure/x?q=1',
  '/scheme/x?q=1',
  '/query/x',
  '/query/x?q=1',
  '/query/a%20b%26c%3Dd',
  '/query/a+b',
  '/query/a%2Bb%25%23',
  '/query/%3Ba%3F',
  '/noquery/x?q=1',
  '/queries/1/2',
  '/queries/1%20x/2%20y?q=1',
  '/marks/',
  '/marks/?q',
  '/isargs/x',
  '/isargs/x?q=1',
  '/empty/',
  '/relative/x',
  '/names/a/b',
  '/names/a%20b/c%20d',
  '/miss/aa',
  '/miss/bb',
  '/miss/cc',
  '/forget/x',
  '/set/x?q=1',
  '/set/x%20y',
  '/raw/x',
  '/raw/x%20y',
  '/raw/x+y%26',
  '/quoted/x',
  '/quoted/x%20y',
  '/first/a%20b',
  '/args/?q=5',
  '/override/',
  '/swap/',
  '/map/?m=a',
  '/map/?m=bb',
  '/map/',
  '/map/set/?m=a',
  '/map/first/?m=bb',
  '/map/cached/',
  '/set/args/?m=1',
  '/set/named/x',
  '/late/set/',
  '/late/captured/x',
  '/late/both/x',
  '/late/both/x?v=aab',
  '/loop/',
  '/loop9/',
  '/loop10/',
  '/loop11/',
  '/looped/',
  '/inside/',
  '/internal/a.txt',
  '/alias/a.txt',
  '/alias/x/a.txt',
  '/alias/y/a.txt',
  '/dir/',
  '/dir/x',
  '/tried/a.txt',
  '/tried/none',
  '/errors/x',
  '/quiet/x',
  '/warned/',
  '/unwarned/',
  '/break-only',
  '/after/',
  '/case/x',
  '/prefix/a.txt',
  '/prefix',
  '/prefixa.txt',
];

const byServer: readonly (readonly [host: string, target: string])[] = [
  ['server.test', '/s/a.txt'],
  ['server.test', '/s/none'],
  ['server.test', '/gone/x'],
  ['server.test', '/gone2/x'],
  ['server.test', '/r/x?q'],
  ['server.test', '/both/x?q'],
  ['server.test', '/told/x'],
  ['server.test', '/hidden/a.txt'],
  ['server.test', '/internal/a.txt'],
  ['server.test', '/alias/a.txt'],
  ['server.test', '/aliased/a.txt'],
  ['server.test', '/page/none'],
  ['server.test', '/a.txt'],
  ['closed.test', '/a.txt'],
  ['closed.test', '/denied.html'],
  ['abc-1.name.test', '/'],
  ['abc-1.name.test', '/one/x'],
  ['shut-1.name.test', '/x'],
  ['told.test', '/a?b=c'],
  ['told.test', '/'],
];

differential('rewrite', { files, http }, [
  ...each.map(target => get(target)),
  ...byServer.map(([host, target]) => get(target, `Host: ${host}`)),
  get('/override/', 'X-Own: yours'),
  get('/host/x', 'Host: LOCALHOST', 'X-A: a b'),
  ask('HEAD', '/last/a.txt'),
  ask('HEAD', '/redirect/a'),
  ask('HEAD', '/none/x'),
  ask('POST', '/redirect/a', 'Content-Length: 0'),
  ask('POST', '/last/a.txt', 'Content-Length: 0'),
  ask('PUT', '/none/a.txt', 'Content-Length: 0'),
]);
