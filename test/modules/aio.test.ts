import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadPoolsOf } from '../../src/modules/aio.js';
import { build, FILE } from './fake-request.js';

const pools = (main: string, location: string) =>
  threadPoolsOf(build(`${main} events {} http { server { location / { location /x/ {\n${location} } } } }`));
const standard = { name: 'default', threads: 32, maxQueue: 65_536 };

test('the pools of a worker are those that are configured, and the standard one where it is used', () => {
  const own = { name: 'own', threads: 3, maxQueue: 0 };
  assert.deepEqual(pools('', ''), []);
  assert.deepEqual(pools('', 'aio off;'), []);
  assert.deepEqual(pools('', 'aio threads;'), [standard]);
  assert.deepEqual(pools('', 'aio on;'), [standard]);
  assert.deepEqual(pools('thread_pool own threads=3 max_queue=0;', 'aio threads=own;'), [own]);
  assert.deepEqual(pools('thread_pool own threads=3 max_queue=0;', 'aio threads;'), [own, standard]);
  assert.deepEqual(pools('thread_pool default threads=2;', 'aio threads=default;'), [{ ...standard, threads: 2 }]);
});

test('a pool that there is none of is a mistake, at the place where it is used', () => {
  assert.throws(() => pools('', 'aio threads=x;'), { message: `unknown thread pool "x" in ${FILE}:2` });
});
