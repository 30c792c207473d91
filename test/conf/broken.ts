/**
 * Broken configurations with the message of nginx 1.22.1 (`nginx -t -c /etc/conf/nginx.conf`), its regular expressions by
 * PCRE2. Every pair here was printed by nginx itself; the text stands in /etc/conf/nginx.conf.
 */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is how nginx writes variables
export const BROKEN: readonly (readonly [text: string, message: string])[] = [
  // The language.
  ['}', 'unexpected "}" in FILE:1'],
  ['{', 'unexpected "{" in FILE:1'],
  [';', 'unexpected ";" in FILE:1'],
  ['events {};', 'unexpected ";" in FILE:1'],
  ['events {}\n}\n', 'unexpected "}" in FILE:2'],
  ['foo', 'unexpected end of file, expecting ";" or "}" in FILE:1'],
  ['worker_processes 1\n\n', 'unexpected end of file, expecting ";" or "}" in FILE:3'],
  ['pid a # x;\n', 'unexpected end of file, expecting ";" or "}" in FILE:2'],
  ['pid "a;\n', 'unexpected end of file, expecting ";" or "}" in FILE:2'],
  ["pid 'a;\n\n", 'unexpected end of file, expecting ";" or "}" in FILE:3'],
  ['pid "a"', 'unexpected end of file, expecting ";" or "}" in FILE:1'],
  ['pid a\\', 'unexpected end of file, expecting ";" or "}" in FILE:1'],
  ['events {', 'unexpected end of file, expecting "}" in FILE:1'],
  ['events {}\nhttp {\n server {\n  location / {\n', 'unexpected end of file, expecting "}" in FILE:5'],
  ['events {\n worker_connections\n 10\n}\n', 'unexpected "}" in FILE:4'],
  ['pid "a"b;', 'unexpected "b" in FILE:1'],
  ['pid \'a\'"b";', 'unexpected """ in FILE:1'],
  ['pid "x"}', 'unexpected "}" in FILE:1'],
  ['pid "a");', 'invalid number of arguments in "pid" directive in FILE:1'],
  [`pid\n${'a'.repeat(5000)};`, 'too long parameter "aaaaaaaaaa..." started in FILE:2'],
  [`pid "\n${'a'.repeat(5000)}";`, 'too long parameter, probably missing terminating """ character in FILE:1'],
  [`pid '${'a'.repeat(5000)}';`, 'too long parameter, probably missing terminating "\'" character in FILE:1'],
  // include.
  ['include;', 'invalid number of arguments in "include" directive in FILE:1'],
  ['include a b;', 'invalid number of arguments in "include" directive in FILE:1'],
  ['include x {}', 'directive "include" is not terminated by ";" in FILE:1'],
  ['\ninclude nope.conf;', 'open() "/etc/conf/nope.conf" failed (2: No such file or directory) in FILE:2'],
  ['events { include /nope; }', 'open() "/nope" failed (2: No such file or directory) in FILE:1'],
  // Names, places and numbers.
  ['', 'no "events" section in configuration'],
  ['http {}', 'no "events" section in configuration'],
  ['events {}\nevents {}', '"events" directive is duplicate in FILE:2'],
  ['events {}\nhttp {}\nhttp\n{}', '"http" directive is duplicate in FILE:4'],
  ['events x {}', 'invalid number of arguments in "events" directive in FILE:1'],
  ['events;', 'directive "events" has no opening "{" in FILE:1'],
  ['events {}\nhttp {\n server x {\n}}', 'invalid number of arguments in "server" directive in FILE:3'],
  ['server {}', '"server" directive is not allowed here in FILE:1'],
  ['location / {}', '"location" directive is not allowed here in FILE:1'],
  ['events {} http { location; }', '"location" directive is not allowed here in FILE:1'],
  ['events {} http { server { server {} } }', '"server" directive is not allowed here in FILE:1'],
  ['events {} http { http {} }', '"http" directive is not allowed here in FILE:1'],
  ['events { sendfile on; }', '"sendfile" directive is not allowed here in FILE:1'],
  ['sendfile on;', '"sendfile" directive is not allowed here in FILE:1'],
  ['events {} http { pid a; }', '"pid" directive is not allowed here in FILE:1'],
  ['events {} http { server { log_format a b; } }', '"log_format" directive is not allowed here in FILE:1'],
  ['foo;', 'unknown directive "foo" in FILE:1'],
  ['\n\nfoo\n{}', 'unknown directive "foo" in FILE:4'],
  ['"" x;', 'unknown directive "" in FILE:1'],
  ['constructor;', 'unknown directive "constructor" in FILE:1'],
  ['events { foo; }', 'unknown directive "foo" in FILE:1'],
  ['events {} http { foo on; bar { baz; } }', 'unknown directive "foo" in FILE:1'],
  ['pid;', 'invalid number of arguments in "pid" directive in FILE:1'],
  ['pid a b;', 'invalid number of arguments in "pid" directive in FILE:1'],
  ['user a b c d;', 'invalid number of arguments in "user" directive in FILE:1'],
  ['worker_processes 1 {}', 'directive "worker_processes" is not terminated by ";" in FILE:1'],
  ['pid a{b;}', 'directive "pid" is not terminated by ";" in FILE:1'],
  ['pid "x"{}', 'directive "pid" is not terminated by ";" in FILE:1'],
  ['events {} http { types; }', 'directive "types" has no opening "{" in FILE:1'],
  ['pid a;\npid\nb;', '"pid" directive is duplicate in FILE:3'],
  ['events {} http { server { root /a; root /b; } }', '"root" directive is duplicate in FILE:1'],
  // Values.
  ['events {} http { sendfile; }', 'invalid number of arguments in "sendfile" directive in FILE:1'],
  [
    'events {} http { sendfile yes; }',
    'invalid value "yes" in "sendfile" directive, it must be "on" or "off" in FILE:1',
  ],
  ['events {} http { keepalive_requests -1; }', '"keepalive_requests" directive invalid number in FILE:1'],
  ['events {} http { add_header X "a$"; }', 'invalid variable name in FILE:1'],
  ['events {} http { add_header X "$-"; }', 'invalid variable name in FILE:1'],
  ['events {} http { add_header X "${"; }', 'invalid variable name in FILE:1'],
  ['events {} http { add_header X "${}"; }', 'invalid variable name in FILE:1'],
  ['events {} http { add_header X "${uri"; }', 'the closing bracket in "uri" variable is missing in FILE:1'],
  ['events {} http { add_header X "${-}"; }', 'the closing bracket in "" variable is missing in FILE:1'],
  ['events {} http { access_log b nope; }', 'unknown log format "nope" in FILE:1'],
  ['events {} http { log_format a "$uri";\nlog_format a "x"; }', 'duplicate "log_format" name "a" in FILE:2'],
  ['events {} http { log_format a; }', 'invalid number of arguments in "log_format" directive in FILE:1'],
  [
    'events {} http { access_log b combined buffer=4k;\nserver { access_log b combined buffer=8k; } }',
    'access_log "b" already defined with conflicting parameters in FILE:2',
  ],
  // Server names.
  ['events {} http { server { server_name *; } }', 'server name "*" is invalid in FILE:1'],
  ['events {} http { server { server_name *a.com; } }', 'server name "*a.com" is invalid in FILE:1'],
  ['events {} http { server { server_name .; } }', 'server name "." is invalid in FILE:1'],
  ['events {} http { server { server_name ~; } }', 'empty regex in server name "~" in FILE:1'],
  [
    'events {} http { server { server_name "~("; } }',
    'pcre2_compile() failed: missing closing parenthesis in "(" in FILE:1',
  ],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: that is how nginx writes variables

function inServer(text: string): string {
  return `events {} http { server { ${text} } }`;
}

/** As BROKEN: locations, each text inside a server. */
export const BROKEN_LOCATIONS: readonly (readonly [text: string, message: string])[] = (
  [
    ['location {}', 'invalid number of arguments in "location" directive in FILE:1'],
    ['location a b c {}', 'invalid number of arguments in "location" directive in FILE:1'],
    ['location /a;', 'directive "location" has no opening "{" in FILE:1'],
    ['location ~~ /a {}', 'invalid location modifier "~~" in FILE:1'],
    ['location x /a {}', 'invalid location modifier "x" in FILE:1'],
    ['location /a {\nlocation /b {} }', 'location "/b" is outside location "/a" in FILE:2'],
    ['location = /a { location /a/b {} }', 'location "/a/b" cannot be inside the exact location "/a" in FILE:1'],
    ['location = /a { location ~ x {} }', 'location "x" cannot be inside the exact location "/a" in FILE:1'],
    ['location @a { location /a/b {} }', 'location "/a/b" cannot be inside the named location "@a" in FILE:1'],
    ['location /a { location @b {} }', 'named location "@b" can be on the server level only in FILE:1'],
    ['location ~ \\.php$ { location /a {} }', 'location "/a" is outside location "\\.php$" in FILE:1'],
    ['location /a {}\nlocation /b {}\nlocation\n/a\n{\n}\n', 'duplicate location "/a" in FILE:5'],
    ['location /a {} location ^~ /a {}', 'duplicate location "/a" in FILE:1'],
    ['location =/a {} location = /a {}', 'duplicate location "/a" in FILE:1'],
    ['location ~( {}', 'pcre2_compile() failed: missing closing parenthesis in "(" in FILE:1'],
    ['location ~ "[" {}', 'pcre2_compile() failed: missing terminating ] for character class in "[" in FILE:1'],
    [
      'location ~ "(?<n" {}',
      'pcre2_compile() failed: syntax error in subpattern name (missing terminator?) in "(?<n" in FILE:1',
    ],
    ['location ~ "(?<uri>x)" {}', 'the duplicate "uri" variable in FILE:1'],
  ] as const
).map(([text, message]) => [inServer(text), message]);
