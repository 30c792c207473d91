/** Each directive with values that nginx takes and values that it refuses, in nginx's words. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complaint, FILE } from './fake-request.js';

type Place = 'main' | 'events' | 'http' | 'server' | 'location';

function configuration(place: Place, text: string): string {
  const at = (here: Place) => (here === place ? text : '');
  const server = `server { ${at('server')} location / { ${at('location')} } }`;
  return `${at('main')} events { ${at('events')} } http { ${at('http')} ${server} }`;
}

/** Directives that nginx 1.22.1 takes. */
const GOOD: Readonly<Record<Place, readonly string[]>> = {
  main: [
    'worker_processes auto;',
    'worker_processes 4;',
    'worker_cpu_affinity 01 10;',
    'worker_cpu_affinity auto;',
    'worker_cpu_affinity auto 0101;',
    'worker_rlimit_nofile 10;',
    'worker_shutdown_timeout 10s;',
    'daemon off;',
    'master_process off;',
    'pid run/x.pid;',
    'error_log stderr debug; error_log logs/e;',
    'user www-data;',
    'user www-data www;',
    // not in nginx
    'console off;',
    'console 8081;',
    'console 127.0.0.1:8081; console_auth anna "a b:c";',
    'console [::1]:8081;',
    'console localhost:8081;',
    `console *:8081; console_auth anna sha256:${'0a'.repeat(32)};`,
  ],
  events: ['worker_connections 10;', 'multi_accept on;', 'accept_mutex on;', 'use epoll;'],
  http: [
    'log_format x $uri;',
    'log_format x escape=json $http_x "a\\"b" $uri;',
    'log_format x a; access_log logs/a x;',
  ],
  server: [
    'server_name a *.b c.* .d "" $hostname ~^x$;',
    'try_files $uri =404;',
    'return 200 x;',
    'stub_status;',
    'stub_status on;',
    'large_client_header_buffers 4 8k;',
    'client_header_timeout 1m; client_header_buffer_size 2k; merge_slashes off;',
    'ignore_invalid_headers off; underscores_in_headers on;',
  ],
  location: [
    'root /x;',
    'root html$host;',
    'alias /x/;',
    'index a /b;',
    'index a; index b$host;',
    'types { text/html html htm; } types { a/b c; }',
    'types {}',
    'default_type "";',
    'sendfile ON; sendfile_max_chunk 0; output_buffers 1 64k; postpone_output 0; tcp_nopush on; tcp_nodelay off;',
    'aio off; directio off;',
    'keepalive_timeout 75s 60s; keepalive_requests 0; keepalive_time 1h;',
    'client_body_timeout 1; client_max_body_size 10g; send_timeout 60;',
    'lingering_close always; lingering_time 1m; lingering_timeout 1s; reset_timedout_connection on;',
    'etag off; if_modified_since before; max_ranges 5; server_tokens build;',
    'error_page 404 405 =200 /x; error_page 500 @y;',
    'error_page 404 = /x;',
    'open_file_cache max=10 inactive=20s; open_file_cache_valid 60; open_file_cache_min_uses 2;',
    'open_file_cache off; open_file_cache_errors on; log_not_found off; internal;',
    'try_files $uri $uri/ @x;',
    'return 444;',
    'return 301;',
    'return https://a$request_uri;',
    'add_header X Y; add_header Z "" always;',
    'expires @15h30m;',
    'expires modified +24h;',
    'expires $arg_e;',
    'expires -1;',
    'access_log off;',
    'access_log logs/a combined buffer=32k flush=1m if=$arg_x;',
  ],
};

/** Directives that are refused, and why: nginx 1.22.1's words, but for what is not built in. */
const BAD: readonly (readonly [Place, directive: string, reason: string])[] = [
  ['main', 'worker_processes x;', '"worker_processes" directive invalid value'],
  ['main', 'worker_processes 1 2;', 'invalid number of arguments in "worker_processes" directive'],
  ['main', 'worker_processes 1; worker_processes 1;', '"worker_processes" directive is duplicate'],
  ['main', 'worker_cpu_affinity 2;', 'invalid character "2" in "worker_cpu_affinity"'],
  ['main', 'worker_cpu_affinity auto 1 1;', 'invalid number of arguments in "worker_cpu_affinity" directive'],
  ['main', `worker_cpu_affinity ${'0'.repeat(1025)};`, '"worker_cpu_affinity" supports up to 1024 CPUs only'],
  ['main', 'worker_rlimit_nofile x;', '"worker_rlimit_nofile" directive invalid number'],
  ['main', 'worker_shutdown_timeout x;', '"worker_shutdown_timeout" directive invalid value'],
  ['main', 'daemon x;', 'invalid value "x" in "daemon" directive, it must be "on" or "off"'],
  ['main', 'console;', 'invalid number of arguments in "console" directive'],
  ['main', 'console 0;', 'invalid port in "0" of the "console" directive'],
  ['main', 'console 127.0.0.1;', 'invalid port in "127.0.0.1" of the "console" directive'],
  ['main', 'console 127.0.0.1:65536;', 'invalid port in "127.0.0.1:65536" of the "console" directive'],
  ['main', 'console host:1;', 'invalid host in "host:1" of the "console" directive, give an address'],
  ['main', 'console [::x]:1;', 'invalid host in "[::x]:1" of the "console" directive, give an address'],
  ['main', 'console_auth anna;', 'invalid number of arguments in "console_auth" directive'],
  ['main', 'console_auth a:b c;', 'invalid user "a:b" in "console_auth" directive'],
  ['main', 'console_auth anna "";', 'the password of the "console_auth" directive is empty'],
  ['main', 'console_auth anna sha256:0A;', 'the "console_auth" directive takes 64 hexadecimal digits after "sha256:"'],
  ['http', 'console 8081;', '"console" directive is not allowed here'],
  ['http', 'stub_status;', '"stub_status" directive is not allowed here'],
  ['main', 'pid;', 'invalid number of arguments in "pid" directive'],
  ['main', 'error_log a b;', 'invalid log level "b"'],
  ['main', 'error_log a info info;', 'duplicate log level "info"'],
  ['main', 'error_log syslog:x;', '"syslog:x" is not built in this version: "error_log" takes a file or "stderr"'],
  ['main', 'sendfile on;', '"sendfile" directive is not allowed here'],
  ['events', 'worker_connections x;', 'invalid number "x"'],
  ['events', 'use kqueue;', 'invalid event type "kqueue"'],
  ['events', 'multi_accept x;', 'invalid value "x" in "multi_accept" directive, it must be "on" or "off"'],
  ['http', 'log_format x;', 'invalid number of arguments in "log_format" directive'],
  ['http', 'log_format x $nosuch;', 'unknown "nosuch" variable'],
  ['http', 'log_format x "a$";', 'invalid parameter "$"'],
  ['http', 'log_format x escape=foo a;', 'unknown log format escaping "foo"'],
  ['http', 'log_format combined a;', 'duplicate "log_format" name "combined"'],
  ['http', 'log_format x a; log_format x a;', 'duplicate "log_format" name "x"'],
  ['http', 'return 200;', '"return" directive is not allowed here'],
  ['server', 'server_name *;', 'server name "*" is invalid'],
  ['server', 'internal;', '"internal" directive is not allowed here'],
  ['server', 'large_client_header_buffers 0 8k;', '"large_client_header_buffers" directive invalid value'],
  [
    'server',
    'large_client_header_buffers 4 128;',
    'the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size"',
  ],
  ['server', 'client_header_timeout x;', '"client_header_timeout" directive invalid value'],
  ['location', 'listen 80;', '"listen" directive is not allowed here'],
  ['location', 'merge_slashes on;', '"merge_slashes" directive is not allowed here'],
  ['location', 'root $document_root;', 'the $document_root variable cannot be used in the "root" directive'],
  ['location', 'alias $realpath_root/;', 'the $realpath_root variable cannot be used in the "alias" directive'],
  ['location', 'root /x; root /y;', '"root" directive is duplicate'],
  ['location', 'root /x; alias /y;', '"alias" directive is duplicate, "root" directive was specified earlier'],
  ['location', 'alias /x; root /y;', '"root" directive is duplicate, "alias" directive was specified earlier'],
  ['location', 'index "";', 'index "" in "index" directive is invalid'],
  ['location', 'types x {}', 'invalid number of arguments in "types" directive'],
  ['location', 'types;', 'directive "types" has no opening "{"'],
  ['location', 'sendfile x;', 'invalid value "x" in "sendfile" directive, it must be "on" or "off"'],
  ['location', 'sendfile_max_chunk x;', '"sendfile_max_chunk" directive invalid value'],
  ['location', 'output_buffers 0 32k;', '"output_buffers" directive invalid value'],
  ['location', 'output_buffers 2 0;', '"output_buffers" directive invalid value'],
  ['location', 'aio threads;', '"aio threads" is not built in this version, use "aio off"'],
  ['location', 'directio 4m;', '"directio 4m" is not built in this version, use "directio off"'],
  ['location', 'keepalive_timeout 75s x;', '"keepalive_timeout" directive invalid value'],
  ['location', 'keepalive_requests -1;', '"keepalive_requests" directive invalid number'],
  ['location', 'client_max_body_size 1t;', '"client_max_body_size" directive invalid value'],
  ['location', 'lingering_close x;', 'invalid value "x"'],
  ['location', 'if_modified_since x;', 'invalid value "x"'],
  ['location', 'max_ranges -1;', '"max_ranges" directive invalid number'],
  ['location', 'server_tokens x;', 'invalid value "x"'],
  ['location', 'open_file_cache inactive=20s;', '"open_file_cache" must have the "max" parameter'],
  ['location', 'open_file_cache x;', 'invalid "open_file_cache" parameter "x"'],
  ['location', 'open_file_cache max=0;', 'invalid "open_file_cache" parameter "max=0"'],
  ['location', 'open_file_cache max=10 inactive=x;', 'invalid "open_file_cache" parameter "inactive=x"'],
  ['location', 'open_file_cache_min_uses x;', '"open_file_cache_min_uses" directive invalid number'],
  ['location', 'internal on;', 'invalid number of arguments in "internal" directive'],
  ['location', 'internal; internal;', '"internal" directive is duplicate'],
  ['location', 'error_page 404;', 'invalid number of arguments in "error_page" directive'],
  ['location', 'error_page x /y;', 'invalid value "x"'],
  ['location', 'error_page 299 /x;', 'value "299" must be between 300 and 599'],
  ['location', 'error_page 600 /x;', 'value "600" must be between 300 and 599'],
  ['location', 'error_page 499 /x;', 'invalid value "499"'],
  ['location', 'error_page 404 =x /x;', 'invalid value "=x"'],
  ['location', 'error_page 404 /x$nosuch;', 'unknown "nosuch" variable'],
  ['location', 'try_files $uri;', 'invalid number of arguments in "try_files" directive'],
  ['location', 'try_files $uri =x;', 'invalid code "=x"'],
  ['location', 'try_files $uri =1000;', 'invalid code "=1000"'],
  ['location', 'try_files a b; try_files a b;', '"try_files" directive is duplicate'],
  ['location', 'return;', 'invalid number of arguments in "return" directive'],
  ['location', 'return x;', 'invalid return code "x"'],
  ['location', 'return /x;', 'invalid return code "/x"'],
  ['location', 'return 1000;', 'invalid return code "1000"'],
  ['location', 'return 200 $nosuch;', 'unknown "nosuch" variable'],
  ['location', 'add_header X Y foo;', 'invalid parameter "foo"'],
  ['location', 'add_header X;', 'invalid number of arguments in "add_header" directive'],
  ['location', 'expires x;', '"expires" directive invalid value'],
  ['location', 'expires modified;', '"expires" directive invalid value'],
  ['location', 'expires modified off;', '"expires" directive invalid value'],
  ['location', 'expires foo 1h;', '"expires" directive invalid value'],
  ['location', 'expires @-1h;', '"expires" directive invalid value'],
  ['location', 'expires @25h;', '"expires" directive daily time value must be less than 24 hours'],
  ['location', 'expires modified @5h;', '"expires" directive daily time cannot be used with "modified" parameter'],
  ['location', 'expires 1h; expires 2h;', '"expires" directive is duplicate'],
  ['location', 'access_log logs/a nosuch;', 'unknown log format "nosuch"'],
  ['location', 'access_log off foo;', 'invalid parameter "foo"'],
  ['location', 'access_log logs/a combined foo;', 'invalid parameter "foo"'],
  ['location', 'access_log logs/a combined buffer=0;', 'invalid buffer size "0"'],
  ['location', 'access_log logs/a combined flush=x;', 'invalid flush time "x"'],
  ['location', 'access_log logs/a combined flush=1s;', 'no buffer is defined for access_log "logs/a"'],
  [
    'location',
    'access_log logs/a combined buffer=1k; access_log logs/a combined buffer=2k;',
    'access_log "logs/a" already defined with conflicting parameters',
  ],
  ['location', 'access_log logs/$uri;', 'variables in the path of "access_log" are not built in this version'],
];

describe('directives', () => {
  for (const [place, texts] of Object.entries(GOOD)) {
    for (const text of texts) {
      test(`${place}: ${text}`, () => assert.equal(complaint(configuration(place as Place, text)), 'ok'));
    }
  }
  for (const [place, text, reason] of BAD) {
    test(`${place}: ${text.slice(0, 80)} is refused`, () =>
      assert.equal(complaint(configuration(place, text)), `${reason} in ${FILE}:1`));
  }

  test('alias has no place in a named location', () => {
    const text = 'events {} http { server { location @x { alias /y; } } }';
    assert.equal(complaint(text), `the "alias" directive cannot be used inside the named location in ${FILE}:1`);
  });
});
