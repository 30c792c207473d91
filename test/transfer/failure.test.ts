import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EDQUOT,
  EFBIG,
  EHOSTUNREACH,
  EIO,
  ENOBUFS,
  ENOMEM,
  ENOSPC,
  EPIPE,
  EROFS,
  ETIMEDOUT,
} from '../../native/errno.js';
import {
  connectionFailure,
  isOfConnection,
  isSoft,
  SoftErrors,
  sourceFailure,
  storeFailure,
  TransferError,
} from '../../src/transfer/failure.js';

describe('errors that pass', () => {
  test('are those of memory', () => {
    assert.deepEqual([ENOBUFS, ENOMEM, EAGAIN, EIO, EPIPE].map(isSoft), [true, true, false, false, false]);
  });

  test('are waited for a little longer each time, and begin anew after a success', () => {
    const soft = new SoftErrors();
    const pauses = Array.from({ length: 9 }, () => soft.next(ENOBUFS, 'sendto'));
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 100, 100]);
    soft.clear();
    assert.equal(soft.next(ENOMEM, 'sendto'), 1);
    assert.equal(soft.count, 10);
  });

  test('do not pass a hundred times in a row', () => {
    const soft = new SoftErrors();
    for (let round = 0; round < 3; round++) {
      for (let tries = 0; tries < 100; tries++) soft.next(ENOBUFS, 'sendfile');
      soft.clear();
    }
    for (let tries = 0; tries < 100; tries++) soft.next(ENOBUFS, 'sendfile');
    assert.throws(
      () => soft.next(ENOBUFS, 'sendfile'),
      (error: unknown) => {
        assert.ok(error instanceof TransferError);
        assert.equal(error.kind, 'network');
        assert.match(
          error.message,
          /^sendfile\(\) failed 101 times in a row \(105: No buffer space available\): .*--sndbuf/,
        );
        return true;
      },
    );
    assert.equal(soft.count, 401);
  });
});

describe('a hard error', () => {
  for (const [errno, kind, message] of [
    [ECONNRESET, 'peer', '[::1]:9000 has broken off the connection: recvfrom() failed (104: Connection reset by peer)'],
    [EPIPE, 'peer', '[::1]:9000 has broken off the connection: recvfrom() failed (32: Broken pipe)'],
    [ETIMEDOUT, 'network', '[::1]:9000 no longer answers: recvfrom() failed (110: Connection timed out)'],
    [EHOSTUNREACH, 'network', 'the connection to [::1]:9000 broke: recvfrom() failed (113: No route to host)'],
  ] as const) {
    test(`of a connection: ${errno}`, () => {
      const error = connectionFailure(errno, 'recvfrom', '[::1]:9000');
      assert.deepEqual([error.name, error.kind, error.message], ['TransferError', kind, message]);
      assert.ok(isOfConnection(errno));
    });
  }

  for (const [errno, advice] of [
    [ENOSPC, /failed \(28: No space left on device\): the disk is full: make room/],
    [EDQUOT, /failed \(122: .*\): your disk quota is used up: remove/],
    [EFBIG, /failed \(27: File too large\): .*ulimit -f/],
    [EIO, /failed \(5: .*\): the disk does not work as it should.*dmesg/],
    [EACCES, /failed \(13: Permission denied\)$/],
    [EROFS, /failed \(30: Read-only file system\)$/],
  ] as const) {
    test(`of a store: ${errno}`, () => {
      const error = storeFailure(errno, 'pwrite64', '/data/a');
      assert.equal(error.kind, 'store');
      assert.ok(error.message.startsWith('pwrite64() "/data/a" failed ('));
      assert.match(error.message, advice);
      assert.equal(isOfConnection(errno), false);
    });
  }

  test('of a source', () => {
    const error = sourceFailure(EIO, 'pread64', '/data/a');
    assert.deepEqual([error.kind, error.message], ['source', 'pread64() "/data/a" failed (5: Input/output error)']);
  });

  test('is known by its kind, and keeps its cause', () => {
    const cause = new Error('why');
    const error = new TransferError('what', 'refused', { cause });
    assert.deepEqual([error.kind, error.cause], ['refused', cause]);
    assert.equal(connectionFailure(ECONNREFUSED, 'connect', 'a:1').kind, 'peer');
  });
});
