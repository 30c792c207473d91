/** `zerocopy put` over https. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { missing } from '../../server/harness.js';
import { type Certificate, selfSigned } from '../http/certificate.js';
import { ScriptedServer } from './scripted-server.js';
import { content, PutBench, store } from './support.js';

describe('put over https', { skip: missing('openssl') }, () => {
  let bench: PutBench;
  let certificate: Certificate;
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let url: string;

  before(async () => {
    bench = new PutBench();
    certificate = selfSigned('DNS:localhost');
    server = createServer({ cert: certificate.cert, key: certificate.key });
    server.on('request', (request, response) => answer(request, response));
    server.on('checkContinue', (request, response) => answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://localhost:${(server.address() as AddressInfo).port}/scan`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    certificate.remove();
    await bench.clean();
  });

  const put = (...options: string[]) => bench.run(['put', bench.path, url, '--cacert', certificate.path, ...options]);

  async function received(request: IncomingMessage): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  test('stores the file', async () => {
    let stored: Buffer = Buffer.alloc(0);
    answer = async (request, response) => {
      assert.equal(request.headers['content-length'], `${content.length}`);
      response.writeContinue();
      stored = await received(request);
      response.writeHead(201).end();
    };
    const { code, stdout, stderr } = await put('--json');
    assert.equal(code, 0, stderr);
    assert.ok(stored.equals(content));
    const { sender } = JSON.parse(stdout);
    assert.deepEqual([sender.transport, sender.path, sender.bytes], ['https', 'node:https', content.length]);
  });

  test('refuses a certificate that it does not know, and takes any with --insecure', async () => {
    answer = async (request, response) => {
      response.writeContinue();
      await received(request);
      response.writeHead(204).end();
    };
    const refused = await bench.run(['put', bench.path, url]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the certificate of localhost:\d+ is not trusted: it is signed by itself/);
    const taken = await bench.run(['put', bench.path, url, '--insecure']);
    assert.equal(taken.code, 0, taken.stderr);
  });

  test('shows an answer that comes before the body', async () => {
    answer = (_, response) => response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end('who are you?');
    const { code, stderr } = await put();
    assert.equal(code, 1);
    assert.match(stderr, /"401 Unauthorized": give user and password.*\n {2}\| who are you\?\n$/);
  });

  test('shows an answer that comes within the body', async () => {
    answer = (request, response) => {
      response.writeContinue();
      request.once('data', () => response.writeHead(507, { Connection: 'close' }).end('full'));
    };
    const { code, stderr } = await put('--rate', '2M');
    assert.equal(code, 1);
    assert.match(stderr, /"507 Insufficient Storage": there is no room.*\n {2}\| full\n$/);
  });

  test('tries again where the connection breaks', async () => {
    let requests = 0;
    let stored: Buffer = Buffer.alloc(0);
    answer = async (request, response) => {
      requests += 1;
      response.writeContinue();
      if (requests === 1) {
        request.once('data', () => request.socket.destroy());
        return;
      }
      stored = await received(request);
      response.writeHead(201).end();
    };
    const { code, stderr } = await put();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /has broken off the connection: .*; again from the start in/);
    assert.ok(stored.equals(content));
  });

  test('goes on with http where it is sent there', async () => {
    const plain = await ScriptedServer.start(store);
    answer = (_, response) => response.writeHead(307, { Location: plain.url('/there') }).end();
    const { code, stdout, stderr } = await put();
    await plain.close();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /put \(http\)/);
  });
});
