/** Access logs and variables. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, test } from 'node:test';
import { accessLogDate, iso8601Date } from '../../src/http/dates.js';
import { pending } from '../../src/modules/module.js';
import { build, type FakeFiles, FakeRequest, MTIME, NOW, runPhase } from './fake-request.js';

/** A request for a location with this log_format and access_log, and the lines it leaves. */
function logged(http: string, inside: string, change: (request: FakeRequest) => void = () => {}): string[] {
  const config = build(`events {} http { ${http} server { server_name Foo.example b; location / { ${inside} } } }`);
  const lines: string[] = [];
  for (const target of config.logs) target.write = line => lines.push(`${target.path}: ${line}`);
  const request = new FakeRequest(config.servers[0]!, '/a b', 'x=1&Y=%20&e=', FILES);
  change(request);
  assert.equal(runPhase(request, 'log'), 0);
  return lines;
}

const FILES: FakeFiles = {};

/** The value of a text with variables, "-" for a variable without one. */
function value(text: string, change?: (request: FakeRequest) => void): string {
  const [line] = logged(`log_format t '${text}';`, 'access_log l t;', change);
  return line!.slice('/srv/l: '.length, -1);
}

describe('access_log', () => {
  test('combined', () => {
    const [line] = logged('', 'access_log logs/a;', request => {
      request.head.userAgent = 'curl/8 "x"\\\x00\xe9';
      request.head.referer = '';
    });
    const date = accessLogDate(NOW);
    assert.equal(
      line,
      `/srv/logs/a: 127.0.0.1 - - [${date}] "GET /a b?x=1&Y=%20&e= HTTP/1.1" 200 1000 "" "curl/8 \\x22x\\x22\\x5C\\x00\\xE9"\n`,
    );
  });

  test('if= leaves out empty values and 0', () => {
    const inside = 'access_log a combined if=$arg_none; access_log b combined if=0; access_log c combined if=$arg_x;';
    assert.deepEqual(
      logged('', inside).map(line => line.slice(0, 7)),
      ['/srv/c:'],
    );
  });

  test('off wins on its level, and a location may log again', () => {
    assert.deepEqual(logged('access_log a;', 'access_log off; access_log b;'), []);
    assert.equal(logged('access_log off;', 'access_log b;').length, 1);
    assert.equal(logged('access_log a; access_log b;', '').length, 2);
  });

  test('a path with variables is examined at once: no thread is asked when the response is over', () => {
    const text = 'log_format t $uri; access_log logs/$host.log t; server { server_name a; location / {} }';
    const config = build(`events {} http { ${text} }`);
    const lines: string[] = [];
    config.namedLogs.write = (path, line) => lines.push(`${path}: ${line}`);
    const request = new FakeRequest(config.servers[0]!, '/x', '', { '/srv/html': { kind: 'folder' } });
    request.test = () => pending;
    assert.equal(runPhase(request, 'log'), 0);
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^\/srv\/logs\/.*\.log: \/x\n$/);
  });

  test('a value that repeats, and one that changes, are both escaped', () => {
    const config = build('events {} http { log_format t $arg_x; access_log a t; server { location / {} } }');
    const lines: string[] = [];
    config.logs[0]!.write = line => lines.push(line);
    for (const args of ['x="', 'x="', 'x=', 'x=b']) runPhase(new FakeRequest(config.servers[0]!, '/', args), 'log');
    assert.deepEqual(lines, ['\\x22\n', '\\x22\n', '\n', 'b\n']);
  });

  test('escape=json and escape=none', () => {
    const change = (request: FakeRequest) => {
      request.head.userAgent = 'a"b\\\n\x01/\xe9';
    };
    const text = '"[$http_user_agent][$remote_user]"';
    const json = logged(`log_format t escape=json ${text};`, 'access_log l t;', change);
    assert.deepEqual(json, ['/srv/l: [a\\"b\\\\\\n\\u0001/\xe9][]\n']);
    const none = logged(`log_format t escape=none ${text};`, 'access_log l t;', change);
    assert.deepEqual(none, ['/srv/l: [a"b\\\n\x01/\xe9][]\n']);
  });

  test('parts of a format are joined', () => {
    assert.deepEqual(logged('log_format t \'a$arg_x\' b "$1c";', 'access_log l t;'), ['/srv/l: a1b-c\n']);
  });
});

describe('variables', () => {
  const table: readonly (readonly [string, string])[] = [
    ['$args|$query_string|$is_args', 'x=1&Y=%20&e=|x=1&Y=%20&e=|?'],
    ['$arg_x|$arg_y|$arg_e|$arg_z', '1|%20||-'],
    ['$uri|$document_uri|$request_uri', '/a b|/a b|/a b?x=1&Y=%20&e='],
    ['$request|$request_method', 'GET /a b?x=1&Y=%20&e= HTTP/1.1|GET'],
    ['$request_filename|$document_root', '/html/a b|/html'],
    ['$host|$http_host|$server_name', 'example.org|example.org:8080|foo.example'],
    ['$hostname', hostname().toLowerCase()],
    ['$remote_addr|$remote_port|$server_addr|$server_port', '127.0.0.1|50000|127.0.0.2|8080'],
    ['$binary_remote_addr', '\\x7F\\x00\\x00\\x01'],
    ['$server_protocol|$scheme|$https', 'HTTP/1.1|http|'],
    ['$status|$body_bytes_sent|$bytes_sent|$request_length', '200|1000|1234|99'],
    ['$request_time|$request_completion|$msec', '0.007|OK|1795171591.250'],
    ['$connection|$connection_requests|$connection_time|$pipe', '7|3|61.005|.'],
    ['$time_local', accessLogDate(NOW)],
    ['$time_iso8601', iso8601Date(NOW)],
    ['$pid|$nginx_version', `${process.pid}|1.22.1`],
    ['$content_length|$content_type|$remote_user', '-|-|-'],
    ['$http_user_agent|$http_nosuch|$sent_http_nosuch|$cookie_a', '-|-|-|-'],
    ['$sendfile_calls|$pread_calls|$writev_calls|$eagain_count', '1|2|3|4'],
    ['$1|$9', '-|-'],
  ];
  for (const [text, expected] of table) {
    test(text, () => {
      const change = (request: FakeRequest) => {
        (request.settings as { root: object }).root = {
          ...request.settings.root,
          path: { text: '/html', constant: '/html', evaluate: () => '/html', value: () => '/html' },
        };
      };
      assert.equal(value(text, change), expected);
    });
  }

  test('of a response', () => {
    const text =
      '$status|$sent_http_content_type|$sent_http_content_length|$sent_http_etag|$sent_http_location|$sent_http_x_a';
    const change = ({ response }: FakeRequest) => {
      Object.assign(response, { status: 0, contentType: 'a/b', contentLength: 5, etag: 'q', location: '/l' });
      response.headers.push('X-A', '1', 'x-a', '2');
    };
    assert.equal(value(text, change), '000|a/b|5|q|/l|1, 2');
    const more = '$sent_http_last_modified|$sent_http_accept_ranges|$sent_http_content_range';
    const date = new Date(MTIME * 1000).toUTCString();
    const set = ({ response }: FakeRequest) => {
      Object.assign(response, { lastModified: MTIME, acceptRanges: true, contentRange: 'bytes 0-1/2' });
    };
    assert.equal(value(more, set), `${date}|bytes|bytes 0-1/2`);
  });

  const cookies = [
    ['a=1; b=2', '2'],
    ['b=', ''],
    ['xb=1;B="q z"; b=3', '\\x22q z\\x22'],
    ['bb=1', '-'],
  ] as const;
  for (const [cookie, expected] of cookies) {
    test(`the cookie b of ${cookie}`, () => {
      assert.equal(
        value('$cookie_b', ({ head }) => Object.assign(head, { cookie })),
        expected,
      );
    });
  }

  const users = [
    [`Basic ${btoa('me:secret')}`, 'me'],
    [`bAsIc ${btoa('a b:')}`, 'a b'],
    [`Basic ${btoa(':x')}`, '-'],
    [`Basic ${btoa('nocolon')}`, '-'],
    ['Bearer x', '-'],
  ] as const;
  for (const [authorization, expected] of users) {
    test(`the user of ${authorization}`, () => {
      assert.equal(
        value('$remote_user', ({ head }) => Object.assign(head, { authorization })),
        expected,
      );
    });
  }

  const addresses = [
    ['::1', `${'\\x00'.repeat(15)}\\x01`],
    ['2001:db8::ff', ` \\x01\\x0D\\xB8${'\\x00'.repeat(11)}\\xFF`],
    ['::ffff:1.2.3.4', `${'\\x00'.repeat(10)}\\xFF\\xFF\\x01\\x02\\x03\\x04`],
    ['1:2:3:4:5:6:7:8', '\\x00\\x01\\x00\\x02\\x00\\x03\\x00\\x04\\x00\\x05\\x00\\x06\\x00\\x07\\x00\\x08'],
    ['unix:', 'unix:'],
  ] as const;
  for (const [address, bytes] of addresses) {
    test(`the bytes of ${address}`, () => {
      assert.equal(
        value('$binary_remote_addr', ({ client }) => Object.assign(client, { remoteAddress: address })),
        bytes,
      );
    });
  }

  test('captures, and the server name where there is no host', () => {
    const change = (request: FakeRequest) => {
      request.captures = ['/a', 'a', undefined];
      request.head.host = '';
    };
    assert.equal(value('$1|$2|$10|$host', change), 'a|-|a0|foo.example');
  });
});
