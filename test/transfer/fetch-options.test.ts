import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPlain } from '../../src/cli/fetch-options.js';

describe('a plain command line of fetch', () => {
  test('is read from the table', () => {
    assert.deepEqual(readPlain(['http://a/b', '--streams', '8', '--resume', '--rate=5M', '-o', 'x', 'http://c/']), {
      urls: ['http://a/b', 'http://c/'],
      header: [],
      output: 'x',
      dir: '',
      streams: '8',
      resume: true,
      overwrite: false,
      'block-size': '1M',
      rate: '5M',
      retries: '5',
      timeout: '60',
      'max-redirects': '20',
      insecure: false,
      fsync: false,
      interval: '1',
      json: false,
    });
  });

  test('may have several header fields, and "-" as a value', () => {
    const options = readPlain(['u', '--header', 'A: b=c', '--header=D: e', '--output', '-', '--json']);
    assert.deepEqual(options?.header, ['A: b=c', 'D: e']);
    assert.equal(options?.output, '-');
    assert.equal(options?.json, true);
  });

  const others: readonly string[][] = [
    [],
    [''],
    ['--help'],
    ['u', '-h'],
    ['u', '-ox'],
    ['u', '--unknown', 'x'],
    ['u', '--streams'],
    ['u', '--streams='],
    ['u', '--streams', '--resume'],
    ['u', '--streams', '1', '--streams', '2'],
    ['u', '--resume=true'],
    ['u', '--resume', '--resume'],
    ['u', '--', 'v'],
  ];
  for (const args of others) test(`is not: ${args.join(' ')}`, () => assert.equal(readPlain(args), null));
});
