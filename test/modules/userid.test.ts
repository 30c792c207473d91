/** `userid`: who gets a cookie, and what is in it. What nginx makes of the same cookies is in test/differential. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Outcome } from '../../src/modules/module.js';
import { cookieValue } from '../../src/modules/pairs.js';
import { decode, encode, hexadecimal, makeFirst, makeSecond } from '../../src/modules/userid-identifier.js';
import { build, type FakeRequest, NOW, requestFor, runPhase } from './fake-request.js';

const SECONDS = Math.floor(NOW / 1000);
/** 127.0.0.2, a second, a process, a counter. */
const KNOWN = Buffer.from('7f000002655b2a3711223344030303a2', 'hex');
const KNOWN_TEXT = KNOWN.toString('base64');

/** A request with a cookie, after the filters. @returns its Set-Cookie and P3P lines, and the request */
function answered(inside: string, cookie?: string, prepare: (request: FakeRequest) => void = () => {}) {
  const request = requestFor(`userid on; ${inside} return 200 x;`, '/x');
  request.head.cookie = cookie;
  request.bytesSent = 0;
  prepare(request);
  runPhase(request, 'rewrite');
  assert.equal(runPhase(request, 'filter'), Outcome.Next);
  return { request, headers: request.response.headers };
}

/** The value of a variable for a request. */
function variableOf(name: string, request: FakeRequest): string | undefined {
  const config = build(`events {} http { server { location / { add_header X $${name}; } } }`);
  return config.servers[0]!.locations[0]!.settings.addHeader.lines[0]!.value.value(request);
}

/** The identifier in a Set-Cookie line. */
function identifierIn(line: string): Buffer {
  const [, text] = /^\w+=([\w+/]{22}..);/.exec(line) ?? [];
  assert.ok(text !== undefined, line);
  return Buffer.from(text, 'base64');
}

describe('userid', () => {
  test('off and log give nobody a cookie', () => {
    for (const word of ['off', 'log']) {
      const request = requestFor(`userid ${word};`, '/x');
      runPhase(request, 'filter');
      assert.deepEqual(request.response.headers, []);
      assert.equal(variableOf('uid_set', request), undefined);
    }
  });

  test('who comes without one gets one, of address, time, process and counter', () => {
    const { request, headers } = answered('');
    assert.equal(headers[0], 'Set-Cookie');
    assert.match(headers[1]!, /^uid=[\w+/]{22}==; path=\/$/);
    const bytes = identifierIn(headers[1]!);
    assert.equal(bytes.readUInt32BE(0), 0x7f000002);
    assert.equal(bytes.readUInt32BE(4), SECONDS);
    assert.equal(variableOf('uid_got', request), undefined);
    assert.equal(variableOf('uid_set', request), `uid=${hexadecimal(bytes.toString('latin1'))}`);
    const next = identifierIn(answered('').headers[1]!);
    assert.equal(next.readUInt32BE(12) - bytes.readUInt32BE(12), 0x100);
  });

  test('version 1 has the numbers as this machine, and no address', () => {
    const request = requestFor('userid v1; userid_service 7;', '/x');
    runPhase(request, 'filter');
    const first = identifierIn(request.response.headers[1]!);
    assert.deepEqual([first.readUInt32LE(0), first.readUInt32LE(4), first.readUInt32LE(12) & 0xff], [7, SECONDS, 1]);
  });

  test('who comes with one keeps it', () => {
    const { request, headers } = answered('', `a=b; UID=${KNOWN_TEXT}; c=d`);
    assert.deepEqual(headers, []);
    assert.equal(variableOf('uid_got', request), 'uid=0200007F372A5B6544332211A2030303');
    assert.equal(variableOf('uid_set', request), undefined);
  });

  const kept: readonly (readonly [what: string, cookie: string])[] = [
    ['without padding', KNOWN_TEXT.slice(0, 22)],
    ['with anything behind it', `${KNOWN_TEXT.slice(0, 22)}"()<>`],
  ];
  for (const [what, cookie] of kept) {
    test(`one ${what} counts`, () => assert.deepEqual(answered('', `uid=${cookie}`).headers, []));
  }

  const bad: readonly (readonly [cookie: string, complaint: string])[] = [
    ['short', 'client sent too short userid cookie "uid=short"'],
    ['', 'client sent too short userid cookie "uid="'],
    [`*${KNOWN_TEXT.slice(1)}`, `client sent invalid userid cookie "uid=*${KNOWN_TEXT.slice(1)}"`],
    [`a=${KNOWN_TEXT}`, `client sent invalid userid cookie "uid=a=${KNOWN_TEXT}"`],
  ];
  for (const [cookie, complaint] of bad) {
    test(`"${cookie}" is no identifier, which is said once`, () => {
      const { request, headers } = answered('', `uid=${cookie}`);
      assert.equal(headers[0], 'Set-Cookie');
      assert.equal(variableOf('uid_got', request), undefined);
      assert.deepEqual(request.errors, [`error: ${complaint} while sending response to client`]);
    });
  }

  test('one that ends in zeros is nobody’s', () => {
    assert.equal(answered('', `uid=${'A'.repeat(22)}==`).headers[0], 'Set-Cookie');
  });

  test('what is said of the cookie stands behind it', () => {
    const more = 'userid_name ID; userid_domain example.org; userid_path /a; userid_p3p "CP=X"; userid_service 258;';
    const { headers } = answered(`${more} userid_flags samesite=none httponly; userid_flags secure;`);
    assert.match(headers[1]!, /^ID=.{24}; domain=example\.org; path=\/a; secure; httponly; samesite=none$/);
    assert.deepEqual(headers.slice(2), ['P3P', 'CP=X']);
    assert.equal(identifierIn(headers[1]!).readUInt32BE(0), 258);
  });

  test('how long it is kept', () => {
    assert.match(answered('userid_expires 1d;').headers[1]!, /; expires=Sat, 21-Nov-26 10:46:31 GMT; path=\/$/);
    assert.match(answered('userid_expires max;').headers[1]!, /; expires=Thu, 31-Dec-37 23:55:55 GMT; path=\/$/);
    assert.match(answered('userid_expires off;').headers[1]!, /^uid=.{24}; path=\/$/);
    assert.match(answered('userid_expires 200000y;').headers[1]!, /; expires=Fri, 31-Dec-9999 23:59:59 GMT/);
  });

  test('of two values of SameSite the first counts, with a warning', () => {
    const text = 'events {} http { userid_flags samesite=strict samesite=none; server {} }';
    const { warnings, servers } = build(text);
    assert.deepEqual(servers[0]!.settings.useridFlags, ['samesite=strict']);
    assert.match(warnings.join(), /^duplicate value "samesite=none" in /);
  });

  test('a mark: who has another gets the same identifier with it', () => {
    const marked = `${KNOWN_TEXT.slice(0, 22)}x=`;
    assert.match(answered('userid_mark x;').headers[1]!, /^uid=.{22}x=; path=\/$/);
    assert.equal(answered('userid_mark x;', `uid=${KNOWN_TEXT}`).headers[1], `uid=${marked}; path=/`);
    assert.equal(answered('userid_mark x;', `uid=${KNOWN_TEXT.slice(0, 22)}`).headers[1], `uid=${marked}; path=/`);
    assert.deepEqual(answered('userid_mark x;', `uid=${marked}`).headers, []);
    assert.deepEqual(answered('userid_mark =;', `uid=${KNOWN_TEXT}`).headers, []);
    assert.deepEqual(answered('', `uid=${marked}`).headers, []);
  });

  test('$uid_reset: a new identifier, and a line of the log', () => {
    for (const value of ['""', '0']) {
      assert.deepEqual(answered(`set $uid_reset ${value};`, `uid=${KNOWN_TEXT}`).headers, [], value);
    }
    const { request, headers } = answered('set $uid_reset log;', `uid=${KNOWN_TEXT}`);
    assert.notDeepEqual(identifierIn(headers[1]!), KNOWN);
    assert.deepEqual(request.errors, [
      'notice: userid cookie "uid=0200007F372A5B6544332211A2030303" was reset while sending response to client',
    ]);
    assert.equal(answered('set $uid_reset 1;', `uid=${KNOWN_TEXT}`).request.errors.length, 0);
  });

  test('the last four bytes of an IPv6 address, and nothing of a unix socket', () => {
    const from = (serverAddress: string) => {
      const { headers } = answered('', undefined, request => Object.assign(request.peer, { serverAddress }));
      return identifierIn(headers[1]!).readUInt32BE(0);
    };
    assert.equal(from('2001:db8::1:2:3'), 0x00020003);
    assert.equal(from('::1'), 1);
    assert.equal(from('unix:/run/x'), 0);
  });
});

describe('identifiers', () => {
  test('no two of a process are the same', () => {
    const all = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? makeFirst(0, 1) : makeSecond(0, 1)));
    assert.equal(new Set(all).size, all.length);
    for (const one of all) assert.equal(decode(encode(one)), one);
  });

  test('what ends early is filled up with zeros', () => {
    assert.equal(decode(`${'AAAA'.repeat(5)}==`), '');
    assert.equal(decode('//////////////////////'), '\xff'.repeat(16));
    assert.equal(decode('/////////////////////='), null);
  });
});

test('a cookie, as nginx finds it', () => {
  const found: readonly (readonly [line: string, value: string | undefined])[] = [
    ['a=1', '1'],
    ['b=2; A=1', '1'],
    ['b=2;a=1', '1'],
    ['b=2,a=1;c=3', '1'],
    ['a = 1 ;b=2', '1 '],
    ['aa=2; a=1', '1'],
    ['xa=2', undefined],
    ['a', undefined],
    ['a=', ''],
    ['  a=1,2', '1,2'],
    ['', undefined],
    [';;;a=1', '1'],
  ];
  for (const [line, value] of found) assert.equal(cookieValue(line, 'a'), value, line);
});
