/** Answers by which a server refuses a file. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Script, Wire } from './scripted-server.js';
import { PutBench } from './support.js';

let bench: PutBench;
before(() => {
  bench = new PutBench();
});
after(() => bench.clean());

/** Answers before the body; none of it may have come by the time the client closes. */
function refuseBefore(status: string, body = '', ...fields: string[]): Script {
  return async wire => {
    await wire.head();
    wire.answer(status, body, ...fields);
    await wire.over();
    assert.equal(wire.waiting, 0, 'no body was sent');
  };
}

/** Answers when so much of the body has come. */
function refuseWithin(then: (wire: Wire) => void): Script {
  return async wire => {
    await wire.head();
    wire.write('HTTP/1.1 100 Continue\r\n\r\n');
    await wire.body(100_000);
    wire.pause();
    then(wire);
  };
}

describe('an answer that says no', { concurrency: 2 }, () => {
  const cases: [what: string, script: Script, message: RegExp][] = [
    [
      '401',
      refuseBefore('401 Unauthorized', '', 'WWW-Authenticate: Basic realm="x"'),
      /"401 Unauthorized": give user and password with --user/,
    ],
    [
      '401 of another scheme',
      refuseBefore('401 No', '', 'WWW-Authenticate: Digest x'),
      /it asks for Digest x, and only Basic is known/,
    ],
    ['403', refuseBefore('403 Forbidden'), /"403 Forbidden": the server does not allow it/],
    ['404', refuseBefore('404 Not Found'), /is the folder there\?/],
    ['405', refuseBefore('405 Not Allowed'), /dav_methods PUT/],
    ['409', refuseBefore('409 Conflict'), /is the folder there\?/],
    ['411', refuseBefore('411 Length Required'), /is there a proxy between\?/],
    ['413', refuseBefore('413 Too Large'), /client_max_body_size/],
    ['418', refuseBefore("418 I'm a teapot"), /the server answered "418 I'm a teapot"\n/],
    ['501', refuseBefore('501 Not Implemented'), /the server knows no PUT/],
    ['507', refuseBefore('507 Insufficient Storage'), /there is no room for the file at the server/],
    ['300', refuseBefore('300 Multiple Choices'), /this is no place for a file/],
    [
      '301',
      refuseBefore('301 Moved', '', 'Location: /there'),
      /only 307 and 308.* try http:\/\/127\.0\.0\.1:\d+\/there/,
    ],
    ['307 without a place', refuseBefore('307 Temporary Redirect'), /it does not say where to/],
    ['307 to another scheme', refuseBefore('307 x', '', 'Location: ftp://x/'), /"ftp:\/\/x\/": only http and https/],
    ['201 before the body', refuseBefore('201 Created'), /it has 0 of 3000000 bytes/],
    [
      'what is no HTTP',
      refuseBeforeText('SSH-2.0-OpenSSH_9.2\r\n'),
      /is not HTTP: it begins with "SSH-2\.0-OpenSSH_9\.2\\x0d\\x0a"/,
    ],
    ['a length that is none', refuseBeforeText('HTTP/1.1 500 x\r\nContent-Length: x\r\n\r\n'), /no usable length/],
    [
      'nothing but 102',
      refuseBeforeText('HTTP/1.1 102 x\r\n\r\n'.repeat(150)),
      /101 times without an answer that counts/,
    ],
    [
      '413 while the body is sent, and a close',
      refuseWithin(wire => wire.answer('413 Too Large', 'no more')),
      /client_max_body_size.*\n {2}\| no more\n/,
    ],
    [
      '413 while the body is sent, and a close at once',
      refuseWithin(answerAndDestroy),
      /"413 Too Large".*\n {2}\| no\n/,
    ],
    ['507 while the body is sent, and a reset', refuseWithin(answerAndReset), /"507 Insufficient Storage"/],
  ];
  for (const [what, script, message] of cases) {
    test(what, async () => {
      const { code, stdout, stderr } = await bench.put([script]);
      assert.match(stderr, message);
      assert.equal(code, 1);
      assert.doesNotMatch(stdout, /bytes/);
      assert.doesNotMatch(stderr, /again from the start/);
    });
  }

  test('401 to a password', async () => {
    const { code, stderr } = await bench.put([refuseBefore('401 No')], '--user', 'me:wrong');
    assert.match(stderr, /user and password are not accepted/);
    assert.equal(code, 1);
  });

  test('is shown with the beginning of its page, and harmless', async () => {
    const page = `a \x1b[31mred\x07 page \xc3\xa4\r\n\r\n${'line\n'.repeat(50)}`;
    const { stderr } = await bench.put([refuseBefore('403 \x1b]0;x\x07', page)]);
    assert.match(stderr, /"403 \\x1b\]0;x\\x07"/);
    assert.match(stderr, /\n {2}\| a \\x1b\[31mred\\x07 page \xc3\xa4\n {2}\| line\n/);
    assert.equal(stderr.split('\n').length, 15);
    assert.match(stderr, / {2}\| \.\.\.\n$/);
  });

  test('is shown with a chunked page', async () => {
    const script = refuseBeforeText(
      'HTTP/1.1 403 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n',
    );
    assert.match((await bench.put([script])).stderr, /\n {2}\| abcdef\n$/);
  });
});

function refuseBeforeText(text: string): Script {
  return async wire => {
    await wire.head();
    wire.end(text);
    await wire.over();
    assert.equal(wire.waiting, 0, 'no body was sent');
  };
}

function answerAndDestroy(wire: Wire): void {
  wire.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
  wire.destroyWhenSent();
}

function answerAndReset(wire: Wire): void {
  wire.write('HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 100\r\n\r\nno');
  wire.resetWhenSent();
}
