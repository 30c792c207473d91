import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, cpuNanoseconds, parseSchedstat, parseStat, servingProcess } from '../../src/tools/processes.js';

test('/proc/PID/stat: a name with blanks and parentheses does not shift the fields', () => {
  const text = '4242 (a) S (b c)) S 17 4242 4242 0 -1 4194560 1 0 0 0 120 35 0 0 20 0 1 0 12345 1 1';
  assert.deepEqual(parseStat(text), { parent: 17, user: 1_200_000_000, system: 350_000_000, cpu: 1_550_000_000 });
});

test('/proc/PID/schedstat: the first number', () => {
  assert.equal(parseSchedstat('30179782 10529411 126\n'), 30179782);
});

test('processor time of this process grows, and stays in step with what Node says', () => {
  const before = cpuNanoseconds(process.pid);
  const own = process.cpuUsage();
  while (process.cpuUsage(own).user + process.cpuUsage(own).system < 100_000);
  const grown = cpuNanoseconds(process.pid) - before;
  assert.ok(grown > 50e6 && grown < 1000e6, `${grown} ns for 100 ms`);
});

test('this process is a child of its parent, and serves itself while it has no child', () => {
  assert.ok(childrenOf(process.ppid).includes(process.pid));
  assert.equal(servingProcess(process.pid), process.pid);
});
