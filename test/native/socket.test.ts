import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLIN,
  EPOLLOUT,
  EventList,
  epollControl,
  epollCreate,
} from '../../native/epoll.js';
import { EAGAIN, ECONNRESET, EEXIST, ENOENT } from '../../native/errno.js';
import { eventfd, eventfdSignal, eventfdTake } from '../../native/eventfd.js';
import { close, F_GETFD, F_GETFL, FD_CLOEXEC, fcntl, O_NONBLOCK } from '../../native/file.js';
import { IoVec } from '../../native/iovec.js';
import { MemoryBlock } from '../../native/memory.js';
import * as net from '../../native/socket.js';
import { connectPair, inFolder, receiveNow, waitForInput } from './support.js';

const EBADF = 9;
const EPIPE = 32;

describe('a connection', () => {
  const over = (name: string, use: (pair: ReturnType<typeof connectPair>) => void) => {
    for (const host of ['127.0.0.1', '::1', 'unix']) {
      test(`${name} (${host})`, () => {
        inFolder(folder => {
          const pair = connectPair(host === 'unix' ? `${folder}/socket` : host);
          use(pair);
          pair.close();
        });
      });
    }
  };

  over('is accepted non-blocking and close-on-exec', ({ server }) => {
    assert.equal(fcntl(server, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert.equal(fcntl(server, F_GETFD), FD_CLOEXEC);
  });

  over('carries bytes, and tells an empty buffer from the end', ({ server, client }) => {
    const block = new MemoryBlock(128);
    assert.equal(net.recv(server, block.address, 128), -EAGAIN);
    block.bytes.latin1Write('hello \xff\0!', 0);
    assert.equal(net.send(client, block.address, 9), 9);
    waitForInput(server);
    block.bytes.fill(0x2e);
    assert.equal(net.recv(server, block.address + 4, 6), 6);
    assert.equal(block.bytes.latin1Slice(0, 12), '....hello ..');
    assert.equal(net.recv(server, block.address, 128), 3);
    assert.equal(block.bytes.latin1Slice(0, 4), '\xff\0!.');
    assert.equal(net.shutdown(client, net.SHUT_WR), 0);
    waitForInput(server);
    assert.equal(net.recv(server, block.address, 128), 0);
  });

  over('gathers with writev, across entries and from their middle', ({ server, client }) => {
    const block = new MemoryBlock(4096);
    for (let i = 0; i < 4096; i++) block.bytes[i] = i % 251;
    const iov = new IoVec(3);
    const expected: Buffer[] = [];
    for (let round = 0; round < 2; round++) {
      iov.clear();
      for (const [from, length] of [
        [4000, 96],
        [1, 2],
        [7, 1000],
      ]) {
        iov.push(block.address + from, length);
        expected.push(block.bytes.subarray(from, from + length));
      }
      assert.deepEqual([iov.count, iov.total], [3, 1098]);
      assert.equal(net.writev(server, iov), 1098);
    }
    const got: Buffer[] = [];
    while (Buffer.concat(got).length < 2196) {
      waitForInput(client);
      got.push(receiveNow(client) as Buffer);
    }
    assert.ok(Buffer.concat(got).equals(Buffer.concat(expected)));
  });

  over('breaks with EPIPE and not with a signal', ({ server, client }) => {
    close(client);
    const block = new MemoryBlock(128);
    const iov = new IoVec(1);
    iov.push(block.address, 1);
    waitForInput(server);
    let returned = net.writev(server, iov);
    // the first bytes draw the reset, the next ones see it
    while (returned > 0) returned = net.writev(server, iov);
    assert.ok(returned === -EPIPE || returned === -ECONNRESET, String(returned));
  });

  test('is reset at once with setLingerReset', () => {
    const pair = connectPair('127.0.0.1');
    assert.equal(net.setLingerReset(pair.server), 0);
    close(pair.server);
    const block = new MemoryBlock(128);
    assert.equal(net.recv(pair.client, block.address, 1), -ECONNRESET);
    close(pair.client);
  });

  test('options come back as they were set', () => {
    const pair = connectPair('127.0.0.1');
    const { server } = pair;
    assert.equal(net.getOption(server, net.SOL_SOCKET, net.SO_TYPE), net.SOCK_STREAM);
    assert.equal(net.getOption(server, net.SOL_SOCKET, net.SO_ERROR), 0);
    for (const value of [1, 0]) {
      assert.equal(net.setOption(server, net.IPPROTO_TCP, net.TCP_NODELAY, value), 0);
      assert.equal(net.getOption(server, net.IPPROTO_TCP, net.TCP_NODELAY) !== 0, value === 1);
    }
    assert.equal(net.setOption(server, net.IPPROTO_TCP, net.TCP_KEEPIDLE, 321), 0);
    assert.equal(net.getOption(server, net.IPPROTO_TCP, net.TCP_KEEPIDLE), 321);
    pair.close();
  });

  test('calls on a closed descriptor give EBADF', () => {
    const block = new MemoryBlock(128);
    for (const returned of [
      net.recv(-1, block.address, 1),
      net.send(-1, block.address, 1),
      net.writev(-1, new IoVec(1)),
      net.shutdown(-1, net.SHUT_WR),
      net.getOption(-1, net.SOL_SOCKET, net.SO_ERROR),
      net.setOption(-1, net.SOL_SOCKET, net.SO_KEEPALIVE, 1),
    ]) {
      assert.equal(returned, -EBADF);
    }
  });
});

describe('epoll', () => {
  test('events carry the mask, the descriptor and all 32 bits of the generation', () => {
    const epoll = epollCreate();
    const first = eventfd();
    const second = eventfd();
    assert.equal(epollControl(epoll, EPOLL_CTL_ADD, first, EPOLLIN, 0xffff_ffff), 0);
    assert.equal(epollControl(epoll, EPOLL_CTL_ADD, second, EPOLLIN | EPOLLOUT, 5), 0);
    const events = new EventList(8);
    eventfdSignal(first);
    assert.equal(events.wait(epoll, 0), 2);
    const seen = [0, 1].map(i => [events.fd(i), events.mask(i), events.generation(i)]).sort((a, b) => a[0] - b[0]);
    assert.deepEqual(seen, [
      [first, EPOLLIN, 0xffff_ffff],
      [second, EPOLLOUT, 5],
    ]);

    assert.equal(epollControl(epoll, EPOLL_CTL_MOD, second, EPOLLIN, 6), 0);
    assert.equal(epollControl(epoll, EPOLL_CTL_DEL, first, 0, 0), 0);
    assert.equal(events.wait(epoll, 0), 0);
    eventfdSignal(second);
    assert.equal(events.wait(epoll, -1), 1);
    assert.deepEqual([events.fd(0), events.mask(0), events.generation(0)], [second, EPOLLIN, 6]);
    for (const fd of [first, second, epoll]) close(fd);
  });

  test('gives no more events than the list holds, and the others next', () => {
    const epoll = epollCreate();
    const fds = Array.from({ length: 5 }, () => eventfd());
    for (const fd of fds) {
      epollControl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, fd * 3);
      eventfdSignal(fd);
    }
    const events = new EventList(2);
    const seen = new Set<number>();
    for (let round = 0; round < 3; round++) {
      assert.equal(events.wait(epoll, 0), 2);
      for (const index of [0, 1]) {
        assert.equal(events.generation(index), events.fd(index) * 3);
        seen.add(events.fd(index));
      }
    }
    assert.deepEqual([...seen].sort(), [...fds].sort());
    for (const fd of [...fds, epoll]) close(fd);
  });

  test('errors are negative errnos', () => {
    const epoll = epollCreate();
    const fd = eventfd();
    assert.equal(epollControl(epoll, EPOLL_CTL_MOD, fd, EPOLLIN, 0), -ENOENT);
    assert.equal(epollControl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0), 0);
    assert.equal(epollControl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0), -EEXIST);
    assert.equal(epollControl(epoll, EPOLL_CTL_ADD, -1, EPOLLIN, 0), -EBADF);
    assert.equal(new EventList(1).wait(-1, 0), -EBADF);
    close(fd);
    close(epoll);
  });
});

describe('eventfd', () => {
  test('adds up, and is taken whole', () => {
    const fd = eventfd();
    assert.equal(eventfdTake(fd), -EAGAIN);
    for (let i = 0; i < 3; i++) assert.equal(eventfdSignal(fd), 8);
    assert.equal(eventfdTake(fd), 3);
    assert.equal(eventfdTake(fd), -EAGAIN);
    close(fd);
    assert.equal(eventfdSignal(-1), -EBADF);
  });
});

test('what the kernel knows of a connection, and of none that is not TCP', () => {
  const pair = connectPair('127.0.0.1');
  const info = net.getTcpInfo(pair.server);
  pair.close();
  assert.ok(info !== null && info.rtt > 0 && info.rttVariation > 0 && info.receiveSpace > 0, JSON.stringify(info));
  assert.ok(info.sendWindow >= 1 && info.sendWindow < 1000);
  inFolder(folder => {
    const unix = connectPair(`${folder}/socket`);
    assert.equal(net.getTcpInfo(unix.server), null);
    unix.close();
  });
});
