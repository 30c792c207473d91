import assert from 'node:assert/strict';
import { SocketAddress as NodeAddress } from 'node:net';
import { describe, test } from 'node:test';
import { AF_INET, AF_INET6, AF_UNIX, SocketAddress } from '../../native/sockaddr.js';
import { getPeerName, getSocketName } from '../../native/socket.js';
import { seeded } from '../http/parse-helpers.js';
import { connectPair, inFolder } from './support.js';

/** Text, and how it reads in canonical form (RFC 5952) where that differs. */
const literals: [string, string?][] = [
  ['::'],
  ['::1'],
  ['1::'],
  ['2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:0db8:0000:0001:0000:0000:0000:0001', '2001:db8:0:1::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
  ['1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8'],
  ['fe80::'],
  ['::ffff:192.0.2.1'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
];

describe('internet addresses', () => {
  for (const [text, canonical = text] of literals) {
    test(`${text} is ${canonical}`, () => {
      const address = new SocketAddress().setInternet(text, 65535);
      assert.equal(address.host, canonical);
      assert.equal(address.host, new NodeAddress({ address: text, family: 'ipv6' }).address);
      assert.equal(address.family, AF_INET6);
      assert.equal(address.port, 65535);
      assert.equal(address.length, 28);
    });
  }

  test('random ones read as in Node', () => {
    const random = seeded(11);
    const address = new SocketAddress();
    for (let round = 0; round < 3000; round++) {
      // many zeros, or runs of them would be rare
      const groups = Array.from({ length: 8 }, () => (random() < 0.5 ? 0 : Math.floor(random() * 0x10000)));
      // ::1.2.3.4 is deprecated (RFC 4291 section 2.5.5.1): inet_ntop still writes it with dots, RFC 5952 does not ask for it
      if (groups.slice(0, 6).every(group => group === 0)) groups[0] = 0x2001;
      const text = groups.map(group => group.toString(16)).join(':');
      assert.equal(address.setInternet(text, 1).host, new NodeAddress({ address: text, family: 'ipv6' }).address, text);
    }
  });

  test('IPv4', () => {
    const address = new SocketAddress().setInternet('255.0.10.1', 256);
    assert.deepEqual([address.host, address.port, address.family, address.length], ['255.0.10.1', 256, AF_INET, 16]);
  });

  test('an address that is set over a longer one leaves nothing of it', () => {
    const address = new SocketAddress().setInternet('ffff::ffff', 65535).setInternet('::', 0);
    assert.deepEqual([address.host, address.port], ['::', 0]);
  });

  for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', '::1%lo', '[::1]', '1::2::3']) {
    test(`"${text}" is refused`, () => {
      assert.throws(() => new SocketAddress().setInternet(text, 80), /is not an IP address/);
    });
  }
});

describe('what the kernel fills in', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(host, () => {
      const pair = connectPair(host);
      const client = new SocketAddress();
      const seen = new SocketAddress();
      getSocketName(pair.client, client);
      getPeerName(pair.server, seen);
      assert.equal(pair.peer.host, host);
      assert.equal(pair.peer.port, client.port);
      assert.ok(client.port > 0);
      assert.deepEqual([seen.host, seen.port, seen.length], [client.host, client.port, client.length]);
      pair.close();
    });
  }

  test('a unix socket has its path, its peer none', () => {
    inFolder(folder => {
      const path = `${folder}/socket`;
      const pair = connectPair(path);
      const own = new SocketAddress();
      getSocketName(pair.server, own);
      assert.deepEqual([own.host, own.port, own.family], [`unix:${path}`, 0, AF_UNIX]);
      assert.deepEqual([pair.peer.host, pair.peer.port, pair.peer.family], ['unix:', 0, AF_UNIX]);
      pair.close();
    });
  });

  test('an empty unix peer after an internet one shows nothing of the latter', () => {
    const address = new SocketAddress().setInternet('2001:db8::1', 8080);
    inFolder(folder => {
      const pair = connectPair(`${folder}/socket`);
      getPeerName(pair.server, address);
      assert.deepEqual([address.host, address.port], ['unix:', 0]);
      pair.close();
    });
  });
});

describe('unix paths', () => {
  test('107 bytes fit', () => {
    const path = `/${'p'.repeat(106)}`;
    assert.equal(new SocketAddress().setUnix(path).host, `unix:${path}`);
  });
  test('108 bytes do not', () => {
    assert.throws(() => new SocketAddress().setUnix(`/${'p'.repeat(107)}`), /longer than 107 bytes/);
  });
  test('bytes above 127 stay as they are', () => {
    assert.equal(new SocketAddress().setUnix('/\xfc\xff').host, 'unix:/\xfc\xff');
  });
});
