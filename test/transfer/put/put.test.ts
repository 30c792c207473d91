/** `zerocopy put` and what servers answer to it. */
import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, utimesSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Script } from './scripted-server.js';
import { content, field, PutBench, store } from './support.js';

let bench: PutBench;
before(() => {
  bench = new PutBench();
});
after(() => bench.clean());

describe('the request', { concurrency: 2 }, () => {
  test('asks first, then sends the file', async () => {
    let head = '';
    const { code, stdout, stderr } = await bench.put([
      async wire => {
        head = await wire.head();
        assert.equal(wire.waiting, 0, 'the body waits');
        wire.write('HTTP/1.1 100 Continue\r\n\r\n');
        assert.ok((await wire.body(content.length)).equals(content));
        wire.answer('201 Created');
      },
    ]);
    assert.equal(code, 0, stderr);
    assert.match(head, /^PUT \/scan HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nUser-Agent: zerocopy\/\d/);
    assert.equal(field(head, 'Content-Length'), '3000000');
    assert.equal(field(head, 'Expect'), '100-continue');
    assert.equal(field(head, 'Authorization'), undefined);
    assert.match(stdout, /^Interval \(sec\) {2}Transfer \(GBytes\) {2}Bandwidth \(Gbps\)\n/);
    assert.match(stdout, /data path +sendfile\n/);
    assert.match(stdout, /http:\/\/127\.0\.0\.1:\d+\/scan: 201 Created\n$/);
  });

  test('reads and writes where that is asked for, and says so as JSON', async () => {
    const { code, stdout, stderr } = await bench.put([store], '--no-zero-copy', '--json', '--block-size', '100k');
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    const { sender } = JSON.parse(stdout);
    assert.deepEqual([sender.role, sender.transport, sender.path], ['put', 'http', 'read+write']);
    assert.equal(sender.bytes, content.length);
    assert.deepEqual(sender.files, [{ name: 'scan.bin', size: content.length, resumedFrom: 0 }]);
    assert.ok(sender.cost.calls.pread64 >= 30 && sender.cost.calls.sendto >= 30, JSON.stringify(sender.cost.calls));
  });

  test('goes to a folder under the name of the file', async () => {
    const path = bench.file('a b#\xe4.bin', Buffer.alloc(0));
    const script: Script = async wire => {
      const head = await wire.head();
      assert.match(head, /^PUT \/x\/a%20b%23%C3%A4\.bin\?q HTTP/);
      assert.equal(field(head, 'Content-Length'), '0');
      assert.equal(field(head, 'Expect'), undefined, 'nothing to wait for');
      wire.answer('204 No Content');
    };
    const { code, stderr } = await bench.putAs(path, '/x/?q', [script]);
    assert.equal(code, 0, stderr);
  });

  test('has the fields of the user, and the password', async () => {
    const script: Script = async wire => {
      const head = await wire.head();
      assert.equal(field(head, 'Expect'), undefined);
      assert.equal(field(head, 'Accept'), 'text/plain');
      assert.equal(field(head, 'X-Scan'), '7');
      assert.equal(field(head, 'Authorization'), `Basic ${Buffer.from('me:a:b').toString('base64')}`);
      await wire.body(content.length);
      wire.answer('200 OK');
    };
    const headers = ['--header', 'Expect:', '--header', 'accept: text/plain', '--header', 'X-Scan: 7'];
    const { code, stderr } = await bench.put([script], '--user', 'me:a:b', ...headers);
    assert.equal(code, 0, stderr);
  });

  test('keeps to the rate', async () => {
    const { code, stdout, stderr } = await bench.put([store], '--rate', '6M', '--json');
    assert.equal(code, 0, stderr);
    const { seconds, bytes } = JSON.parse(stdout).sender;
    assert.ok(bytes / seconds <= 6.3 * 2 ** 20, `${bytes} bytes in ${seconds} s`);
  });
});

describe('a server', { concurrency: 2 }, () => {
  const good: [what: string, script: Script][] = [
    [
      'that never says 100 gets the file all the same',
      async wire => {
        await wire.head();
        assert.ok((await wire.body(content.length)).equals(content));
        wire.answer('201 Created');
      },
    ],
    [
      'that says 100 late',
      async wire => {
        await wire.head();
        const first = await wire.body(1);
        wire.write('HTTP/1.1 100 Continue\r\n\r\n');
        assert.ok(Buffer.concat([first, await wire.body(content.length - 1)]).equals(content));
        wire.answer('201 Created');
      },
    ],
    [
      'that says other things first, in pieces',
      async wire => {
        await wire.head();
        wire.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 10');
        wire.write('3 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
        assert.ok((await wire.body(content.length)).equals(content));
        wire.write('HTTP/1.1 201 Cre');
        wire.end('ated\n\n');
      },
    ],
    [
      'of HTTP/1.0',
      async wire => {
        await wire.head();
        assert.ok((await wire.body(content.length)).equals(content));
        wire.end('HTTP/1.0 200 OK\r\n\r\nthank you');
      },
    ],
    [
      'that is content before it has all, and reads on',
      async wire => {
        await wire.head();
        wire.write('HTTP/1.1 100 Continue\r\n\r\n');
        const first = await wire.body(100_000);
        wire.write('HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok');
        assert.ok(Buffer.concat([first, await wire.body(content.length - first.length)]).equals(content));
        wire.end();
      },
    ],
  ];
  for (const [what, script] of good) {
    test(what, async () => {
      const { code, stderr } = await bench.put([script]);
      assert.equal(code, 0, stderr);
    });
  }

  test('that does not know Expect is asked without it', async () => {
    const refuse: Script = async wire => {
      assert.equal(field(await wire.head(), 'Expect'), '100-continue');
      wire.answer('417 Expectation Failed');
    };
    const take: Script = async wire => {
      assert.equal(field(await wire.head(), 'Expect'), undefined);
      assert.ok((await wire.body(content.length)).equals(content));
      wire.answer('201 Created');
    };
    const { code, stderr } = await bench.put([refuse, take]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
  });
});

describe('a file that changes while it is sent', { concurrency: 2 }, () => {
  const cases: [what: string, change: (path: string) => void, message: RegExp][] = [
    ['shrinks', path => truncateSync(path, 1000), /ended after \d+ of 3000000 bytes|has shrunk from 3,000,000 /],
    ['grows', path => appendFileSync(path, 'x'), /has grown from 3,000,000 .* while it was sent: .*send it again/],
    ['is written to', path => utimesSync(path, 1, 1), /was written to while it was sent/],
  ];
  for (const [what, change, message] of cases) {
    test(what, async () => {
      const path = bench.file(`changing-${what}.bin`, content);
      const script: Script = async wire => {
        await wire.head();
        change(path);
        wire.write('HTTP/1.1 100 Continue\r\n\r\n');
        if (what === 'shrinks') {
          await wire.over();
          return;
        }
        await wire.body(content.length);
        wire.answer('201 Created');
      };
      const { code, stderr } = await bench.putAs(path, '/scan', [script]);
      assert.match(stderr, message);
      assert.equal(code, 1);
    });
  }
});
