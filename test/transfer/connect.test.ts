import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { check, ECONNREFUSED, ETIMEDOUT, SystemError } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { SocketAddress } from '../../native/sockaddr.js';
import { getOption, getPeerName, SO_KEEPALIVE, SOL_SOCKET, setOption } from '../../native/socket.js';
import { EventLoop } from '../../src/event/loop.js';
import { freePort } from '../../src/tools/waiting.js';
import { connectTo, endpointText, parseEndpoint } from '../../src/transfer/connect.js';
import { TransferError } from '../../src/transfer/failure.js';
import { BusyListener } from './busy-listener.js';

describe('addresses', () => {
  const cases: [text: string, host: string, port: number][] = [
    ['127.0.0.1:9001', '127.0.0.1', 9001],
    ['host.example:1', 'host.example', 1],
    ['[::1]:65535', '::1', 65535],
    ['[::1]', '::1', 9000],
    ['::1', '::1', 9000],
    ['fe80::1:2', 'fe80::1:2', 9000],
    [':9001', '', 9001],
    ['host', 'host', 9000],
  ];
  for (const [text, host, port] of cases) {
    test(text, () => assert.deepEqual(parseEndpoint(text, 9000), { host, port }));
  }

  for (const text of [
    '',
    'host:',
    'host:0',
    'host:65536',
    'host:9x',
    ':',
    '[::1',
    '[::1]9000',
    '[host]:1',
    'a:b:1',
    'a b:1',
    'u@h:1',
    'fe80::1%lo',
    'http://h',
  ]) {
    test(`refused: "${text}"`, () => {
      assert.throws(
        () => parseEndpoint(text, 9000),
        (error: unknown) =>
          error instanceof TransferError && error.kind === 'refused' && error.message.includes('HOST:PORT'),
      );
    });
  }

  test('and back', () => {
    assert.equal(endpointText('::1', 80), '[::1]:80');
    assert.equal(endpointText('host', 80), 'host:80');
  });
});

const patience = 60_000;

describe('a connection', () => {
  let loop: EventLoop;
  let server: Server;
  let port: number;
  before(async () => {
    loop = new EventLoop(error => {
      throw error;
    });
    loop.start();
    server = createServer(client => client.on('error', () => {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
    loop.stop();
  });

  /** Why there was none. */
  const failure = async (promise: Promise<number>): Promise<TransferError> => {
    const error: unknown = await promise.then(
      () => assert.fail('it came about'),
      reason => reason,
    );
    assert.ok(error instanceof TransferError && error.kind === 'network', String(error));
    return error;
  };

  for (const host of ['127.0.0.1', 'localhost', '']) {
    // localhost may be ::1 first, where nobody listens: then the next address is tried
    test(`to "${host}" comes about`, async () => {
      const fd = await connectTo(loop, host, port, patience);
      const peer = new SocketAddress();
      check(getPeerName(fd, peer), 'getpeername()');
      assert.deepEqual([peer.host, peer.port], ['127.0.0.1', port]);
      close(fd);
    });
  }

  test('is prepared before it connects', async () => {
    let before = 0;
    const fd = await connectTo(loop, '127.0.0.1', port, patience, prepared => {
      before = getPeerName(prepared, new SocketAddress());
      setOption(prepared, SOL_SOCKET, SO_KEEPALIVE, 1);
    });
    assert.ok(before < 0);
    assert.equal(getOption(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    close(fd);
  });

  test('what its preparation throws is handed on, and the socket closed', async () => {
    let socketFd = -1;
    const promise = connectTo(loop, '127.0.0.1', port, patience, fd => {
      socketFd = fd;
      throw new Error('no such option');
    });
    await assert.rejects(promise, /no such option/);
    assert.ok(getOption(socketFd, SOL_SOCKET, SO_KEEPALIVE) < 0);
  });

  test('to a port where nobody listens is refused, with advice', async () => {
    const free = await freePort();
    const error = await failure(connectTo(loop, '127.0.0.1', free, patience, undefined, 'is it running?'));
    assert.equal(error.message, `cannot connect to 127.0.0.1:${free}: connection refused: is it running?`);
    assert.ok(error.cause instanceof SystemError && error.cause.errno === ECONNREFUSED);
  });

  test('to a name that there is not', async () => {
    const error = await failure(connectTo(loop, 'nowhere.invalid', 80, patience));
    // without a network, the name server is what is not there
    assert.match(error.message, /^cannot connect to nowhere\.invalid:80: (there is no host|the name server)/);
  });

  test('that nobody takes is given up', async () => {
    const busy = new BusyListener();
    const error = await failure(connectTo(loop, '127.0.0.1', busy.port, 300));
    assert.match(error.message, /no answer within 0\.3 s/);
    assert.ok(error.cause instanceof SystemError && error.cause.errno === ETIMEDOUT);
    busy.close();
  });
});
