import assert from 'node:assert/strict';
import { constants, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { type Ask, type AskSettings, ask } from '../../src/bench/clients/ask.js';
import type { Secured } from '../../src/bench/secured.js';
import { makeSelfSigned } from '../../src/tls/self-signed.js';
import { freePort } from '../../src/tools/waiting.js';
import { answer, ScriptedServer } from './support.js';

const body = 'x'.repeat(5000);
const right: Ask = {
  text: 'GET /file HTTP/1.1\r\nHost: a\r\n\r\n',
  status: 200,
  length: body.length,
  sha256: createHash('sha256').update(body).digest('hex'),
};
const signal = new AbortController().signal;
let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function askOf(say: (nth: number, socket: Socket) => void, settings: Partial<AskSettings> = {}) {
  server = await ScriptedServer.start({ answer: say });
  return ask(
    { port: server.port, asks: [right], connections: 3, seconds: 20, times: 30, sampleEvery: 4, ...settings },
    signal,
  );
}

test('as many requests as are wanted, over several connections, with samples', async () => {
  const result = await askOf((_, socket) => socket.write(answer(body)));
  assert.equal(result.problem, undefined);
  assert.equal(result.requests, 30);
  assert.equal(result.bytes, 30 * body.length);
  assert.equal(result.samples, 7);
  assert.equal(
    result.latency.counts.reduce((sum, [, count]) => sum + count, 0),
    30,
  );
});

test('until the time is over', async () => {
  const result = await askOf((_, socket) => socket.write(answer(body)), { seconds: 0.2, times: 0 });
  assert.equal(result.problem, undefined);
  assert.ok(result.seconds >= 0.19 && result.requests > 10, `${result.requests} in ${result.seconds} s`);
  // the lead-in is out of it: what is left is neither nothing nor more than all
  assert.ok(result.rate > 0 && result.rate < result.requests / (result.seconds / 2), `${result.rate}`);
});

test('the first answer is waited for, beyond the time', async () => {
  const late = (_: number, socket: Socket) => setTimeout(() => socket.write(answer(body)), 600);
  const { problem, requests, rate } = await askOf(late, { connections: 1, seconds: 0.2, times: 0 });
  assert.equal(problem, undefined);
  assert.equal(requests, 1);
  assert.ok(rate > 0);
});

test('heads and bodies in pieces', async () => {
  const text = answer(body);
  const cuts = [0, 7, 20, 38, 39, 40, 41, 42, 2000, text.length];
  const say = (_: number, socket: Socket) => {
    socket.setNoDelay(true);
    const next = (at: number) => {
      if (at + 1 === cuts.length) return;
      socket.write(text.slice(cuts[at], cuts[at + 1]), () => setImmediate(next, at + 1));
    };
    next(0);
  };
  const result = await askOf(say, { sampleEvery: 2 });
  assert.equal(result.problem, undefined);
  assert.equal(result.requests, 30);
});

test('each connection takes the asks in turn', async () => {
  server = await ScriptedServer.start({ answer: (_, socket) => socket.write(answer('ab')) });
  const asks = ['ab', 'ab'].map(() => ({ text: right.text, status: 200, length: 2 }));
  const result = await ask({ port: server.port, asks, connections: 2, seconds: 20, times: 8, sampleEvery: 99 }, signal);
  assert.equal(result.requests, 8);
});

const wrong: [what: string, say: (nth: number, socket: Socket) => void, problem: RegExp][] = [
  ['another status', (_, socket) => socket.write(answer(body, {}, '500 Oops')), /answered "500 Oops"/],
  ['another length', (_, socket) => socket.write(answer(`${body}!`)), /Content-Length of 5001/],
  ['a length that changes', (nth, socket) => socket.write(answer(nth < 9 ? body : 'x')), /Content-Length of 1 and/],
  ['other bytes', (_, socket) => socket.write(answer(body.replace('x', 'y'))), /other bytes than those of the file/],
  ['too many bytes', (_, socket) => socket.write(`${answer(body)}??`), /2 bytes too many|no answer/],
  [
    'a body that ends early',
    (_, socket) => socket.end(answer(body).slice(0, -10)),
    /closed the connection 10 bytes before/,
  ],
  ['no answer', (_, socket) => socket.end(), /closed the connection in place of an answer/],
  ['no HTTP', (_, socket) => socket.write('hello\r\n\r\n'), /what is no answer: it is not HTTP/],
];

for (const [what, say, problem] of wrong) {
  test(`wrong: ${what}`, async () => {
    const result = await askOf(say);
    assert.match(result.problem ?? '', problem);
    assert.ok(result.requests < 30);
  });
}

/** Over HTTPS, from a server that does not know sessions. */
async function askSecured(secured: Secured) {
  const { certificate: cert, key } = makeSelfSigned(['localhost'], 1);
  const secureOptions = constants.SSL_OP_NO_TICKET;
  const secure = createServer({ cert, key, secureOptions }, (_, response) => response.end(body));
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const { port } = secure.address() as AddressInfo;
  const settings = { port, asks: [right], connections: 2, seconds: 20, times: 12, sampleEvery: 3, secured };
  try {
    return await ask(settings, signal);
  } finally {
    secure.closeAllConnections();
    secure.close();
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const connections of ['kept', 'full'] as const) {
    test(`${version}, ${connections}`, async () => {
      const { requests, samples, problem } = await askSecured({ version, connections });
      assert.equal(problem, undefined);
      assert.deepEqual([requests, samples], [12, 4]);
    });
  }
}

test('wrong: a session that cannot be taken up again', async () => {
  const { problem } = await askSecured({ version: 'TLSv1.2', connections: 'resumed' });
  assert.equal(problem, 'did not take a session up again');
});

test('wrong: no TLS', async () => {
  const plain = createPlainServer(socket => socket.on('error', () => {}).end(answer(body))).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  const secured: Secured = { version: 'TLSv1.3', connections: 'kept' };
  const settings = { port, asks: [right], connections: 1, seconds: 20, times: 1, sampleEvery: 1, secured };
  const { problem } = await ask(settings, signal);
  plain.close();
  assert.match(problem ?? '', /^broke TLS \(error:.*wrong version number/);
});

test('nobody listens', async () => {
  const port = await freePort();
  const result = await ask({ port, asks: [right], connections: 2, seconds: 5, times: 2, sampleEvery: 1 }, signal);
  assert.match(result.problem ?? '', /took no connection \(111: Connection refused\)/);
});

test('the signal ends it', async () => {
  const controller = new AbortController();
  server = await ScriptedServer.start({
    answer: (_, socket) => {
      socket.write(answer(body));
      controller.abort(new Error('enough'));
    },
  });
  const settings = { port: server.port, asks: [right], connections: 1, seconds: 60, times: 0, sampleEvery: 9 };
  await assert.rejects(ask(settings, controller.signal), /enough/);
});
