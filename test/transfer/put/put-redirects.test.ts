/** Servers that send `zerocopy put` elsewhere. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Script, ScriptedServer } from './scripted-server.js';
import { breakWithin, content, field, PutBench, store } from './support.js';

let bench: PutBench;
before(() => {
  bench = new PutBench();
});
after(() => bench.clean());

describe('a redirect', { concurrency: 2 }, () => {
  /** Sends the client elsewhere before the body. */
  const redirect = (status: number, location: string, seen: (head: string) => void = () => {}): Script => {
    return async wire => {
      seen(await wire.head());
      wire.answer(`${status} Elsewhere`, '', `Location: ${location}`);
      await wire.over();
      assert.equal(wire.waiting, 0, 'no body was sent');
    };
  };

  for (const status of [307, 308]) {
    test(`${status} is followed to another server, which is told no secrets`, async () => {
      const heads: string[] = [];
      const other = await ScriptedServer.start(async wire => {
        const head = await wire.head();
        heads.push(head);
        wire.write('HTTP/1.1 100 Continue\r\n\r\n');
        assert.ok((await wire.body(content.length)).equals(content));
        wire.answer('201 Created');
      });
      const first = redirect(status, other.url('/there?x'), head => heads.push(head));
      const secrets = ['--user', 'me:secret', '--header', 'Cookie: a=b', '--header', 'X-Scan: 7'];
      const { code, stdout, stderr } = await bench.put([first], ...secrets);
      await other.close();
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\/there\?x: 201 Created\n$/);
      const [before, after] = heads;
      assert.match(after, /^PUT \/there\?x HTTP/);
      assert.match(field(before, 'Authorization') ?? '', /^Basic /);
      assert.equal(field(before, 'Cookie'), 'a=b');
      assert.equal(field(after, 'Host'), `127.0.0.1:${other.port}`);
      assert.deepEqual([field(after, 'Authorization'), field(after, 'Cookie')], [undefined, undefined]);
      assert.equal(field(after, 'X-Scan'), '7');
    });
  }

  test('to the same server keeps the password', async () => {
    const then: Script = async wire => {
      const head = await wire.head();
      assert.match(head, /^PUT \/b HTTP/);
      assert.match(field(head, 'Authorization') ?? '', /^Basic /);
      await wire.body(content.length);
      wire.answer('201 Created');
    };
    const { code, stderr } = await bench.put([redirect(307, '/b'), then], '--user', 'me:secret');
    assert.equal(code, 0, stderr);
  });

  test('that comes within the body begins anew', async () => {
    const within = breakWithin(wire => wire.answer('307 Elsewhere', '', 'Location: /b'));
    const { code, stderr } = await bench.put([within, store]);
    assert.equal(code, 0, stderr);
  });

  test('that leads to a server that breaks begins where the first one did', async () => {
    const places: string[] = [];
    const note: Script = async wire => {
      places.push((await wire.head()).split(' ')[1]);
      wire.answer(places.length === 2 ? '500 Oops' : '307 Elsewhere', '', 'Location: /b');
    };
    const { code, stderr } = await bench.put([note, note, note, store]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(places, ['/scan', '/b', '/scan']);
  });

  test('that leads round and round', async () => {
    const { code, stderr } = await bench.put(Array.from({ length: 11 }, () => redirect(307, '/scan')));
    assert.equal(code, 1);
    assert.match(stderr, /redirected 10 times, last to http:\/\/127\.0\.0\.1:\d+\/scan/);
  });
});
