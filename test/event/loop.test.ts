import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EPOLLIN, EPOLLOUT } from '../../native/epoll.js';
import { ENOENT } from '../../native/errno.js';
import { play } from './support.js';

describe('the loop', { concurrency: 2 }, () => {
  test('tells events, and changes what is watched', async () => {
    const first = ['first', EPOLLIN];
    assert.deepEqual(await play('events'), [first, first, first, ['first', EPOLLOUT], 0, -ENOENT]);
  });

  test('drops an event of a closed descriptor whose number is in use again', async () => {
    assert.deepEqual(await play('reuse'), ['same number']);
  });

  test('drops an event of a descriptor that was closed in the same batch', async () => {
    assert.deepEqual(await play('closed'), ['event']);
  });

  test('tells of several events before what they have put off', async () => {
    assert.deepEqual(await play('halves'), {
      seen: [
        ['a', true, true],
        ['b', true, true],
        ['c', true, true],
        ['a again', false, true],
        ['c again', false, false],
      ],
      faults: 1,
    });
  });

  test('says whether others wait for their turn', async () => {
    assert.deepEqual(await play('others'), ['event: true', 'a: true', 'b: false', 'event: false']);
  });

  test('runs tasks in order, behind the events, and their tasks one turn later', async () => {
    const seen = (await play('tasks')) as string[];
    const withoutEvents = seen.filter(each => each !== 'event');
    assert.deepEqual(withoutEvents, ['a', 'b', 'a again', 'b again']);
    assert.equal(seen[0], 'event');
    // not always right before it: where "a" has used up the time of its turn, "b" has a turn of its own
    assert.ok(seen.slice(seen.indexOf('a'), seen.indexOf('a again')).includes('event'));
  });

  test('looks for events between tasks that take their time', async () => {
    assert.deepEqual(await play('longTasks'), ['first', 'event', 'second', 'third']);
  });

  test('reports what handlers throw, and goes on', async () => {
    assert.deepEqual(await play('faulty'), {
      seen: ['first event let go', 'next task', 'next timer', 'second event', 'third event let go'],
      faults: ['first event', 'first fault', 'task', 'third event', 'timer'],
    });
  });

  test('fires no timer before its time, and all in order', async () => {
    assert.deepEqual(await play('accuracy'), { early: [], inOrder: true });
  });

  test('gives events their turn when a timer is set for now again and again', async () => {
    assert.equal(await play('rearmed'), 'had its turn');
  });

  test('gives events, timers and Node their turn when tasks never end', async () => {
    assert.deepEqual(await play('busy'), ['event', 'setTimeout', 'timer']);
  });

  test('waits in the kernel when there is nothing to do', async () => {
    const visits = (await play('idle')) as number;
    assert.ok(visits < 40, `${visits} visits`);
  });
});

test('the loop counts how often it waits', async () => {
  assert.equal(await play('waits'), true);
});

test('who waits for a Deferred runs as soon as it is settled, once', async () => {
  assert.deepEqual(await play('deferred'), ['resolved', 'refused', 'refused early']);
});

describe('beside the loop, Node has', { concurrency: 2 }, () => {
  test('setTimeout, promises, nextTick, and setImmediate in a chain', async () => {
    assert.deepEqual(await play('nodeTimers'), ['setTimeout', 'promise', 'nextTick', 'setImmediate', 'chain']);
  });
  test('what a handler has started', async () => {
    assert.deepEqual(await play('fromHandler'), ['promise', 'setImmediate', 'setTimeout']);
  });
  test('signals', async () => {
    assert.equal(await play('signal'), 'SIGUSR2');
  });
  test('messages of its parent', async () => {
    assert.equal(await play('messages', (message, send) => send((message as { count: number }).count + 1)), 200);
  });
  test('fs.promises', async () => {
    assert.deepEqual(await play('files'), [0]);
  });
  test('child processes', async () => {
    assert.equal(await play('children'), 'from the child');
  });
  test('sockets', async () => {
    assert.equal(await play('sockets'), 'all answered');
  });
});
