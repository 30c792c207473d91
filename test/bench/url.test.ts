import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import type { CannonResult } from '../../src/bench/clients/cannon.js';
import { Histogram } from '../../src/bench/histogram.js';
import { loadUrl, type UrlReport, type UrlSettings } from '../../src/bench/url/run.js';
import { failuresOf, warningsOf } from '../../src/bench/url/verdict.js';
import { accepts, Bench, freePort, until } from '../cli/program.js';
import { assertWellFormed } from '../tools/well-formed.js';
import { selfSigned } from '../transfer/http/certificate.js';
import { answer, ScriptedServer } from './support.js';

const bench = new Bench();
after(() => bench.clean());

const settings = { connections: 4, seconds: 60, pipelining: 1, rate: 0, headers: {}, insecure: false, timeout: 10 };

/** Loads a server in this process, until it has had enough. */
async function loadUntil(isEnough: () => boolean, more: Partial<UrlSettings> & { readonly url: string }) {
  const controller = new AbortController();
  const loaded = loadUrl({ ...settings, ...more }, controller.signal, () => {});
  await until(isEnough, 'it is under load').finally(() => controller.abort());
  const { load: found, warnings, failures } = await loaded;
  return { load: found, warnings: warnings.join(), failures: failures.join() };
}

async function load(url: string, ...args: string[]) {
  const finished = await bench.run(['bench', url, '--duration', '0.4', '--connections', '4', '--json', ...args]);
  return { ...finished, report: (finished.stdout === '' ? null : JSON.parse(finished.stdout)) as UrlReport };
}

describe('this server under load', { concurrency: 2 }, async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/data.bin`;
  writeFileSync(`${bench.folder}html/data.bin`, Buffer.alloc(3000, 0xe9));
  // it is opened when the port is already listened to
  bench.write('logs/access.log', '');
  bench.configure(
    port,
    'daemon off; master_process off; error_log stderr;',
    'keepalive_requests 100; access_log logs/access.log;',
  );
  bench.start(['-p', bench.folder, '-c', 'conf/nginx.conf']);
  await until(() => accepts(port), 'it serves');

  test('requests, lengths, percentiles, a page', async () => {
    const page = `${bench.folder}page.html`;
    const { code, report, stderr } = await load(url, '--html', page);
    assert.equal(code, 0, stderr);
    const { load: found, first, failures, partial } = report;
    assert.deepEqual(failures, []);
    assert.equal(partial, false);
    assert.equal(first.length, 3000);
    assert.match(first.server!, /^zerocopy/);
    assert.ok(found.requests > 0);
    assert.deepEqual(found.statuses, { 200: found.requests });
    // bytes that are no text: as a string they would be another number
    assert.deepEqual(found.lengths, [{ status: 200, length: 3000, count: found.requests }]);
    const latency = new Histogram().merge(found.latency);
    assert.equal(latency.count, found.requests);
    assert.ok(latency.quantile(0.5) > 0 && latency.quantile(0.5) <= latency.max);
    assertWellFormed(readFileSync(page, 'utf8'));
  });

  test('a server that ends connections after so many requests has not failed, and it is told', async () => {
    const asked = () => bench.read('logs/access.log').split('GET /data.bin?kept ').length - 1;
    const found = await loadUntil(() => asked() > 450, { url: `${url}?kept` });
    assert.equal(found.failures, '');
    const { broken, cut, unanswered, timeouts, closed, requests } = found.load;
    // four connections, of which one at least has had its hundred
    assert.ok(closed > 0 && requests >= 100 * closed, `${closed} of ${requests}`);
    assert.deepEqual([broken, cut, unanswered, timeouts], [0, 0, 0, 0]);
    assert.match(found.warnings, /ended [\d,]+ connections? with "Connection: close".*keepalive_requests/);
  });

  test('a range, with other fields', async () => {
    const { code, report } = await load(url, '--range', '10-109', '--header', 'X-Test: 1');
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(report.load.statuses), ['206']);
    assert.equal(report.load.lengths[0]!.length, 100);
    assert.equal(report.settings.headers['X-Test'], '1');
  });

  test('a file that there is not: the exit code is 1, and the reason is told', async () => {
    const { code, stderr, report } = await load(`${url}.not`);
    assert.equal(code, 1);
    assert.match(stderr, /requests? answered with 404/);
    assert.equal(report.failures.length, 1);
  });
});

describe('servers that answer wrongly', { concurrency: 2 }, () => {
  /** So many requests show whatever a server does wrong now and then. */
  const enough = 60;

  /** The first answer is looked at before the load: it is right. */
  async function wrong(say: (nth: number, socket: Socket) => void, more: Partial<UrlSettings> = {}) {
    let last = 0;
    const server = await ScriptedServer.start({
      answer: (nth, socket) => {
        last = nth;
        if (nth === 0) socket.end(answer('x'.repeat(500)));
        else say(nth, socket);
      },
    });
    try {
      return await loadUntil(() => last > enough, { url: `http://127.0.0.1:${server.port}/`, ...more });
    } finally {
      await server.stop();
    }
  }

  test('answers that are cut off', async () => {
    const { failures, load: found } = await wrong((nth, socket) => {
      const text = answer('x'.repeat(500));
      if (nth % 5 === 0) socket.end(text.slice(0, -100));
      else socket.write(text);
    });
    assert.match(failures, /^[\d,]+ answers? cut off: the connection ended in the middle$/);
    assert.ok(found.cut > 0 && found.requests > 0);
    // those that came whole are whole: the parser has not gone on in the middle
    assert.deepEqual([...new Set(found.lengths.map(({ length }) => length))], [500]);
  });

  test('bodies that differ in length', async () => {
    const found = await wrong((nth, socket) => socket.write(answer('x'.repeat(500 + (nth % 2)))));
    assert.equal(found.failures, '');
    assert.match(found.warnings, /The bodies differ in length/);
    assert.deepEqual(found.load.lengths.map(({ length }) => length).sort(), [500, 501]);
  });

  test('chunked bodies are counted too', async () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n';
    const { load: found } = await wrong((_, socket) => socket.write(text));
    assert.equal(found.lengths[0]!.length, 8);
  });

  test('a connection for every answer: that is no failure, and is told', async () => {
    const { failures, warnings } = await wrong((_, socket) => socket.end(answer('x')));
    assert.equal(failures, '');
    assert.match(warnings, /had to be sent again: the server had closed the connection/);
  });

  test('nor is a reset in place of a further answer', async () => {
    const used = new WeakSet<Socket>();
    const { failures, load: found } = await wrong((_, socket) => {
      if (used.has(socket)) socket.resetAndDestroy();
      else socket.write(answer('x'));
      used.add(socket);
    });
    assert.equal(failures, '');
    assert.ok(found.unanswered >= found.requests - 4);
  });

  test('a body that the end of the connection ends is whole', async () => {
    const { failures, load: found } = await wrong((_, socket) =>
      socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(500)}`),
    );
    assert.equal(failures, '');
    assert.deepEqual(found.lengths, [{ status: 200, length: 500, count: found.requests }]);
    assert.ok(found.closed >= found.requests - 4);
  });

  test('connections that end before they have answered anything', async () => {
    const { failures } = await wrong((nth, socket) => (nth % 5 === 0 ? socket.end() : socket.end(answer('x'))));
    assert.match(failures, /^[\d,]+ connections? failed$/);
  });

  test('errors of the server among right answers', async () => {
    const { failures } = await wrong((nth, socket) =>
      socket.write(nth % 7 === 0 ? answer('', {}, '503 Service Unavailable') : answer('x')),
    );
    assert.match(failures, /^[\d,]+ requests? answered with 503$/);
  });

  test('a server that dies: those that connect again are refused', async () => {
    let isDead = false;
    const server = await ScriptedServer.start({
      answer: (nth, socket) => {
        if (nth < 40) socket.write(answer('x'));
        else if (nth === 40) void server.stop().then(() => (isDead = true));
      },
    });
    const url = `http://127.0.0.1:${server.port}/`;
    const { load: found, failures } = await loadUntil(() => isDead, { url });
    assert.match(failures, /^[\d,]+ connections? failed$/);
    assert.ok(found.requests >= 30 && found.requests < 41, `${found.requests}`);
  });

  test('a range that is not heeded', async () => {
    const { failures } = await wrong((_, socket) => socket.write(answer('x'.repeat(500))), { range: '0-99' });
    assert.match(failures, /^[\d,]+ requests? answered with 200, not with 206$/);
  });
});

test('nobody listens', async () => {
  const { code, stderr } = await load(`http://127.0.0.1:${await freePort()}/`);
  assert.equal(code, 1);
  assert.match(stderr, /ECONNREFUSED/);
});

test('Ctrl-C: what was measured until then', async () => {
  let requests = 0;
  const server = await ScriptedServer.start({
    answer: (_, socket) => {
      requests += 1;
      socket.write(answer('x'));
    },
  });
  try {
    const url = `http://127.0.0.1:${server.port}/`;
    const run = bench.start(['bench', url, '--duration', '60', '--connections', '2', '--json']);
    await until(() => requests > 10, 'it is under load');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.end;
    assert.equal(code, 130);
    const report = JSON.parse(stdout) as UrlReport;
    assert.equal(report.partial, true);
    assert.ok(report.load.requests > 5 && report.load.seconds < 30);
  } finally {
    await server.stop();
  }
});

test('https: a certificate that nobody vouches for needs --insecure', async () => {
  const certificate = selfSigned('IP:127.0.0.1');
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (_, response) =>
    response.end('secret'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const refused = await load(url);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /self-signed certificate.*--insecure takes any certificate/);
    const { code, report } = await load(url, '--insecure');
    assert.equal(code, 0);
    assert.equal(report.load.lengths[0]!.length, 6);
  } finally {
    server.closeAllConnections();
    server.close();
    certificate.remove();
  }
});

const good: CannonResult = {
  ...{ requests: 10, seconds: 1, bytes: 1000, statuses: { 200: 10 }, lengths: [{ status: 200, length: 9, count: 10 }] },
  ...{ timeouts: 0, broken: 0, cut: 0, unanswered: 0, closed: 0, perSecond: [10], clientLoad: 0.5 },
  latency: new Histogram().toJSON(),
};
const first = { status: 200, length: 9 };

test('what counts as a failure', () => {
  const cases: [what: Partial<CannonResult>, range: string | undefined, failure: RegExp][] = [
    [{}, undefined, /^$/],
    [{ statuses: { 304: 10 } }, undefined, /^$/],
    [{ statuses: { 200: 9, 503: 1 } }, undefined, /^1 request answered with 503$/],
    [{ broken: 1, timeouts: 2 }, undefined, /^2 requests without an answer in time; 1 connection failed$/],
    [{ cut: 2 }, undefined, /^2 answers cut off/],
    [{ requests: 0, statuses: {}, lengths: [] }, undefined, /^not one request was answered$/],
    [
      { statuses: { 206: 10 }, lengths: [{ status: 206, length: 9, count: 10 }] },
      '0-9',
      /^10 answers of 9 bytes, and not/,
    ],
    [{ statuses: { 206: 10 }, lengths: [{ status: 206, length: 9, count: 10 }] }, '-9', /^$/],
  ];
  for (const [what, range, failure] of cases) assert.match(failuresOf({ ...good, ...what }, range).join('; '), failure);
});

test('what a reader has to know', () => {
  assert.deepEqual(warningsOf(good, first), []);
  assert.match(warningsOf({ ...good, clientLoad: 0.97 }, first).join(), /autocannon took 97 % of a core/);
  assert.match(warningsOf(good, { ...first, status: 301, location: '/\u001b[1m' }).join(), /leads to \/\\x1b\[1m/);
});
