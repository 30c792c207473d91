/** https: the same files, by Node's TLS. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { missing, noise } from '../server/harness.js';
import { answerTo, FetchBench, type Handler, send } from './fetch-support.js';

const body = noise(6_000_000, 1);
const file = { body, etag: '"a"' };

describe('https', { skip: missing('openssl') }, () => {
  let bench: FetchBench;
  let handler: Handler;
  let requests = 0;
  let server: ReturnType<typeof createServer>;
  const certificates = new FetchBench();
  const certificate = `${certificates.folder}cert.pem`;

  before(async () => {
    const key = `${certificates.folder}key.pem`;
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', key, '-out', certificate, '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    );
    server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
    server.on('request', (request, response) => handler(request, response, ++requests));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await certificates.clean();
  });
  beforeEach(() => {
    bench = new FetchBench();
    requests = 0;
    handler = (request, response) => send(request, response, file);
  });
  afterEach(() => bench.clean());

  const url = (host = '127.0.0.1') => `https://${host}:${(server.address() as AddressInfo).port}/scan.bin`;

  test('a certificate that nobody vouches for is refused, and nothing is tried again', async () => {
    const { stderr } = await bench.fails(url());
    assert.match(stderr, /not trusted: it is signed by itself/);
    assert.doesNotMatch(stderr, /again in/);
    assert.deepEqual(bench.names(), []);
  });

  test('--cacert trusts it, --insecure any', async () => {
    await bench.fetches(url('localhost'), '--cacert', certificate);
    bench.holds(body);
    await bench.fetches(url(), '--insecure', '--overwrite');
    bench.holds(body);
  });

  test('in several streams, and as JSON', async () => {
    const { stdout } = await bench.fetches(url(), '--insecure', '--streams', '3', '--json');
    bench.holds(body);
    const { receiver } = JSON.parse(stdout);
    assert.deepEqual([receiver.transport, receiver.path, receiver.bytes], ['https', 'read+write', body.length]);
    assert.ok(requests > 1);
  });

  test('a connection that breaks: it goes on where it was', async () => {
    handler = (request, response, count) => {
      const { status, headers, part } = answerTo(request, file);
      response.writeHead(status, headers);
      if (count > 1) response.end(part);
      else response.write(part.subarray(0, 2_000_000), () => response.socket?.destroy());
    };
    const { stderr } = await bench.fetches(url(), '--insecure');
    bench.holds(body);
    assert.match(stderr, /again in/);
    assert.equal(requests, 2);
  });

  test('chunked, at a rate, and to standard output', async () => {
    const text = 'x'.repeat(300_000);
    handler = (_, response) => {
      response.write(text.slice(0, 1000));
      response.end(text.slice(1000));
    };
    const { stdout } = await bench.fetches(url(), '--insecure', '-o', '-', '--rate', '600k');
    assert.equal(stdout, text);
  });

  test('many small parts of it, one after the other', async () => {
    handler = (request, response) => {
      const { status, headers, part } = answerTo(request, file);
      if (status === 200) return response.writeHead(status, headers).end(part);
      const size = Math.min(part.length, 300_000);
      const [, start] = /^bytes (\d+)-/.exec(`${headers['content-range']}`) ?? [];
      headers['content-range'] = `bytes ${start}-${Number(start) + size - 1}/${body.length}`;
      headers['content-length'] = size;
      return response.writeHead(status, headers).end(part.subarray(0, size));
    };
    const { stderr } = await bench.fetches(url(), '--insecure', '--streams', '2', '--retries', '0');
    bench.holds(body);
    assert.equal(stderr, '');
    assert.ok(requests >= 20);
  });

  test('http leads to https', async () => {
    const site = await bench.site((_, response) => {
      response.writeHead(301, { location: url(), 'content-length': 0 }).end();
    });
    await bench.fetches(site.url(), '--insecure');
    bench.holds(body);
  });
});
