import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { close } from '../../native/file.js';
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
