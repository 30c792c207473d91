/** Command lines of put, send and receive that are read without yargs; those of serve and fetch are tested with their commands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putOptions, readPlain as readPut } from '../../src/cli/put-options.js';
import { readPlain as readReceive, receiveOptions } from '../../src/cli/receive-options.js';
import { readPlain as readSend, sendOptions } from '../../src/cli/send-options.js';

/** What the options of a table are when none is given. */
function standard(table: Readonly<Record<string, object>>): Record<string, unknown> {
  const withDefault = Object.entries(table).filter(([, option]) => 'default' in option);
  return Object.fromEntries(withDefault.map(([name, option]) => [name, 'default' in option && option.default]));
}

test('put: a file and a URL', () => {
  const options = readPut(['a', '--header', 'A: b', 'http://b/', '--no-zero-copy', '--header=C:']);
  const given = { file: 'a', url: 'http://b/', 'no-zero-copy': true, header: ['A: b', 'C:'] };
  assert.deepEqual(options, { ...standard(putOptions), ...given });
  for (const args of [[], ['a'], ['a', 'b', 'c'], ['a', 'b', '--help']]) assert.equal(readPut(args), null);
});

test('send: files, and where they go', () => {
  const options = readSend(['a', 'b', 'host:1', '--streams=4', '--size', '1M', '--udp']);
  const given = { files: ['a', 'b', 'host:1'], streams: '4', size: '1M', udp: true };
  assert.deepEqual(options, { ...standard(sendOptions), ...given });
  for (const args of [[], ['--json'], ['a', 'b', '--output', 'c'], ['a', 'b', '--udp', '--udp']])
    assert.equal(readSend(args), null);
});

test('receive: options alone', () => {
  const options = readReceive(['--dir', 'a', '--listen', '[::1]:0', '--once']);
  assert.deepEqual(options, { ...standard(receiveOptions), dir: 'a', listen: '[::1]:0', once: true });
  assert.deepEqual(readReceive([]), standard(receiveOptions));
  for (const args of [['a'], ['--dir'], ['--dir', '--once'], ['-h']]) assert.equal(readReceive(args), null);
});
