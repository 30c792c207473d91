/** Logs beyond plain files: syslog servers, paths that come out of requests, compressed ones. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { SocketAddress } from '../../native/sockaddr.js';
import { bindSocket, recv, SOCK_DGRAM, SOCK_NONBLOCK, socket } from '../../native/socket.js';
import { Client, waitFor } from './client.js';
import { TestServer } from './harness.js';

async function get(server: TestServer, path: string, host = 'test.local'): Promise<void> {
  const client = await Client.connect(server.port);
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await client.rest();
  client.close();
}
const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(0, -1) : []);

/** Open descriptors of a process that are files below a folder. */
const openBelow = (pid: number, folder: string) =>
  readdirSync(`/proc/${pid}/fd`).filter(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

describe('syslog', () => {
  let receiver: Socket;
  let server: TestServer;
  let unixFd = -1;
  const got: string[] = [];
  const block = new MemoryBlock(65_536);

  before(async () => {
    receiver = createSocket('udp4').bind(0, '127.0.0.1');
    receiver.on('message', message => got.push(message.toString('latin1')));
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    const prepared = `syslog:server=127.0.0.1:${port}`;
    server = await TestServer.start(
      {
        http: {
          log_format: 'short "$request_uri $status"',
          access_log: [
            `${prepared},facility=local3,severity=debug,tag=files,nohostname short`,
            'syslog:server=unix:{dir}/log short',
            'syslog:server=localhost:{port3} short',
          ],
          error_log: `${prepared},tag=errors info`,
        },
      },
      { file: 'x' },
    );
    unixFd = socket(1, SOCK_DGRAM | SOCK_NONBLOCK);
    assert.equal(bindSocket(unixFd, new SocketAddress().setUnix(`${server.dir}/log`)), 0);
  });
  after(async () => {
    receiver.close();
    close(unixFd);
    await server.stop();
  });

  const date = String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d`;

  test('gets each line as a datagram, with what the configuration says of it', async () => {
    await get(server, '/on/file');
    await waitFor('the line', () => got.some(line => line.includes('/on/file')));
    const [line] = got.filter(each => each.includes('files: '));
    // local3 is 19, debug 7
    assert.match(line ?? '', new RegExp(`^<159>${date} files: /on/file 200$`));
  });

  test('over a unix socket, with the names and numbers that stand for what is left out', async () => {
    await get(server, '/off/file');
    const text = await waitFor('the line', () => {
      const size = recv(unixFd, block.address, block.size);
      const line = size > 0 ? block.bytes.latin1Slice(0, size) : '';
      return line.includes('/off/file') ? line : '';
    });
    // local7 is 23, info 6
    assert.match(text, new RegExp(`^<190>${date} ${hostname()} zerocopy: /off/file 200$`));
  });

  test('gets error lines with their own severity', async () => {
    await get(server, '/on/none');
    const line = await waitFor('the line', () => got.find(each => each.includes('/none" failed')) ?? '');
    assert.match(line, new RegExp(`^<187>${date} ${hostname()} errors: \\d{4}/.* \\[error\\] .*open\\(\\) "`));
  });

  test('that nobody listens at is told of in the error log', async () => {
    await get(server, '/on/file?1');
    await get(server, '/on/file?2');
    const wanted = `send() failed (111: Connection refused) while logging to syslog, server: localhost:${server.ports[2]}`;
    await waitFor('the complaint', () => server.logText('error.log').includes(wanted));
  });

  test('whose host nobody knows is an error of the configuration', async () => {
    const other = TestServer.prepare(server.ports);
    other.configure({ http: { access_log: 'syslog:server=no-such-host.invalid' } });
    await assert.rejects(
      other.launch(),
      /host not found in syslog server "no-such-host.invalid" in .*server\.conf:\d+/,
    );
    rmSync(other.dir, { recursive: true, force: true });
  });
});

describe('a path with variables', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(
      {
        http: { log_format: 'short "$request_uri $status"', access_log: '{dir}/logs/$host.log short' },
        server: `
          location /kept/ { alias {root}/; open_log_file_cache max=2 min_uses=1 valid=0; }
          location /twice/ { alias {root}/; open_log_file_cache max=2 min_uses=2; }
          location /gone/ { root {dir}/gone; }
          location /named/ { alias {root}/; access_log {dir}/logs/$arg_name.log short; }`,
      },
      { file: 'x' },
    );
    mkdirSync(`${server.dir}/logs`);
  });
  after(() => server.stop());
  const log = (name: string) => `${server.dir}/logs/${name}.log`;
  const settled = (name: string, count: number) =>
    waitFor(`${count} lines of ${name}`, () => linesOf(log(name)).length === count && linesOf(log(name)));

  test('is a file for each of their values, closed after each line', async () => {
    await get(server, '/on/file?1', 'a.local');
    await get(server, '/on/file?2', 'b.local');
    await get(server, '/on/file?3', 'a.local');
    assert.deepEqual(await settled('a.local', 2), ['/on/file?1 200', '/on/file?3 200']);
    assert.deepEqual(await settled('b.local', 1), ['/on/file?2 200']);
    assert.equal(openBelow(server.workers()[0]!, `${server.dir}/logs`), 0);
  });

  test('stays open where open_log_file_cache says so, up to its size', async () => {
    for (const name of ['k1', 'k2', 'k3', 'k1']) await get(server, '/kept/file', name);
    await settled('k1', 2);
    assert.equal(openBelow(server.workers()[0]!, `${server.dir}/logs`), 2);
  });

  test('is made anew when it was moved away', async () => {
    await get(server, '/kept/file?1', 'moved');
    await settled('moved', 1);
    renameSync(log('moved'), log('old'));
    await get(server, '/kept/file?2', 'moved');
    assert.deepEqual(await settled('moved', 1), ['/kept/file?2 200']);
  });

  test('is kept from min_uses on', async () => {
    const before = openBelow(server.workers()[0]!, `${server.dir}/logs`);
    await get(server, '/twice/file', 'm');
    await settled('m', 1);
    assert.equal(openBelow(server.workers()[0]!, `${server.dir}/logs`), before);
    await get(server, '/twice/file', 'm');
    await settled('m', 2);
    assert.equal(openBelow(server.workers()[0]!, `${server.dir}/logs`), before + 1);
  });

  test('is not made where the root of the request is not there', async () => {
    await get(server, '/gone/file', 'nowhere');
    const wanted = `testing "${server.dir}/gone" existence failed (2: No such file or directory)`;
    await waitFor('the complaint', () => server.logText('error.log').includes(wanted));
    assert.ok(!existsSync(log('nowhere')));
  });

  test('does not lead out of its folder', async () => {
    await get(server, '/named/file?name=../../evil');
    await waitFor('the complaint', () => server.logText('error.log').includes('leads out of its folder'));
    assert.ok(!existsSync(`${server.dir}/../evil.log`));
    await get(server, '/named/file?name=none/such');
    await waitFor('the other', () => server.logText('error.log').includes('/logs/none/such.log" failed (2: No such'));
  });
});

test('a compressed log is gzip files one after another', async () => {
  const server = await TestServer.start(
    { http: { log_format: 'short "$request_uri"', access_log: '{dir}/log.gz short gzip=9 buffer=1k flush=50ms' } },
    { file: 'x' },
  );
  const uris = Array.from({ length: 60 }, (_, at) => `/on/file?${at}-${'x'.repeat(40)}`);
  for (const uri of uris) await get(server, uri);
  const unpacked = () => {
    const packed = readFileSync(`${server.dir}/log.gz`);
    return packed.length === 0 ? '' : gunzipSync(packed).toString();
  };
  await waitFor('all lines', () => unpacked() === uris.map(uri => `${uri}\n`).join(''));
  await server.stop();
});
