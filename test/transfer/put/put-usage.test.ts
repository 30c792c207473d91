/** Command lines of `zerocopy put` that lead nowhere. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertRefused } from '../../cli/mistake.js';
import { PutBench } from './support.js';

let bench: PutBench;
before(() => {
  bench = new PutBench();
});
after(() => bench.clean());

describe('a command line that is wrong', () => {
  const url = 'http://127.0.0.1:1/';
  const cases: [args: string[], message: RegExp][] = [
    [[], /an argument is missing: zerocopy put <file> <url>/],
    [['FILE', 'ftp://h/'], /only http and https are known, not "ftp"/],
    [['FILE', 'http://h:x/'], /"http:\/\/h:x\/": that is no URL/],
    [['FILE', url, '--rate', 'fast'], /--rate "fast": give bytes/],
    [['FILE', url, '--block-size', '0'], /--block-size "0": give bytes/],
    [['FILE', url, '--retries', '-1'], /--retries/],
    [['FILE', url, '--timeout', '0'], /--timeout "0": give seconds, from 0\.1/],
    [['FILE', url, '--interval', 'x'], /--interval/],
    [['FILE', url, '--user', 'me'], /--user: give NAME:PASSWORD/],
    [['FILE', url, '--header', 'x'], /--header "x": give "NAME: VALUE"/],
    [['FILE', url, '--header', 'Content-Length: 1'], /put sets "Content-Length" itself/],
    [['FILE', url, '--header', 'A: b', '--rate', '1', '--rate', '2'], /--rate is given twice/],
    [['FILE', url, '--cacert', '/nowhere'], /--cacert: .*\/nowhere/],
    [['FILE', url, '--zero-copy', '--no-zero-copy'], /give one of them/],
    [['FILE', url, '--what'], /Unknown argument: what/],
  ];
  for (const [args, message] of cases) {
    test(args.join(' '), () =>
      assertRefused(['put', ...args.map(arg => (arg === 'FILE' ? bench.path : arg))], message),
    );
  }

  test('ends with 2', async () => {
    const { code, stderr } = await bench.run(['put', bench.path, url, '--what']);
    assert.match(stderr, /^zerocopy: Unknown argument: what/);
    assert.equal(code, 2);
  });
});

describe('a file that is none', { concurrency: 2 }, () => {
  const cases: [path: string, message: RegExp][] = [
    ['/nowhere/x', /there is no file "\/nowhere\/x"/],
    ['/tmp', /"\/tmp" is a folder/],
    ['/dev/null', /is no ordinary file/],
  ];
  for (const [path, message] of cases) {
    test(path, async () => {
      const { code, stderr } = await bench.run(['put', path, 'http://127.0.0.1:1/']);
      assert.match(stderr, message);
      assert.equal(code, 1);
    });
  }
});
