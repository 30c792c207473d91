import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeFields, readField, requestHead, withoutSecrets } from '../../../src/transfer/http/request.js';

const field = (name: string, value: string) => ({ name, value });

test('the head of a request', () => {
  const text = requestHead('PUT', '/a?b', [field('Host', 'h'), field('X', '')]);
  assert.equal(text, 'PUT /a?b HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n');
});

test("the user's fields replace ours, and an empty one takes it away", () => {
  const own = [field('Host', 'h'), field('Accept', '*/*'), field('Expect', '100-continue')];
  const users = [field('accept', 'text/plain'), field('EXPECT', ''), field('X', '1'), field('X', '2')];
  const merged = [field('Host', 'h'), field('accept', 'text/plain'), field('X', '1'), field('X', '2')];
  assert.deepEqual(mergeFields(own, users), merged);
});

describe('fields of the command line', () => {
  const cases: [text: string, name: string, value: string][] = [
    ['A: b', 'A', 'b'],
    ['A:b:c', 'A', 'b:c'],
    ['X-Y_z: \t b c\t ', 'X-Y_z', 'b c'],
    ['A:', 'A', ''],
    ['A: \xe4\xa0', 'A', '\xe4\xa0'],
  ];
  for (const [text, name, value] of cases) test(text, () => assert.deepEqual(readField(text), { name, value }));

  for (const text of ['', 'A', ': b', 'A b: c', 'A : b', 'A: b\r\nC: d', 'A: \0', 'A: b\x7f', '\xe4: b']) {
    test(`refused: ${JSON.stringify(text)}`, () => assert.equal(readField(text), null));
  }
});

test('another server is not told what was meant for the first one', () => {
  const fields = [
    field('Cookie', 'a'),
    field('X', 'b'),
    field('AUTHORIZATION', 'c'),
    field('Proxy-Authorization', 'd'),
  ];
  assert.deepEqual(withoutSecrets([...fields, field('Host', 'e')]), [field('X', 'b')]);
});
