import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { view } from 'koffi';
import * as epoll from '../../native/epoll.js';
import * as file from '../../native/file.js';
import { IoVec } from '../../native/iovec.js';
import { RLIMIT_NOFILE } from '../../native/process.js';
import * as sockaddr from '../../native/sockaddr.js';
import * as socket from '../../native/socket.js';
import { inFolder } from './support.js';

/** The headers of this system are the judge: what they say of structs and flags, printed as name=value. */
const header = `#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/stat.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#define N(name) printf(#name "=%lld\\n", (long long)(name));
#define O(type, field) printf(#type "." #field "=%zu\\n", offsetof(struct type, field));
#define S(type) printf(#type "=%zu\\n", sizeof(struct type));
static void bytes(const char *name, const void *at, size_t size) {
  printf("%s=", name);
  for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)at)[i]);
  printf("\\n");
}
int main(void) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = (7ULL << 32) | 42};
  bytes("event", &event, sizeof event);
  struct iovec vector = {(void *)0x123456789abcULL, 77};
  bytes("vector", &vector, sizeof vector);
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8080)};
  inet_pton(AF_INET, "192.0.2.7", &in.sin_addr);
  bytes("in", &in, sizeof in);
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
  inet_pton(AF_INET6, "2001:db8::1:2", &in6.sin6_addr);
  bytes("in6", &in6, sizeof in6);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  strcpy(un.sun_path, "/run/x.sock");
  bytes("un", &un, offsetof(struct sockaddr_un, sun_path) + 12);
  S(epoll_event) S(sockaddr_un) S(statx) S(linger) S(rlimit)
  O(linger, l_onoff) O(linger, l_linger) O(rlimit, rlim_cur) O(rlimit, rlim_max)
  O(passwd, pw_uid) O(passwd, pw_gid) O(group, gr_gid)
  O(statx, stx_mode) O(statx, stx_ino) O(statx, stx_size) O(statx, stx_mtime)
  O(statx, stx_dev_major) O(statx, stx_dev_minor)
`;

const flags: Record<string, number> = {};
for (const module of [epoll, file, sockaddr, socket, { RLIMIT_NOFILE }]) {
  for (const [name, value] of Object.entries(module)) if (/^[A-Z][A-Z0-9_]+$/.test(name)) flags[name] = value as number;
}

function ask(folder: string): Map<string, string> {
  const program = `${header}${Object.keys(flags)
    .map(name => `  N(${name})`)
    .join('\n')}\n  return 0;\n}\n`;
  writeFileSync(join(folder, 'layout.c'), program);
  execFileSync('cc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')], { stdio: 'pipe' });
  const lines = execFileSync(join(folder, 'layout'), { encoding: 'latin1' }).trim().split('\n');
  return new Map(lines.map(line => line.split('=') as [string, string]));
}

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const skip = hasCompiler ? false : 'no C compiler here to ask for the layouts';
const hexAt = (address: number, length: number) => Buffer.from(view(address, length)).toString('hex');

test('structs and flags are those of the C headers', { skip }, () => {
  inFolder(folder => {
    const c = ask(folder);
    const number = (name: string) => Number(c.get(name));

    for (const [name, value] of Object.entries(flags)) {
      // O_RDONLY is 0 and EPOLLET the sign bit: both sides as 32 bits
      assert.equal(value >>> 0, number(name) >>> 0, name);
    }

    const iov = new IoVec(2);
    iov.push(0x123456789abc, 77);
    assert.equal(hexAt(iov.address, 16), c.get('vector'));

    const { SocketAddress } = sockaddr;
    const in4 = new SocketAddress().setInternet('192.0.2.7', 8080);
    assert.equal(hexAt(in4.address, in4.length), c.get('in'));
    const in6 = new SocketAddress().setInternet('2001:db8::1:2', 443);
    assert.equal(hexAt(in6.address, in6.length), c.get('in6'));
    const un = new SocketAddress().setUnix('/run/x.sock');
    assert.equal(hexAt(un.address, un.length), c.get('un'));

    const events = new epoll.EventList(2);
    const { address } = events as unknown as { address: number };
    const memory = Buffer.from(view(address, 2 * number('epoll_event')));
    memory.write(c.get('event') as string, number('epoll_event'), 'hex');
    assert.equal(events.mask(1), (epoll.EPOLLIN | epoll.EPOLLET) >>> 0);
    assert.equal(events.fd(1), 42);
    assert.equal(events.generation(1), 7);

    checkStatx(number);
    const expected = {
      epoll_event: process.arch === 'x64' ? 12 : 16,
      sockaddr_un: 110,
      statx: 256,
      linger: 8,
      rlimit: 16,
    };
    for (const [name, size] of Object.entries(expected)) assert.equal(number(name), size, name);
    const offsets = {
      'linger.l_onoff': 0,
      'linger.l_linger': 4,
      'rlimit.rlim_cur': 0,
      'rlimit.rlim_max': 8,
      'passwd.pw_uid': 16,
      'passwd.pw_gid': 20,
      'group.gr_gid': 16,
    };
    for (const [name, offset] of Object.entries(offsets)) assert.equal(number(name), offset, name);
  });
});

function checkStatx(number: (name: string) => number): void {
  const status = new file.FileStatus();
  const memory = Buffer.from(view(status.address, number('statx')));
  memory.writeUInt16LE(file.S_IFREG | 0o640, number('statx.stx_mode'));
  memory.writeBigUInt64LE(0x1_2345_6789n, number('statx.stx_ino'));
  memory.writeBigUInt64LE(0x23_0000_0001n, number('statx.stx_size'));
  memory.writeBigInt64LE(-5n, number('statx.stx_mtime'));
  memory.writeUInt32LE(8, number('statx.stx_dev_major'));
  memory.writeUInt32LE(1, number('statx.stx_dev_minor'));
  assert.equal(status.mode, file.S_IFREG | 0o640);
  assert.equal(status.isFile, true);
  assert.equal(status.inode, 0x1_2345_6789);
  assert.equal(status.size, 0x23_0000_0001);
  assert.equal(status.mtime, -5);
  assert.equal(status.device, 8 * 2 ** 32 + 1);
}
