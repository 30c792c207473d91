/** Each directive with values that nginx takes and values that it refuses, in nginx's words. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modules } from '../../src/modules/all.js';
import { build, complaint, FILE } from './fake-request.js';
import { configuration, MISTAKES, type Place } from './mistakes.js';

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
    'env A; env A=b; env B=; env "C=d e";',
    'working_directory /x; worker_rlimit_core 1g;',
    'worker_priority -30;',
    'worker_priority +5;',
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
    'ignore_invalid_headers off; underscores_in_headers on; max_headers 0;',
    'listen 127.0.0.1:81 fastopen=5;',
    'ssl_certificate a.pem; ssl_certificate_key a.key; ssl_certificate b.pem; ssl_certificate_key b.key;',
    'ssl_certificate $ssl_server_name.pem; ssl_certificate_key data:$ssl_server_name; ssl_password_file p;',
    'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers HIGH; ssl_prefer_server_ciphers on;',
    'ssl_ecdh_curve X25519:P-256; ssl_dhparam dh.pem; ssl_conf_command Options -X; ssl_conf_command Ciphersuites x;',
    'ssl_session_cache off; ssl_session_timeout 1h; ssl_session_tickets off; ssl_early_data on;',
    'ssl_session_cache none; ssl_session_ticket_key a; ssl_session_ticket_key b; ssl_buffer_size 4k;',
    'ssl_session_cache builtin;',
    'ssl_session_cache builtin:1000 shared:a:1m;',
    'ssl_verify_client optional_no_ca; ssl_verify_depth 3; ssl_client_certificate a; ssl_trusted_certificate b; ssl_crl c;',
    'ssl_stapling on; ssl_stapling_file a; ssl_stapling_responder http://a/; ssl_stapling_verify on;',
    'ssl_reject_handshake on;',
    'ssl_ocsp off; ssl_ocsp_cache shared:a:1m; ssl_ocsp_responder http://a/; ssl_certificate_compression off;',
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
    'aio off; directio off; aio_write on; chunked_transfer_encoding off;',
    'userid ON; userid_name a; userid_domain example.org; userid_path /a; userid_p3p none; userid_mark =;',
    'userid_expires 1y; userid_service 4294967296; userid_flags SECURE; userid_flags off httponly samesite=lax;',
    'userid_expires max; userid v1; set $uid_reset 1;',
    'early_hints $http_x 1; add_header_inherit merge; add_trailer_inherit off;',
    'directio 4m; directio_alignment 4k;',
    'directio 0; directio_alignment 1;',
    'directio 10g;',
    'aio threads;',
    'aio threads=x;',
    'aio on;',
    'read_ahead 0;',
    'read_ahead 512k;',
    'keepalive_timeout 75s 60s; keepalive_requests 0; keepalive_time 1h;',
    'client_body_timeout 1; client_max_body_size 10g; send_timeout 60;',
    'lingering_close always; lingering_time 1m; lingering_timeout 1s; reset_timedout_connection on;',
    'secure_link $arg_a,$arg_b; secure_link_md5 $uri;',
    'secure_link_secret x;',
    'dav_methods off; dav_access group:r;',
    'dav_methods PUT delete; dav_access user:r group:rw all:r; create_full_put_path on; min_delete_depth 2;',
    'client_body_temp_path a 1 2 3; client_body_buffer_size 8k; client_body_in_file_only clean;',
    'client_body_in_single_buffer on; limit_rate 10k; limit_rate_after $arg_x; add_trailer a $uri always; empty_gif;',
    'satisfy any; auth_delay 1s; auth_basic x; auth_basic_user_file y; allow ::/0; deny all;',
    'etag off; if_modified_since before; max_ranges 5; server_tokens build;',
    'error_page 404 405 =200 /x; error_page 500 @y;',
    'error_page 404 = /x;',
    'open_file_cache max=10 inactive=20s; open_file_cache_valid 60; open_file_cache_min_uses 2;',
    'open_file_cache off; open_file_cache_errors on; log_not_found off; internal;',
    'try_files $uri $uri/ @x;',
    'return 444;',
    'rewrite ^ /x last; rewrite a b break; rewrite a http://b? permanent; rewrite_log on; set $a $b; set $b "";',
    'if ($host) { root /x; error_page 404 /x; add_header a b; expires 1h; access_log off; sendfile on; charset utf-8; gzip on; }',
    'if ( $host = a ) { set $a b; break; } if (!-f $request_filename) { return 404; } set $args x; set $http_x y;',
    'return 301;',
    'return https://a$request_uri;',
    'add_header X Y; add_header Z "" always;',
    'expires @15h30m;',
    'expires modified +24h;',
    'expires $arg_e;',
    'expires -1;',
    'access_log off;',
    'access_log logs/a combined buffer=32k flush=1m if=$arg_x;',
    'access_log logs/a combined gzip flush=1m;',
    'access_log logs/$host/$uri.log combined;',
    'access_log syslog:server=unix:/dev/log,facility=local0,severity=debug,tag=a_1,nohostname combined if=$arg_x;',
    'access_log syslog:server=[::1]:5140;',
    'open_log_file_cache max=10 inactive=20s min_uses=2 valid=1m;',
    'open_log_file_cache off;',
    'charset utf-8; source_charset UTF-8; override_charset on; charset_types text/css text/plain;',
    'charset $arg_x;',
    'charset off;',
    'gzip on; gzip_comp_level 9; gzip_min_length 1k; gzip_types text/css *; gzip_buffers 4 8k; gzip_vary on;',
    'gzip_http_version 1.0; gzip_proxied expired no-cache auth; gzip_disable msie6 "Foo/[1-3]";',
    'gzip_static always; gzip_hash 128k; gzip_window 32k; gzip_no_buffer on; postpone_gzipping 1k;',
  ],
};

describe('directives', () => {
  for (const [place, texts] of Object.entries(GOOD)) {
    for (const text of texts) {
      test(`${place}: ${text}`, () => assert.equal(complaint(configuration(place as Place, text)), 'ok'));
    }
  }
  for (const [place, text, reason] of MISTAKES) {
    test(`${place}: ${text.slice(0, 80)} is refused`, () =>
      assert.equal(complaint(configuration(place, text)), `${reason} in ${FILE}:1`));
  }

  test('what TLS goes without is a warning', () => {
    for (const text of ['ssl_certificate_compression on;', 'ssl_ech_file x;']) {
      const name = text.split(' ')[0];
      const { warnings } = build(configuration('server', text));
      assert.deepEqual(warnings, [`"${name}" is not supported on this platform, ignored in ${FILE}:1`]);
    }
  });

  test('none stands in the table twice for one place', () => {
    const seen = new Set<string>();
    for (const { name, contexts } of modules.flatMap(({ directives = [] }) => directives)) {
      for (const context of contexts) {
        const place = `${name} in ${context}`;
        assert.ok(!seen.has(place), place);
        seen.add(place);
      }
    }
  });

  test('alias has no place in a named location', () => {
    const text = 'events {} http { server { location @x { alias /y; } } }';
    assert.equal(complaint(text), `the "alias" directive cannot be used inside the named location in ${FILE}:1`);
  });
});

describe('user', () => {
  /** The warnings of a configuration that somebody with this number reads. */
  function warningsFor(uid: number): readonly string[] {
    const { geteuid } = process;
    process.geteuid = () => uid;
    try {
      return build('user nobody; events {} http {}').warnings;
    } finally {
      process.geteuid = geteuid as () => number;
    }
  }

  test('is warned of where nobody can be changed into', () => {
    const words =
      'the "user" directive makes sense only if the master process runs with super-user privileges, ignored';
    assert.deepEqual(warningsFor(1000), [`${words} in ${FILE}:1`]);
    assert.deepEqual(warningsFor(0), []);
  });
});
