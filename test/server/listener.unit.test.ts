import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { close } from '../../native/file.js';
import { getOption, IPPROTO_TCP, TCP_FASTOPEN } from '../../native/socket.js';
import type { Listen } from '../../src/modules/listen.js';
import { openListeningSocket } from '../../src/server/listener.js';
import { inFolder } from '../native/support.js';

const unix = (path: string): Listen => ({
  text: `unix:${path}`,
  family: 'unix',
  host: '',
  port: 0,
  path,
  key: `unix:${path}`,
  defaultServer: false,
  reuseport: false,
  deferred: false,
  fastopen: -1,
  backlog: 8,
  rcvbuf: -1,
  sndbuf: -1,
  soKeepalive: null,
  ipv6only: true,
  ssl: false,
  proxyProtocol: false,
  optionsGiven: false,
  file: '',
  line: 0,
});

test('a socket file that nobody listens on any more gives way', () => {
  inFolder(folder => {
    const path = `${folder}/socket`;
    close(openListeningSocket(unix(path)));
    assert.ok(existsSync(path));
    const fd = openListeningSocket(unix(path));
    assert.throws(() => openListeningSocket(unix(path)), /bind\(\) to .* failed \(98: Address already in use\)/);
    close(fd);
  });
});

test('a file that is no socket stays', () => {
  inFolder(folder => {
    const path = `${folder}/precious`;
    writeFileSync(path, 'data');
    assert.throws(() => openListeningSocket(unix(path)), /98: Address already in use/);
    assert.equal(readFileSync(path, 'latin1'), 'data');
  });
});

test('fastopen: how many connections may wait that have brought data', () => {
  const loopback = { ...unix(''), family: 'inet', host: '127.0.0.1', key: '127.0.0.1:0' } as const;
  for (const [fastopen, expected] of [
    [7, 7],
    [-1, 0],
  ] as const) {
    const fd = openListeningSocket({ ...loopback, fastopen });
    assert.equal(getOption(fd, IPPROTO_TCP, TCP_FASTOPEN), expected);
    close(fd);
  }
  inFolder(folder => close(openListeningSocket({ ...unix(`${folder}/socket`), fastopen: 7 })));
});
