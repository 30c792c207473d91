/** The ledger of kernel calls: what it holds, that it changes nothing, and that it is not there when it is off. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describedCalls, type LedgerRecord } from '../../native/ledger-calls.js';
import { inFolder } from './support.js';

const program = fileURLToPath(new URL('./ledger-program.js', import.meta.url));
const native = fileURLToPath(new URL('../../native/', import.meta.url));

interface Run {
  readonly returned: number[];
  readonly stderr: string;
  readonly records: LedgerRecord[];
}

function run(scene: string, folder: string, ledger: string): Run {
  const child = spawnSync(process.execPath, [program, scene, folder], {
    env: { ...process.env, ZEROCOPY_LEDGER: ledger },
    encoding: 'utf8',
  });
  const lines = ledger !== '' && existsSync(ledger) ? readFileSync(ledger, 'latin1').split('\n') : [''];
  assert.equal(lines.pop(), '', 'whole lines');
  const returned = child.stdout === '' ? [] : (JSON.parse(child.stdout) as number[]);
  return { returned, stderr: child.stderr, records: lines.map(line => JSON.parse(line) as LedgerRecord) };
}

/** What does not change from run to run. */
function stable({ pid, time, took, ...rest }: LedgerRecord): Omit<LedgerRecord, 'pid' | 'time' | 'took'> {
  assert.ok(pid > 0 && Math.abs(time - Date.now() / 1000) < 60 && took >= 0 && took < 10);
  return rest;
}

test('files: arguments, bytes and results; errno comes through', () => {
  inFolder(folder => {
    const { returned, records } = run('files', folder, `${folder}/ledger`);
    const fd = returned[0];
    assert.deepEqual(returned, [fd, 36, 33, 0, -9, -2, -2, 0, -9]);
    const path = `${folder}/f`;
    const on = { fd, fdPath: path };
    assert.deepEqual(records.map(stable), [
      { call: 'openat', result: fd, path, flags: 0o2000102, value: 0o600, resultPath: path },
      { call: 'write', result: 36, ...on, size: 36, preview: '\0"\xfc0123456789 0123456789 0123456' },
      { call: 'pread64', result: 33, ...on, size: 256, offset: 3, preview: '0123456789 0123456789 0123456789' },
      { call: 'read', result: 0, ...on, size: 256, preview: '' },
      { call: 'fadvise64', result: -1, errno: 9, fd: -1, fdPath: '', offset: 0, size: 0, flags: 0 },
      { call: 'statx', result: -1, errno: 2, path: `${folder}/none`, flags: 0 },
      { call: 'openat', result: -1, errno: 2, path: `${folder}/none`, flags: 0o2000000, value: 0o644 },
      { call: 'close', result: 0, ...on },
      { call: 'read', result: -1, errno: 9, fd, fdPath: '', size: 1 },
    ]);
    assert.equal(statSync(`${folder}/ledger`).mode & 0o777, 0o600);
  });
});

test('sockets: parts of a write, the offset before sendfile moved it, options', () => {
  inFolder(folder => {
    writeFileSync(`${folder}/f`, '0123456789abcdef');
    const { returned, records } = run('sockets', folder, `${folder}/ledger`);
    assert.deepEqual(returned, [100, 4, 10, -11, 114, 0, 1]);
    const from = records.findIndex(record => record.call === 'writev');
    const [writev, send, sendfile, empty, full, set, get] = records.slice(from).map(stable);
    const on = { fd: writev.fd, fdPath: writev.fdPath };
    assert.match(writev.fdPath ?? '', /^socket:\[\d+\]$/);
    assert.deepEqual(writev, { call: 'writev', result: 100, ...on, size: 100, parts: [4, 96], preview: 'head' });
    assert.deepEqual(send, { call: 'sendto', result: 4, ...on, size: 4, flags: 0x4000, preview: 'head' });
    const { otherFd } = sendfile;
    const file = { otherFd, otherFdPath: `${folder}/f` };
    assert.deepEqual(sendfile, { call: 'sendfile', result: 10, ...on, ...file, size: 10, offset: 2 });
    assert.deepEqual(empty, { call: 'recvfrom', result: -1, errno: 11, ...on, size: 256, flags: 0 });
    assert.equal(full.preview, `head${'\0'.repeat(28)}`);
    assert.deepEqual(set, { call: 'setsockopt', result: 0, ...on, flags: 6, option: 1, value: 1, size: 4 });
    assert.equal(get.value, 1);
    assert.deepEqual(
      records.slice(0, from).map(record => record.call),
      ['socket', 'bind', 'listen', 'getsockname', 'socket', 'connect', 'accept4', 'close', 'openat'],
    );
  });
});

test('datagrams: how many there are, and the bytes of all their parts', () => {
  inFolder(folder => {
    const { returned, records } = run('datagrams', folder, `${folder}/ledger`);
    assert.deepEqual(returned, [2, 1, 7, 0]);
    const from = records.findIndex(record => record.call === 'timerfd_create');
    const [timer, send, receive, write, set] = records.slice(from).map(stable);
    assert.deepEqual(timer, {
      call: 'timerfd_create',
      result: timer.result,
      flags: 0o2004000,
      resultPath: 'anon_inode:[timerfd]',
    });
    const on = { fd: send.fd, fdPath: send.fdPath };
    assert.deepEqual(send, { call: 'sendmmsg', result: 2, ...on, value: 2, flags: 0x4000, size: 110 });
    assert.deepEqual(receive, { call: 'recvmmsg', result: 1, ...on, value: 1, flags: 0, size: 10 });
    const file = { fd: write.fd, fdPath: `${folder}/f` };
    const preview = '\0\0\0\0';
    assert.deepEqual(write, { call: 'pwritev', result: 7, ...file, parts: [4, 3], size: 7, offset: 5, preview });
    assert.deepEqual(set, { call: 'timerfd_settime', result: 0, fd: timer.result, fdPath: 'anon_inode:[timerfd]' });
  });
});

test('waiting: events in and out; what is gathered is written before a wait, and not before a look', () => {
  inFolder(folder => {
    const { returned, records } = run('waits', folder, `${folder}/ledger`);
    const [added, signalled, seen, early, waited, late, taken, again, removed] = returned;
    assert.deepEqual([added, signalled, seen, waited, taken, again, removed], [0, 8, 1, 1, 1, -11, 0]);
    assert.equal(early, 0);
    assert.ok(late > 0);
    const [epoll, eventfd, add, , look, wait, , , remove] = records.map(stable);
    const fd = eventfd.result;
    const on = { fd: epoll.result, fdPath: 'anon_inode:[eventpoll]' };
    const other = { otherFd: fd, otherFdPath: 'anon_inode:[eventfd]' };
    assert.deepEqual(add, { call: 'epoll_ctl', result: 0, ...on, ...other, flags: 1, events: [[fd, 5]] });
    assert.deepEqual(look, { call: 'epoll_pwait', result: 1, ...on, size: 4, value: 0, events: [[fd, 5]] });
    assert.deepEqual(wait, { ...look, value: 1000 });
    assert.deepEqual(remove, { call: 'epoll_ctl', result: 0, ...on, ...other, flags: 2 });
  });
});

test('memory is bounded: a program that never waits is written down while it runs', () => {
  inFolder(folder => {
    const { returned, records } = run('many', folder, `${folder}/ledger`);
    assert.equal(records.length, 3000);
    assert.ok(statSync(`${folder}/ledger`).size - returned[0] < 128 * 1024, `${returned[0]} bytes were written early`);
  });
});

test('a file that cannot be written is named', () => {
  const { stderr } = run('files', '/nowhere', '/nowhere/ledger');
  assert.match(stderr, /ZEROCOPY_LEDGER="\/nowhere\/ledger" cannot be written: ENOENT/);
});

test('no kernel call of native/ is left out', () => {
  const sources = readdirSync(native).filter(name => name.endsWith('.js'));
  const bound = sources.flatMap(name => {
    const calls = readFileSync(native + name, 'latin1').matchAll(
      /\bbind(?:WhereKnown|ForThreads)?\(\s*'[^(]*?(\w+)\(|\bbindNumbered\('(\w+)'/g,
    );
    return [...calls].map(([, call, numbered]) => call ?? numbered);
  });
  const notKernels = ['getpagesize', 'glob', 'globfree', 'memcpy', 'realpath', 'strlen'];
  assert.deepEqual([...new Set(bound)].sort(), [...Object.keys(describedCalls), ...notKernels].sort());
});
