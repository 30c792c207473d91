import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createPlain, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../../src/tools/waiting.js';
import { TransferError } from '../../../src/transfer/failure.js';
import { BrokenConnection } from '../../../src/transfer/http/broken.js';
import { requestTls, type TlsRequest } from '../../../src/transfer/http/tls.js';
import { parseUrl } from '../../../src/transfer/http/url.js';
import { missing } from '../../server/harness.js';
import { BusyListener } from '../busy-listener.js';
import { type Certificate, selfSigned } from './certificate.js';

const patience = 60_000;

async function textOf(body: Readable): Promise<string> {
  let text = '';
  for await (const part of body) text += (part as Buffer).toString('latin1');
  return text;
}

describe('https', { skip: missing('openssl') }, () => {
  let certificate: Certificate;
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let base: string;

  before(async () => {
    certificate = selfSigned('DNS:localhost,IP:127.0.0.1');
    server = createServer({ cert: certificate.cert, key: certificate.key });
    server.on('request', (request, response) => answer(request, response));
    server.on('checkContinue', (request, response) => answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    certificate.remove();
  });

  const get = (url: string, options: Partial<TlsRequest> = {}) => {
    const target = parseUrl(url);
    const headers = [{ name: 'Host', value: target.authority }];
    return requestTls({ target, method: 'GET', headers, timeoutMs: patience, ca: certificate.cert, ...options });
  };

  const failure = async (promise: Promise<unknown>): Promise<TransferError> => {
    const error: unknown = await promise.then(
      () => assert.fail('there was an answer'),
      reason => reason,
    );
    assert.ok(error instanceof TransferError, String(error));
    return error;
  };

  test('sends the fields as they are, and gives the answer as it came', async () => {
    let seen: string[] = [];
    answer = ({ url, rawHeaders }, response) => {
      seen = [url ?? '', ...rawHeaders];
      response.writeHead(206, 'Some', { 'X-A': ['1', '2'], 'Transfer-Encoding': 'chunked' });
      response.write('ab');
      response.end('cd');
    };
    const fields = [
      { name: 'hOST', value: 'x' },
      { name: 'X-Byte', value: '\xe4' },
      { name: 'Connection', value: 'close' },
    ];
    const { head, body } = await get(`${base}/p?q`, { headers: fields });
    assert.deepEqual(seen, ['/p?q', 'hOST', 'x', 'X-Byte', '\xe4', 'Connection', 'close']);
    assert.deepEqual([head.version, head.statusText, head.all('x-a')], [1001, '206 Some', ['1', '2']]);
    assert.equal(await textOf(body), 'abcd');
  });

  for (const says of [true, false]) {
    test(`a body waits for 100 Continue${says ? '' : ', but not for ever'}`, async () => {
      const events: string[] = [];
      answer = async (request, response) => {
        events.push('asked');
        if (says) response.writeContinue();
        response.end(await textOf(request));
      };
      const makeBody = () => {
        events.push('body');
        return Readable.from(['some', 'thing'].map(part => Buffer.from(part)));
      };
      const headers = [
        { name: 'Host', value: 'x' },
        { name: 'Content-Length', value: '9' },
        { name: 'Expect', value: '100-continue' },
      ];
      const request = { method: 'PUT', headers, body: makeBody, continueMs: says ? patience : 300 };
      const { body } = await get(base, request);
      assert.equal(await textOf(body), 'something');
      assert.deepEqual(events, ['asked', 'body']);
    });
  }

  test('an answer before the body: it is not asked for', async () => {
    answer = (_, response) => response.writeHead(403).end('no');
    const headers = [
      { name: 'Host', value: 'x' },
      { name: 'Content-Length', value: '9' },
      { name: 'Expect', value: '100-continue' },
    ];
    const body = () => assert.fail('the body is asked for');
    const given = await get(base, { method: 'PUT', headers, body });
    assert.equal(given.head.status, 403);
    assert.equal(await textOf(given.body), 'no');
  });

  test("what the body's stream fails with is handed on", async () => {
    answer = request => request.resume();
    const body = () =>
      new Readable({
        read() {
          this.destroy(new TransferError('the file ended', 'source'));
        },
      });
    const error = await failure(get(base, { method: 'PUT', headers: [{ name: 'Content-Length', value: '9' }], body }));
    assert.deepEqual([error.kind, error.message], ['source', 'the file ended']);
  });

  const distrusted: [what: string, isKnown: boolean, make: () => Certificate, message: RegExp][] = [
    [
      'that is signed by itself',
      false,
      () => selfSigned('DNS:localhost'),
      /is not trusted: it is signed by itself; .*--cacert FILE, or --insecure/,
    ],
    [
      'of another host',
      true,
      () => selfSigned('DNS:other.example'),
      /is not valid: .*other\.example.*; --insecure takes any/,
    ],
    [
      'that has expired',
      true,
      () => selfSigned('DNS:localhost', -1),
      /is not valid: certificate has expired; --insecure takes any/,
    ],
  ];
  for (const [what, isKnown, make, message] of distrusted) {
    test(`a certificate ${what} is refused, and taken with --insecure`, async () => {
      const made = make();
      const other = createServer({ cert: made.cert, key: made.key }, (_, response) => response.end('well'));
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      const url = `https://localhost:${(other.address() as AddressInfo).port}/`;
      try {
        const error = await failure(get(url, { ca: isKnown ? made.cert : certificate.cert }));
        assert.match(error.message, message);
        assert.ok(error.kind === 'peer' && !(error instanceof BrokenConnection), 'another try is of no use');
        const { body } = await get(url, { insecure: true });
        assert.equal(await textOf(body), 'well');
      } finally {
        other.closeAllConnections();
        other.close();
        made.remove();
      }
    });
  }

  test('nobody listens', async () => {
    const port = await freePort();
    const error = await failure(get(`https://127.0.0.1:${port}/`));
    assert.equal(
      error.message,
      `cannot connect to 127.0.0.1:${port}: connection refused: no server listens on that port`,
    );
    assert.equal(error.kind, 'network');
    assert.ok(!(error instanceof BrokenConnection));
  });

  test('there is no such host', async () => {
    const error = await failure(get('https://nowhere.invalid/'));
    assert.match(error.message, /^cannot connect to nowhere\.invalid:443: (there is no host|the name server)/);
  });

  const odd: [what: string, says: (socket: Socket) => void, timeoutMs: number, message: RegExp, isBroken: boolean][] = [
    [
      'speaks HTTP where TLS is expected',
      socket => socket.end('HTTP/1.1 400 Bad\r\n\r\n'),
      patience,
      /does not speak TLS.*is it http:\/\/\?/,
      false,
    ],
    ['closes at once', socket => socket.destroy(), patience, /has broken off the connection/, true],
    ['says nothing', () => {}, 500, /was silent for 0\.5 s/, true],
  ];
  for (const [what, says, timeoutMs, message, isBroken] of odd) {
    test(`a server that ${what}`, async () => {
      const plain = createPlain(socket => {
        socket.on('error', () => {});
        socket.once('data', () => says(socket));
      }).listen(0, '127.0.0.1');
      await once(plain, 'listening');
      const { port } = plain.address() as AddressInfo;
      const error = await failure(get(`https://127.0.0.1:${port}/`, { timeoutMs }));
      plain.close();
      assert.match(error.message, message);
      assert.equal(error instanceof BrokenConnection, isBroken);
    });
  }

  test('a connection that breaks within the body fails it', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half', () => response.socket?.destroy());
    };
    const { body } = await get(base);
    await assert.rejects(textOf(body));
  });

  test('silence within the body fails it with a reason', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half');
    };
    const { body } = await get(base, { timeoutMs: 500 });
    await assert.rejects(textOf(body), /was silent for 0\.5 s/);
  });

  test('a connection that nobody takes is given up', async () => {
    const busy = new BusyListener();
    const error = await failure(get(`https://127.0.0.1:${busy.port}/`, { timeoutMs: 300 }));
    busy.close();
    assert.match(error.message, /^cannot connect to 127\.0\.0\.1:\d+: no answer within 0\.3 s/);
    assert.ok(!(error instanceof BrokenConnection));
  });

  test('it can be given up, before and after the head, or before it begins', async () => {
    await assert.rejects(get(base, { signal: AbortSignal.abort(new Error('not at all')) }), /not at all/);
    const before = new AbortController();
    answer = () => before.abort(new Error('enough'));
    await assert.rejects(get(base, { signal: before.signal }), /enough/);
    const within = new AbortController();
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half');
    };
    const { body } = await get(base, { signal: within.signal });
    within.abort(new Error('enough of it'));
    await assert.rejects(textOf(body), /enough of it/);
  });
});
