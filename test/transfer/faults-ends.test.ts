import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { assertServes, Ends, until } from './ends.js';

const mebi = 2 ** 20;

describe('an end that', { concurrency: 4 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  test('is killed is noticed at once: the sender', async () => {
    ends.file('killed', 8 * mebi);
    const receiver = await ends.store();
    const run = ends.startSending(['killed'], receiver, ['--rate', '1M']);
    await ends.hasCome('killed', 1);
    run.child.kill('SIGKILL');
    await until(() => /has (closed|broken off) the connection/.test(receiver.run.stderr), 'it is noticed');
    await until(() => /of "killed" are kept/.test(receiver.run.stderr), 'the part is kept');
    await assertServes(ends, receiver, 'after-kill');
  });

  test('is killed is noticed at once: the receiver', async () => {
    ends.file('orphan', 8 * mebi);
    const receiver = await ends.store();
    const run = ends.startSending(['orphan'], receiver, ['--rate', '1M']);
    await ends.hasCome('orphan', 1);
    receiver.run.child.kill('SIGKILL');
    const { code, stderr } = await run.end;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /the receiver \(127\.0\.0\.1:\d+\) has (closed|broken off) the connection|closed a data connection/,
    );
    assert.match(stderr, /with --resume/);
  });

  test('stops is given up: the receiver', async () => {
    ends.file('stopped', 8 * mebi);
    const receiver = await ends.store();
    const run = ends.startSending(['stopped'], receiver, ['--rate', '1M', '--timeout', '4']);
    await ends.hasCome('stopped', 1);
    receiver.run.child.kill('SIGSTOP');
    const { code, stderr } = await run.end;
    receiver.run.child.kill('SIGCONT');
    assert.equal(code, 1);
    assert.match(stderr, /has been silent for 4 s|no longer answers/);
  });

  test('stops is given up: the sender', async () => {
    ends.file('stops', 8 * mebi);
    const receiver = await ends.store('--timeout', '4', '--once');
    const run = ends.startSending(['stops'], receiver, ['--rate', '1M']);
    await ends.hasCome('stops', 1);
    run.child.kill('SIGSTOP');
    const { code, stderr } = await receiver.run.end;
    run.child.kill('SIGKILL');
    assert.equal(code, 1);
    assert.match(stderr, /has been silent for 4 s/);
    assert.match(stderr, /of "stops" are kept/);
  });

  test('is interrupted tells the other one', async () => {
    ends.file('interrupted', 8 * mebi);
    const receiver = await ends.store('--once');
    const run = ends.startSending(['interrupted'], receiver, ['--rate', '1M']);
    await ends.hasCome('interrupted', 1);
    run.child.kill('SIGTERM');
    assert.equal((await run.end).code, 143);
    const { code, stderr } = await receiver.run.end;
    assert.equal(code, 1);
    assert.match(stderr, /the sender gave up: the sender was ended by its user \(SIGTERM\)/);
  });
});

describe('one name', { concurrency: 4 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  test('is for one sender at a time', async () => {
    ends.file('wanted', 20 * mebi);
    const receiver = await ends.store();
    const first = ends.startSending(['wanted'], receiver, ['--rate', '1M']);
    await ends.hasCome('wanted', 1);
    const { code, stderr } = await ends.send(['wanted'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /the receiver refuses: .*wanted" is being received already/);
    assert.equal(first.child.exitCode, null);
  });

  test('is for one receiver at a time', async () => {
    ends.file('shared', 20 * mebi);
    const other = await ends.store();
    ends.startSending(['shared'], await ends.store(), ['--rate', '1M']);
    await ends.hasCome('shared', 1);
    const { code, stderr } = await ends.send(['shared'], other);
    assert.equal(code, 1);
    assert.match(stderr, /being received already/);
  });

  test('that is taken meanwhile is not overwritten', async () => {
    ends.file('taken', 6 * mebi);
    const receiver = await ends.store();
    const run = ends.startSending(['taken'], receiver, ['--rate', '2M']);
    await ends.hasCome('taken', 1);
    writeFileSync(ends.out('taken'), 'mine');
    const { code, stderr } = await run.end;
    assert.equal(code, 1);
    assert.match(stderr, /exists already/);
    assert.equal(readFileSync(ends.out('taken'), 'latin1'), 'mine');
  });
});
