/** `listen … proxy_protocol`: proxies that say who their clients are, in one piece or in many, and others. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { Certificates } from '../tls/certificates.js';
import { pair } from '../tls/support.js';
import { Client, fetchOnce, request } from './client.js';
import { TestServer } from './harness.js';
import { binaryHeader, Haproxy, missingHaproxy, record } from './proxy-senders.js';

const inet = '\x01\x02\x03\x04\x05\x06\x07\x08\x00\x50\x1f\x90';
const text = 'PROXY TCP4 1.2.3.4 5.6.7.8 80 8080\r\n';
const told = '1.2.3.4 80 5.6.7.8 8080';
/** What haproxy and headers by hand say, and what comes of it. */
const shown =
  '$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port|' +
  '$remote_addr $remote_port|$proxy_protocol_tlv_authority|$proxy_protocol_tlv_0x05|' +
  '$proxy_protocol_tlv_ssl_version $proxy_protocol_tlv_ssl_cn $proxy_protocol_tlv_ssl_verify|$scheme';

let certificates: Certificates;
let server: TestServer;
before(async () => {
  certificates = new Certificates();
  certificates.selfSigned('a');
  server = await TestServer.start({
    http: { set_real_ip_from: '127.0.0.1', real_ip_header: 'proxy_protocol' },
    listen: ['127.0.0.1:{port} proxy_protocol', '127.0.0.1:{port2} ssl proxy_protocol', '127.0.0.1:{port3}'],
    server: `${pair(certificates, 'a')} location = /who { return 200 "${shown}"; }
      location = /wrong { return 200 "$proxy_protocol_tlv_nonsense$proxy_protocol_tlv_0xzz"; }`,
  });
});
after(async () => {
  await server.stop();
  certificates.remove();
});

/** Sends bytes in pieces, each when the one before has been read or lies at the server. */
async function inPieces(client: Client, bytes: string, size: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += size) {
    client.send(bytes.slice(at, at + size));
    await new Promise<void>(resolve => client.socket.write('', () => resolve()));
  }
}

async function who(bytes: string, size = bytes.length): Promise<string> {
  const client = await Client.connect(server.port);
  await inPieces(client, bytes, size);
  const { body } = await client.reply();
  client.close();
  return body.toString('latin1');
}

/** All that comes until the server closes. */
async function refused(bytes: string): Promise<string> {
  const client = await Client.connect(server.port);
  const all = await client.send(bytes).rest();
  client.close();
  return all.toString('latin1');
}

describe('proxy_protocol', () => {
  const ask = request('GET', '/who');

  test('a header byte by byte, and in one piece with the request', async () => {
    for (const header of [text, binaryHeader(0x21, 0x11, inet)]) {
      for (const size of [1, 7, 1000]) assert.equal(await who(header + ask, size), `${told}|1.2.3.4 80|||  |http`);
    }
  });

  test('a proxy that says nothing of its client is the client', async () => {
    for (const header of ['PROXY UNKNOWN\r\n', binaryHeader(0x20, 0, ''), binaryHeader(0x21, 0x31, 'u'.repeat(216))]) {
      assert.match(await who(header + ask, 5), /^ {3}\|127\.0\.0\.1 \d+\|\|\| {2}\|http$/);
    }
  });

  test('what a proxy tells beside addresses', async () => {
    const tls = `\x07\0\0\0\x02${record(0x21, 'TLSv1.3')}${record(0x22, 'anna')}`;
    const records = record(0x02, 'example.org') + record(0x20, tls) + record(0x05, 'id-7');
    const header = binaryHeader(0x21, 0x11, inet + records);
    assert.equal(await who(header + ask), `${told}|1.2.3.4 80|example.org|id-7|TLSv1.3 anna 2|http`);
  });

  test('records that are cut off or unknown are lines of the error log', async () => {
    assert.equal(await who(binaryHeader(0x21, 0x11, `${inet}\x01\x00\x09abc`) + ask), `${told}|1.2.3.4 80|||  |http`);
    await server.logged('broken PROXY protocol TLV, client: 1.2.3.4, server: test.local, request: "GET /who HTTP/1.1"');
    await who(binaryHeader(0x21, 0x11, inet + record(1, 'h2')) + request('GET', '/wrong'));
    await server.logged('unknown PROXY protocol TLV "nonsense"');
    await server.logged('invalid PROXY protocol TLV "0xzz"');
  });

  test('the client is the same for all requests of the connection', async () => {
    const client = await Client.connect(server.port);
    client.send(text);
    for (let i = 0; i < 3; i++) {
      assert.match((await client.get('/who').reply()).body.toString('latin1'), /\|1\.2\.3\.4 80\|/);
    }
    client.close();
  });

  test('under TLS the header comes before the handshake, in one piece or many', async () => {
    for (const size of [1, 100]) {
      const proxy = await Client.connect(server.ports[1]);
      await inPieces(proxy, text, size);
      const socket = connect({ socket: proxy.socket, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const client = Client.over(socket);
      assert.equal((await client.get('/who').reply()).body.toString('latin1'), `${told}|1.2.3.4 80|||  |https`);
      client.close();
    }
  });

  test('whoever says something else is not answered, and the error log has it', async () => {
    const wrong: readonly (readonly [bytes: string, line: string])[] = [
      ['GET /who HTTP/1.1\r\nHost: a\r\n\r\n', 'broken header: "GET /who HTTP/1.1"'],
      ['PROXY TCP4 1.2.3.4 5.6.7.8 80\r\n', 'broken header: "PROXY TCP4 1.2.3.4 5.6.7.8 80"'],
      [`PROXY TCP4 ${'1'.repeat(200)}`, 'broken header: "PROXY TCP4 1111'],
      [binaryHeader(0x31, 0x11, inet), 'unknown PROXY protocol version: 3'],
      [binaryHeader(0x21, 0x11, 'x'.repeat(5000)), 'header is too large'],
    ];
    for (const [bytes, line] of wrong) {
      assert.equal(await refused(bytes), '');
      await server.logged(line);
    }
    await server.logged(
      `broken header: "GET /who HTTP/1.1" while reading PROXY protocol, client: 127.0.0.1, server: 127.0.0.1:${server.port}`,
    );
  });

  test('a header that never comes to its end is waited for no longer than a request', async () => {
    const client = await Client.connect(server.port);
    client.send(text.slice(0, 20));
    assert.equal((await client.rest()).length, 0);
    client.close();
    await server.logged(/\[info\] .*client timed out \(110: .*\) while reading PROXY protocol, client: 127\.0\.0\.1/);
  });

  test('a client that leaves before its header has come to its end', async () => {
    const client = await Client.connect(server.port);
    client.send('PROXY TCP4 1.').socket.end();
    assert.equal((await client.rest()).length, 0);
    await server.logged('broken header: "PROXY TCP4 1." while reading PROXY protocol');
    const silent = await Client.connect(server.port);
    silent.socket.end();
    assert.equal((await silent.rest()).length, 0);
    await server.logged('client closed connection while reading PROXY protocol');
  });

  test('other ports of the same server take no header', async () => {
    assert.match((await fetchOnce(server.ports[2], '/who')).body.toString('latin1'), /^ {3}\|127\.0\.0\.1 \d+\|/);
    assert.equal((await fetchOnce(server.ports[2], '/who')).status, 200);
  });
});

describe('proxy_protocol of haproxy', { skip: missingHaproxy }, () => {
  let haproxy: Haproxy;
  before(async () => {
    const [plain, tls] = server.ports.map(port => `127.0.0.1:${port}`);
    haproxy = await Haproxy.start(join(server.dir, 'haproxy.cfg'), [
      `${plain} send-proxy`,
      `${plain} send-proxy-v2`,
      `${plain} send-proxy-v2 proxy-v2-options crc32c,authority,unique-id`,
      `${tls} send-proxy ssl verify none`,
      `${tls} send-proxy-v2 ssl verify none`,
    ]);
  });
  after(() => haproxy.stop());

  for (const [i, name] of ['v1', 'v2', 'v2 with records', 'v1 before TLS', 'v2 before TLS'].entries()) {
    test(name, async () => {
      const client = await Client.connect(haproxy.ports[i]!);
      const { localPort } = client.socket;
      const answer = (await client.get('/who').reply()).body.toString('latin1');
      const scheme = name.endsWith('TLS') ? 'https' : 'http';
      const expected = `127.0.0.1 ${localPort} 127.0.0.1 ${haproxy.ports[i]}|127.0.0.1 ${localPort}|||  |${scheme}`;
      assert.equal(answer, expected);
      client.close();
    });
  }
});
