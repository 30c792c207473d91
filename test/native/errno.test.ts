import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, EAGAIN, ENOENT, errnoName, errnoText, SystemError } from '../../native/errno.js';

describe('errno', () => {
  const texts: [number, string, string][] = [
    [1, 'EPERM', '1: Operation not permitted'],
    [2, 'ENOENT', '2: No such file or directory'],
    [11, 'EAGAIN', '11: Resource temporarily unavailable'],
    [24, 'EMFILE', '24: Too many open files'],
    [32, 'EPIPE', '32: Broken pipe'],
    [98, 'EADDRINUSE', '98: Address already in use'],
    [104, 'ECONNRESET', '104: Connection reset by peer'],
    [110, 'ETIMEDOUT', '110: Connection timed out'],
  ];
  for (const [number, name, text] of texts) {
    test(name, () => {
      assert.equal(errnoName(number), name);
      assert.equal(errnoText(number), text);
    });
  }
  test('a number that nobody has named', () => assert.equal(errnoName(4000), 'errno 4000'));

  test('check hands results on and throws negative errnos', () => {
    assert.equal(check(0, 'open()'), 0);
    assert.equal(check(7, 'open()'), 7);
    assert.throws(
      () => check(-ENOENT, 'open() "/x"'),
      (error: SystemError) => {
        assert.ok(error instanceof SystemError);
        assert.equal(error.message, 'open() "/x" failed (2: No such file or directory)');
        assert.deepEqual([error.code, error.errno, error.call], ['ENOENT', ENOENT, 'open() "/x"']);
        return true;
      },
    );
    assert.equal(new SystemError('read()', EAGAIN).code, 'EAGAIN');
  });
});
