import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Listen, mergeListens } from '../../src/modules/listen.js';
import { build, buildServer, complaint, FILE } from './fake-request.js';

function listens(text: string): readonly Listen[] {
  return buildServer(text).settings.listen;
}

const KEYS: readonly (readonly [string, string])[] = [
  ['80', '0.0.0.0:80'],
  ['*', '0.0.0.0:80'],
  ['*:8081', '0.0.0.0:8081'],
  ['127.0.0.1', '127.0.0.1:80'],
  ['localhost:81', '127.0.0.1:81'],
  ['[::]:8081', '[::]:8081'],
  ['[0::0]', '[::]:80'],
  ['[2001:DB8:0:0::1]:443', '[2001:db8::1]:443'],
  ['unix:/run/x', 'unix:/run/x'],
];

const BAD: readonly (readonly [string, string])[] = [
  ['foo', 'host not found in "foo" of the "listen" directive (names are not looked up: give an address)'],
  ['80x', 'host not found in "80x" of the "listen" directive (names are not looked up: give an address)'],
  ['0', 'invalid port in "0" of the "listen" directive'],
  ['70000', 'invalid port in "70000" of the "listen" directive'],
  ['127.0.0.1:', 'invalid port in "127.0.0.1:" of the "listen" directive'],
  ['*:x', 'invalid port in "*:x" of the "listen" directive'],
  [':80', 'no host in ":80" of the "listen" directive'],
  ['[::1', 'invalid host in "[::1" of the "listen" directive'],
  ['[::1]80', 'invalid host in "[::1]80" of the "listen" directive'],
  ['[zz]:80', 'invalid IPv6 address in "[zz]:80" of the "listen" directive'],
  ['unix:', 'no path in the unix domain socket in "unix:" of the "listen" directive'],
  ['80 foo', 'invalid parameter "foo"'],
  ['80 foo=bar', 'invalid parameter "foo=bar"'],
  ['80 backlog=0', 'invalid backlog "backlog=0"'],
  ['80 rcvbuf=x', 'invalid rcvbuf "rcvbuf=x"'],
  ['80 sndbuf=', 'invalid sndbuf "sndbuf="'],
  ['80 so_keepalive=x', 'invalid so_keepalive value: "x"'],
  ['80 so_keepalive=::', 'invalid so_keepalive value: "::"'],
  ['80 so_keepalive=1:x:1', 'invalid so_keepalive value: "1:x:1"'],
  ['80 so_keepalive=1:2:3:4', 'invalid so_keepalive value: "1:2:3:4"'],
  ['80 ipv6only=x', 'invalid parameter "ipv6only=x"'],
  ['80 spdy', 'invalid parameter "spdy"'],
  ['80 fastopen', 'invalid parameter "fastopen"'],
  ['80 fastopen=x', 'invalid fastopen "fastopen=x"'],
  ['80 setfib=1', 'invalid parameter "setfib=1"'],
  ['80; listen 0.0.0.0:80', 'a duplicate listen 0.0.0.0:80'],
];

describe('listen', () => {
  for (const [text, key] of KEYS) {
    test(`${text} is ${key}`, () => assert.equal(listens(`listen ${text};`)[0]!.key, key));
  }
  for (const [text, reason] of BAD) {
    test(`${text} is refused`, () => {
      assert.equal(complaint(`events {} http { server { listen ${text}; } }`), `${reason} in ${FILE}:1`);
    });
  }

  test('too long a path of a unix socket is refused', () => {
    const reason = complaint(`events {} http { server { listen unix:${'a'.repeat(108)}; } }`);
    assert.match(reason, /^too long path in the unix domain socket in "unix:a{108}" of the "listen" directive in /);
  });

  test('all parameters are kept', () => {
    const text =
      'backlog=5 rcvbuf=1k sndbuf=1m deferred fastopen=9 reuseport so_keepalive=30m::10 ipv6only=off default_server ssl proxy_protocol';
    assert.deepEqual(listens(`listen [::1]:81 ${text};`), [
      {
        text: '[::1]:81',
        family: 'inet6',
        host: '::1',
        port: 81,
        path: '',
        key: '[::1]:81',
        defaultServer: true,
        reuseport: true,
        deferred: true,
        fastopen: 9,
        backlog: 5,
        rcvbuf: 1024,
        sndbuf: 1_048_576,
        soKeepalive: { on: true, idle: 1800, interval: 0, count: 10 },
        ipv6only: false,
        ssl: true,
        proxyProtocol: true,
        optionsGiven: true,
        file: FILE,
        line: 1,
      },
    ]);
  });

  const warned: readonly (readonly [text: string, warning: string, keys: readonly string[]])[] = [
    [
      'listen 80 http2; listen 81;',
      'the "http2" parameter of the "listen" directive has no effect, HTTP/1.1 is spoken',
      ['0.0.0.0:80', '0.0.0.0:81'],
    ],
    [
      'listen 80; listen 80 quic reuseport;',
      'the "listen 80 quic reuseport" directive has no effect, HTTP/1.1 is spoken',
      ['0.0.0.0:80'],
    ],
    ['listen 80 quic;', 'the "listen 80 quic" directive has no effect, HTTP/1.1 is spoken', []],
    ['listen 80; http2 on;', 'the "http2" directive has no effect, HTTP/1.1 is spoken', ['0.0.0.0:80']],
    ['listen 80; http3 on;', 'the "http3" directive has no effect, HTTP/1.1 is spoken', ['0.0.0.0:80']],
    [
      'listen 80 accept_filter=x;',
      'accept filters "accept_filter=x" are not supported on this platform, ignored',
      ['0.0.0.0:80'],
    ],
  ];
  for (const [text, warning, keys] of warned) {
    test(`${text} is taken, with a warning`, () => {
      const { servers, warnings } = build(`events {} http { server { ${text} } }`);
      assert.deepEqual(warnings, [`${warning} in ${FILE}:1`]);
      assert.deepEqual(
        servers[0]!.settings.listen.map(each => each.key),
        keys,
      );
    });
  }

  test('HTTP/2 and HTTP/3 that are off, and what tunes them, are taken without a word', () => {
    const server = 'http2 off; http3 off; http2_max_concurrent_streams 5; http3_hq on; quic_gso on; http2_push /x;';
    const text = `quic_bpf on; events {} http { http2_recv_buffer_size 1k; server { listen 80; ${server} } }`;
    assert.deepEqual(build(text).warnings, []);
  });

  test('a range of ports is one address each', () => {
    const keys = listens('listen 127.0.0.1:81-83; listen 90;').map(each => each.key);
    assert.deepEqual(keys, ['127.0.0.1:81', '127.0.0.1:82', '127.0.0.1:83', '0.0.0.0:90']);
  });

  test('a server without listen has the port of its user', () => {
    const [only] = listens('');
    assert.equal(only!.key, `0.0.0.0:${process.geteuid?.() === 0 ? 80 : 8000}`);
    assert.equal(only!.backlog, 511);
    assert.equal(only!.soKeepalive, null);
  });
});

describe('servers that share an address', () => {
  function merge(first: string, second: string): Map<string, Listen> {
    return mergeListens(build(`events {} http { server { listen ${first}; } server { listen ${second}; } }`).servers);
  }

  const shared = [
    ['80', '80', 511, false],
    ['80 backlog=5', '80', 5, false],
    ['80', '80 backlog=6', 6, false],
    ['80 default_server', '80 backlog=3', 3, true],
    ['80 backlog=3', '*:80 default_server', 3, true],
  ] as const;
  for (const [first, second, backlog, defaultServer] of shared) {
    test(`${first} and ${second}`, () => {
      const merged = merge(first, second);
      assert.deepEqual([...merged.keys()], ['0.0.0.0:80']);
      const only = merged.get('0.0.0.0:80')!;
      assert.deepEqual([only.backlog, only.defaultServer], [backlog, defaultServer]);
    });
  }

  const refused = [
    ['80 default_server', '80 default_server', 'a duplicate default server for 0.0.0.0:80'],
    ['80 backlog=5', '80 backlog=5', 'duplicate listen options for 0.0.0.0:80'],
    ['80 deferred', '80 so_keepalive=on', 'duplicate listen options for 0.0.0.0:80'],
  ] as const;
  for (const [first, second, reason] of refused) {
    test(`${first} and ${second} are refused`, () => {
      assert.throws(() => merge(first, second), { name: 'ConfigError', message: `${reason} in ${FILE}:1` });
    });
  }

  test('different addresses are different sockets', () => {
    assert.deepEqual([...merge('80', '[::]:80').keys()], ['0.0.0.0:80', '[::]:80']);
  });
});
