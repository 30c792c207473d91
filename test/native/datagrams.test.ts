/** Datagrams in numbers, over the kernel's loopback. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MessageList, recvmmsg, SO_TIMESTAMPNS, sendmmsg, UDP_GRO, UDP_SEGMENT } from '../../native/datagrams.js';
import { EPOLLIN } from '../../native/epoll.js';
import { check, EAGAIN, ECONNREFUSED, EMSGSIZE } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, AF_INET6, SocketAddress } from '../../native/sockaddr.js';
import {
  bindSocket,
  connect,
  getSocketName,
  IPPROTO_UDP,
  MSG_TRUNC,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  setOption,
  socket,
  socketDrops,
} from '../../native/socket.js';
import { timerfd, timerfdSet } from '../../native/timerfd.js';
import { waitFor, waitForInput } from './support.js';

interface Ends {
  readonly sender: number;
  readonly receiver: number;
}

function between(host: string, use: (ends: Ends) => void): void {
  const family = host.includes(':') ? AF_INET6 : AF_INET;
  const address = new SocketAddress().setInternet(host, 0);
  const receiver = check(socket(family, SOCK_DGRAM | SOCK_NONBLOCK), 'socket()');
  const sender = check(socket(family, SOCK_DGRAM | SOCK_NONBLOCK), 'socket()');
  try {
    check(bindSocket(receiver, address), 'bind()');
    check(getSocketName(receiver, address), 'getsockname()');
    check(connect(sender, address), 'connect()');
    use({ sender, receiver });
  } finally {
    close(receiver);
    close(sender);
  }
}

const text = new MemoryBlock(64 * 1024);
for (let at = 0; at < text.size; at++) text.bytes[at] = 97 + (at % 26);

/** A list of messages, each of parts: a part is [offset in the text, length]. */
function outgoing(...messages: (readonly (readonly [offset: number, length: number])[])[]): MessageList {
  const list = new MessageList(messages.length, messages.flat().length);
  let part = 0;
  for (const [message, parts] of messages.entries()) {
    list.setMessage(message, part, parts.length);
    for (const [offset, length] of parts) list.setPart(part++, text.address + offset, length);
  }
  return list;
}

/** Room for messages of `size` bytes, and what is in them afterwards. */
class Incoming {
  private readonly block: MemoryBlock;
  readonly list: MessageList;

  constructor(
    private readonly capacity: number,
    private readonly size: number,
  ) {
    this.block = new MemoryBlock(capacity * size);
    this.list = new MessageList(capacity, capacity, true);
    for (let at = 0; at < capacity; at++) {
      this.list.setPart(at, this.block.address + at * size, size);
      this.list.setMessage(at, at, 1);
    }
    this.list.expect(0, capacity);
  }

  receive(fd: number, flags = 0): number {
    return recvmmsg(fd, this.list, 0, this.capacity, flags);
  }

  text(message: number, length = this.list.length(message)): string {
    const at = message * this.size;
    return this.block.bytes.latin1Slice(at, at + length);
  }
}

describe('many datagrams in one call', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(`are gathered from their parts, and come one by one (${host})`, () => {
      between(host, ({ sender, receiver }) => {
        const list = outgoing(
          [
            [0, 3],
            [25, 2],
          ],
          [[1, 1]],
          [],
        );
        assert.equal(sendmmsg(sender, list, 0, 3, 0), 3);
        assert.deepEqual([list.length(0), list.length(1), list.length(2)], [5, 1, 0]);
        assert.equal(sendmmsg(sender, list, 1, 1, 0), 1);
        const incoming = new Incoming(8, 64);
        assert.equal(incoming.receive(receiver), 4);
        assert.deepEqual(
          [0, 1, 2, 3].map(at => incoming.text(at)),
          ['abcza', 'b', '', 'b'],
        );
        assert.equal(incoming.receive(receiver), -EAGAIN);
      });
    });
  }

  test('say how long they were where there was no room', () => {
    between('127.0.0.1', ({ sender, receiver }) => {
      sendmmsg(sender, outgoing([[0, 10]], [[0, 4]], [[0, 10]]), 0, 3, 0);
      const incoming = new Incoming(2, 4);
      assert.equal(incoming.receive(receiver), 2);
      assert.deepEqual([incoming.list.length(0), incoming.list.isCut(0)], [4, true]);
      assert.deepEqual([incoming.list.length(1), incoming.list.isCut(1)], [4, false]);
      assert.equal(incoming.receive(receiver, MSG_TRUNC), 1);
      assert.deepEqual([incoming.list.length(0), incoming.text(0, 4)], [10, 'abcd']);
    });
  });

  test('come with the time of their arrival where that is asked for', () => {
    between('127.0.0.1', ({ sender, receiver }) => {
      const incoming = new Incoming(1, 64);
      sendmmsg(sender, outgoing([[0, 1]]), 0, 1, 0);
      assert.equal(incoming.receive(receiver), 1);
      assert.equal(incoming.list.arrival(0), -1);
      assert.equal(incoming.list.segmentSize(0), 0);
      check(setOption(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 1), 'SO_TIMESTAMPNS');
      const before = Date.now();
      sendmmsg(sender, outgoing([[0, 1]]), 0, 1, 0);
      incoming.list.expect(0, 1);
      assert.equal(incoming.receive(receiver), 1);
      const arrival = incoming.list.arrival(0) / 1000;
      assert.ok(arrival > before - 60_000 && arrival < Date.now() + 60_000, `${arrival} is no time of today`);
    });
  });

  test('are cut from one message, and come as one where that is asked for', () => {
    between('127.0.0.1', ({ sender, receiver }) => {
      check(setOption(sender, IPPROTO_UDP, UDP_SEGMENT, 10), 'UDP_SEGMENT');
      check(setOption(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 1), 'SO_TIMESTAMPNS');
      const list = outgoing([
        [0, 4],
        [0, 6],
        [4, 4],
        [0, 1],
      ]);
      const incoming = new Incoming(4, 64);
      assert.equal(sendmmsg(sender, list, 0, 1, 0), 1);
      assert.equal(incoming.receive(receiver), 2);
      assert.deepEqual([incoming.text(0), incoming.text(1)], ['abcdabcdef', 'efgha']);
      incoming.list.expect(0, 4);
      check(setOption(receiver, IPPROTO_UDP, UDP_GRO, 1), 'UDP_GRO');
      assert.equal(sendmmsg(sender, list, 0, 1, 0), 1);
      assert.equal(incoming.receive(receiver), 1);
      assert.deepEqual([incoming.text(0), incoming.list.segmentSize(0)], ['abcdabcdefefgha', 10]);
      assert.ok(incoming.list.arrival(0) > 0);
    });
  });

  test('fail where the first of them does', () => {
    between('127.0.0.1', ({ sender, receiver }) => {
      const list = outgoing(
        [[0, 1]],
        [
          [0, 65_000],
          [0, 1000],
        ],
      );
      assert.equal(sendmmsg(sender, list, 0, 2, 0), 1);
      assert.equal(sendmmsg(sender, list, 1, 1, 0), -EMSGSIZE);
      close(receiver);
      assert.equal(sendmmsg(sender, list, 0, 1, 0), 1);
      assert.equal(sendmmsg(sender, list, 0, 1, 0), -ECONNREFUSED);
    });
  });

  test('are counted where the socket has no room for them', () => {
    between('127.0.0.1', ({ sender, receiver }) => {
      check(setOption(receiver, SOL_SOCKET, SO_RCVBUF, 8192), 'SO_RCVBUF');
      assert.equal(socketDrops(receiver), 0);
      const list = outgoing([[0, 1000]]);
      for (let sent = 0; sent < 100; sent++) assert.equal(sendmmsg(sender, list, 0, 1, 0), 1);
      const incoming = new Incoming(128, 1000);
      const received = check(incoming.receive(receiver), 'recvmmsg()');
      assert.ok(received > 0 && received < 100);
      assert.equal(socketDrops(receiver), 100 - received);
    });
  });
});

test('a timer is readable when its time has come, and not before it is set again', () => {
  const fd = check(timerfd(), 'timerfd_create()');
  for (const milliseconds of [0, 0.05, 1.5]) {
    assert.equal(timerfdSet(fd, milliseconds), 0);
    assert.equal(waitForInput(fd), EPOLLIN);
  }
  assert.equal(timerfdSet(fd, 999.999_999_9), 0, 'nanoseconds that are rounded up to a second');
  assert.equal(timerfdSet(fd, 3_600_000), 0);
  assert.throws(() => waitFor(fd, EPOLLIN, 0), /not ready/);
  close(fd);
});
