import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { askResponder } from '../../src/tls/responder.js';
import { ResponderStaple } from '../../src/tls/responder-staple.js';

const minute = 60_000;
const hour = 60 * minute;
/** The shortest thing that is an OCSP response: "try later". */
const answer = Buffer.from([0x30, 3, 0x0a, 1, 3]);

/** A staple whose answers come when the test says so. */
class Bench {
  now = 1_000_000 * minute;
  asked = 0;
  readonly lines: string[] = [];
  /** For how long the next answer holds (s). */
  holds = 0;
  readonly staple: ResponderStaple;
  private settle: { resolve: (bytes: Buffer) => void; reject: (error: Error) => void } | null = null;

  constructor() {
    const question = { request: Buffer.from('?'), check: () => this.holds, free: () => {} };
    const ask = () => {
      this.asked += 1;
      return new Promise<Buffer>((resolve, reject) => {
        this.settle = { resolve, reject };
      });
    };
    this.staple = new ResponderStaple(new URL('http://ocsp.example/'), 'a.pem', question, () => this.now, ask);
    this.staple.host = { log: (_level, line) => this.lines.push(line), runLater: act => act() };
  }

  get shown(): boolean {
    return this.staple.bytes !== null;
  }

  async answer(seconds: number): Promise<void> {
    this.holds = seconds;
    this.settle?.resolve(answer);
    await new Promise(setImmediate);
  }

  async fail(): Promise<void> {
    this.settle?.reject(new Error('connect() failed'));
    await new Promise(setImmediate);
  }
}

describe('when a responder is asked', () => {
  test('when a client first wants to know, and once', async () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) assert.equal(bench.shown, false);
    assert.equal(bench.asked, 1);
    await bench.answer(7 * 24 * 3600);
    assert.equal(bench.shown, true);
    assert.deepEqual(Buffer.from(bench.staple.bytes?.bytes ?? []), answer);
    assert.equal(bench.asked, 1);
  });

  const cases: [what: string, holds: number, askedAt: number][] = [
    ['after an hour, where the answer holds longer', 24 * 3600, hour],
    ['after an hour, where it holds for ever', Number.POSITIVE_INFINITY, hour],
    ['five minutes before it ends', 30 * 60, 25 * minute],
    ['not before five minutes, even where it has ended then', 60, 5 * minute],
  ];
  for (const [what, holds, askedAt] of cases) {
    test(what, async () => {
      const bench = new Bench();
      assert.equal(bench.shown, false);
      await bench.answer(holds);
      bench.now += askedAt - 1;
      assert.equal(bench.shown, askedAt - 1 <= holds * 1000);
      assert.equal(bench.asked, 1);
      bench.now += 1;
      // the one before is shown as long as it holds
      assert.equal(bench.shown, askedAt <= holds * 1000);
      assert.equal(bench.asked, 2);
      await bench.answer(holds);
      assert.equal(bench.shown, true);
    });
  }

  test('five minutes after it failed; what it said before holds until it ends', async () => {
    const bench = new Bench();
    assert.equal(bench.shown, false);
    await bench.answer(62 * 60);
    bench.now += hour;
    assert.equal(bench.shown, true);
    await bench.fail();
    assert.deepEqual(bench.lines, [
      'connect() failed while requesting certificate status, responder: ocsp.example, certificate: "a.pem"',
    ]);
    assert.equal(bench.shown, true);
    bench.now += 3 * minute;
    assert.equal(bench.shown, false);
    assert.equal(bench.asked, 2);
    bench.now += 2 * minute;
    assert.equal(bench.shown, false);
    assert.equal(bench.asked, 3);
    await bench.answer(3600);
    assert.equal(bench.shown, true);
  });

  test('never, in a process that does not serve', () => {
    const bench = new Bench();
    bench.staple.host = null;
    assert.equal(bench.shown, false);
    assert.equal(bench.asked, 0);
  });
});

describe('a question to a responder', () => {
  const ends: (() => Promise<unknown>)[] = [];
  after(async () => {
    for (const end of ends) await end();
  });

  async function urlOf(listener: RequestListener, path = ''): Promise<URL> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  }

  for (const path of ['', '/', '/a/b', '/a/b/']) {
    test(`is part of the path, escaped: "${path}"`, async () => {
      const question = Buffer.from([0xfb, 0xff, 0xbf, 0x3f]);
      let target = '';
      const url = await urlOf((request, response) => {
        target = `${request.method} ${request.url}`;
        response.end('answer');
      }, path);
      assert.equal((await askResponder(url, question)).toString(), 'answer');
      assert.equal(target, `GET ${path.replace(/\/$/, '')}/%2B%2F%2B%2FPw%3D%3D`);
    });
  }

  test('takes so long at most, even where bytes come all the time', async () => {
    const timedOut = /^Error: OCSP responder timed out \(110: Connection timed out\)$/;
    const limits = { time: 50, bytes: 100_000 };
    await assert.rejects(askResponder(await urlOf(() => {}), answer, limits), timedOut);
    const dripping = await urlOf((_request, response) => {
      response.writeHead(200).flushHeaders();
      const timer = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(timer));
    });
    await assert.rejects(askResponder(dripping, answer, limits), timedOut);
  });

  test('takes so many bytes at most, of the head too', async () => {
    const limits = { time: 10_000, bytes: 1000 };
    const just = await urlOf((_request, response) => void response.end(Buffer.alloc(1000)));
    assert.equal((await askResponder(just, answer, limits)).length, 1000);
    const large = await urlOf((_request, response) => void response.end(Buffer.alloc(1001)));
    await assert.rejects(askResponder(large, answer, limits), /OCSP responder sent more than 1000 bytes/);
    const head = await urlOf((_request, response) => void response.setHeader('X', 'y'.repeat(2000)).end());
    await assert.rejects(askResponder(head, answer, limits), /OCSP responder sent invalid response/);
  });
});
