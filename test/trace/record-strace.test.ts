/** What is said to somebody who cannot use strace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachStrace, canTrace, howToAllow, howToInstall, mayTrace } from '../../src/trace/record-strace.js';

test('strace is installed with the package manager of the system', () => {
  const table: [osRelease: string, how: RegExp][] = [
    ['ID=debian\nVERSION_ID="12"\n', /^sudo apt-get install strace$/],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', /^sudo apt-get install strace$/],
    ['ID=fedora\n', /^sudo dnf install strace$/],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', /^sudo dnf install strace$/],
    ['ID=alpine\n', /^sudo apk add strace$/],
    ['ID=nixos\n', /^install the package strace \(/],
    ['', /^install the package strace \(/],
  ];
  for (const [osRelease, how] of table) assert.match(howToInstall(osRelease), how, osRelease);
});

test('the remedy is that of what forbids it', () => {
  const table: [at: Parameters<typeof howToAllow>[0], how: RegExp][] = [
    [{ isRoot: false, ptraceScope: 1, mayTrace: false }, /sudo, or .*sysctl kernel\.yama\.ptrace_scope=0/],
    [{ isRoot: false, ptraceScope: 2, mayTrace: false }, /ptrace_scope is 2: run this with sudo$/],
    [{ isRoot: true, ptraceScope: 3, mayTrace: true }, /started anew/],
    [{ isRoot: true, ptraceScope: 0, mayTrace: false }, /container.*--cap-add=SYS_PTRACE/],
    [{ isRoot: true, ptraceScope: 1, mayTrace: true }, /seccomp/],
    [{ isRoot: false, ptraceScope: 0, mayTrace: false }, /sudo.*--cap-add=SYS_PTRACE/],
  ];
  for (const [at, how] of table) assert.match(howToAllow(at), how, JSON.stringify(at));
});

test('CAP_SYS_PTRACE is read from the capabilities in effect', () => {
  assert.equal(mayTrace('CapPrm:\t0000000000080000\nCapEff:\t0000000000000000\n'), false);
  assert.equal(mayTrace('CapEff:\t0000000000080000\n'), true);
  assert.equal(mayTrace('CapEff:\t000001fffff7ffff\n'), false);
  assert.equal(mayTrace(''), false);
});

const can = await canTrace();

test('a process that is not there: strace says so', { skip: can.ok ? false : can.why }, async () => {
  const noSuchPid = 2 ** 22 + 1;
  await assert.rejects(attachStrace(noSuchPid), /4194305/);
});
