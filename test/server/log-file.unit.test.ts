import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { describe, test } from 'node:test';
import { EISDIR } from '../../native/errno.js';
import { LogFile } from '../../src/server/log-file.js';
import { inFolder } from '../native/support.js';
import { FakeTurn } from './fake-turn.js';

const ENOSPC = 28;
const EBADF = 9;

const read = (path: string) => readFileSync(path, 'latin1');

describe('a log without a buffer', () => {
  test('appends each line at once, bytes as they are', () => {
    inFolder(folder => {
      const path = `${folder}/log`;
      const log = new LogFile(path);
      assert.equal(log.open(), 0);
      log.write('one \xff\xe4\n');
      assert.equal(read(path), 'one \xff\xe4\n');
      const second = new LogFile(path);
      second.open();
      second.write('two\n');
      log.write('three\n');
      assert.equal(read(path), 'one \xff\xe4\ntwo\nthree\n');
      log.close();
      second.close();
    });
  });

  test('writes the lines of one turn together: with the last event, or when the turn ends', () => {
    inFolder(folder => {
      const turn = new FakeTurn();
      const [log, other] = ['log', 'other'].map(name => new LogFile(`${folder}/${name}`, turn.loop));
      for (const each of [log, other]) each!.open();
      turn.hasMoreEvents = true;
      log!.write('a\n');
      log!.write('b\n');
      assert.equal(read(log!.path), '');
      turn.hasMoreEvents = false;
      log!.write('c\n');
      assert.equal(read(log!.path), 'a\nb\nc\n');
      turn.hasMoreEvents = true;
      log!.write('d\n');
      other!.write('e\n');
      assert.equal(read(log!.path), 'a\nb\nc\nd\n', 'what another log has to say comes behind it');
      turn.end();
      assert.equal(read(other!.path), 'e\n');
      turn.hasMoreEvents = true;
      const long = `${'x'.repeat(100_000)}\n`;
      for (const line of ['f\n', long, 'g\n']) log!.write(line);
      for (let i = 0; i < 1000; i++) log!.write(`${'y'.repeat(99)}\n`);
      for (const each of [log, other]) each!.close();
      assert.ok(read(log!.path) === `a\nb\nc\nd\nf\n${long}g\n${`${'y'.repeat(99)}\n`.repeat(1000)}`);
      turn.end();
    });
  });

  test('counts each line that is lost of those that are written together', () => {
    const turn = new FakeTurn();
    const log = new LogFile('/dev/full', turn.loop);
    log.open();
    turn.hasMoreEvents = true;
    for (const line of ['a\n', 'b\n', 'c\n']) log.write(line);
    turn.end();
    assert.equal(log.complaints.lost, 3);
    log.close();
  });

  test('takes lines longer than its shared block', () => {
    inFolder(folder => {
      const log = new LogFile(`${folder}/log`);
      log.open();
      const lines = [65_535, 65_536, 65_537, 300_000].map(length => `${'x'.repeat(length - 1)}\n`);
      for (const line of lines) log.write(line);
      assert.ok(read(log.path) === lines.join(''));
      assert.equal(log.complaints.lost, 0);
      log.close();
    });
  });

  test('goes on with the new file when it is opened anew', () => {
    inFolder(folder => {
      const path = `${folder}/log`;
      const log = new LogFile(path);
      log.open();
      log.write('old\n');
      renameSync(path, `${path}.1`);
      log.write('still old\n');
      assert.equal(log.open(), 0);
      log.write('new\n');
      assert.equal(read(`${path}.1`), 'old\nstill old\n');
      assert.equal(read(path), 'new\n');
      log.close();
    });
  });

  test('stays with the old file when the new one cannot be opened', () => {
    inFolder(folder => {
      const path = `${folder}/log`;
      const log = new LogFile(path);
      log.open();
      renameSync(path, `${path}.1`);
      mkdirSync(path);
      chmodSync(path, 0o755);
      assert.equal(log.open(), -EISDIR);
      log.write('line\n');
      assert.equal(read(`${path}.1`), 'line\n');
      log.close();
    });
  });
});

describe('a log with a buffer', () => {
  test('gathers lines until the next does not fit', () => {
    inFolder(folder => {
      const log = new LogFile(`${folder}/log`, null, 16);
      log.open();
      log.write('12345\n');
      log.write('123456789\n');
      assert.equal(read(log.path), '');
      log.write('x\n');
      assert.equal(read(log.path), '12345\n123456789\n');
      log.write('a line that is longer than the buffer\n');
      assert.equal(read(log.path), '12345\n123456789\nx\na line that is longer than the buffer\n');
      log.write('end\n');
      log.close();
      assert.ok(read(log.path).endsWith('buffer\nend\n'));
    });
  });

  test('is written when its time is up, and the time starts with the first line', () => {
    inFolder(folder => {
      const { loop, timers } = new FakeTurn();
      const log = new LogFile(`${folder}/log`, loop, 1000, 50);
      log.open();
      assert.equal(timers.next(), Number.POSITIVE_INFINITY);
      log.write('a\n');
      assert.equal(timers.next(), 50);
      log.write('b\n');
      const due = timers.takeDue(50);
      due?.owner.onTimer();
      assert.equal(read(log.path), 'a\nb\n');
      assert.equal(timers.next(), Number.POSITIVE_INFINITY);
      log.write('c\n');
      log.flush();
      assert.equal(timers.next(), Number.POSITIVE_INFINITY);
      log.write('d\n');
      log.close();
      assert.equal(timers.size, 0);
      assert.equal(read(log.path), 'a\nb\nc\nd\n');
    });
  });

  test('puts gathered lines into the old file before the new one', () => {
    inFolder(folder => {
      const path = `${folder}/log`;
      const log = new LogFile(path, null, 1000);
      log.open();
      log.write('old\n');
      renameSync(path, `${path}.1`);
      log.open();
      log.write('new\n');
      log.close();
      assert.deepEqual([read(`${path}.1`), read(path)], ['old\n', 'new\n']);
    });
  });
});

describe('a log that cannot be written', () => {
  test('drops and counts lines, and complains once', () => {
    const log = new LogFile('/dev/full');
    const complaints: unknown[] = [];
    log.open();
    log.complaints.onLost = (what, errno) => {
      complaints.push([what, errno]);
      // the complaint may go to this very log
      log.write('complaint\n');
    };
    log.write('a\n');
    log.write('b\n');
    assert.deepEqual(complaints, [['write() to "/dev/full" failed', ENOSPC]]);
    assert.equal(log.complaints.lost, 3);
    log.close();
  });

  test('because it is closed', () => {
    const log = new LogFile('/none');
    let seen = 0;
    log.complaints.onLost = (_, errno) => {
      seen = errno;
    };
    log.write('a\n');
    assert.deepEqual([log.complaints.lost, seen], [1, EBADF]);
  });

  test('does not close the standard outputs', () => {
    const log = new LogFile('/dev/stderr');
    log.adopt(2);
    log.close();
    assert.ok(readFileSync('/proc/self/fdinfo/2').length > 0);
  });
});
