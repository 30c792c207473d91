import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Field, ReceivedHead } from '../../../src/http/received-head.js';
import { TransferError } from '../../../src/transfer/failure.js';
import { type BodyLength, bodyLength, keepsAlive } from '../../../src/transfer/http/body.js';

/** `fields` as `Name: value` lines. */
function head(status: number, fields: readonly string[] = [], version = 1001): ReceivedHead {
  const read = (line: string): Field => ({
    name: line.slice(0, line.indexOf(':')),
    value: line.slice(line.indexOf(': ') + 2),
  });
  return new ReceivedHead(version, status, '', fields.map(read));
}

describe('the length of a body', () => {
  const none: BodyLength = { kind: 'none' };
  const close: BodyLength = { kind: 'close' };
  const chunked: BodyLength = { kind: 'chunked' };
  const length = (bytes: number): BodyLength => ({ kind: 'length', length: bytes });
  const cases: [what: string, head: ReceivedHead, expected: BodyLength, method?: string][] = [
    ['Content-Length', head(200, ['Content-Length: 12']), length(12)],
    ['Content-Length 0', head(200, ['content-length: 0']), length(0)],
    ['a very long one', head(200, ['Content-Length: 8999999999999999']), length(8_999_999_999_999_999)],
    ['several that are equal', head(200, ['Content-Length: 5', 'Content-Length: 5']), length(5)],
    ['several in one field', head(200, ['Content-Length: 5, 05']), length(5)],
    ['none: until it closes', head(200), close],
    ['chunked', head(200, ['Transfer-Encoding: Chunked']), chunked],
    ['chunked counts more than a length', head(200, ['Transfer-Encoding: chunked', 'Content-Length: 3']), chunked],
    ['"identity" is none', head(200, ['Transfer-Encoding: identity', 'Content-Length: 3']), length(3)],
    ['204', head(204, ['Content-Length: 3']), none],
    ['304', head(304, ['Content-Length: 3']), none],
    ['100', head(100, ['Content-Length: 3']), none],
    ['HEAD', head(200, ['Content-Length: 3']), none, 'HEAD'],
  ];
  for (const [what, given, expected, method = 'GET'] of cases) {
    test(what, () => assert.deepEqual(bodyLength(given, method), expected));
  }

  const refused: [fields: string[], message: RegExp][] = [
    [['Content-Length: 5', 'Content-Length: 6'], /Content-Length: 5, 6/],
    [['Content-Length: 5, 6'], /no usable length/],
    [['Content-Length: -1'], /no usable length/],
    [['Content-Length: 0x10'], /no usable length/],
    [['Content-Length: 1e3'], /no usable length/],
    [['Content-Length: '], /no usable length/],
    [['Content-Length: 9007199254740993'], /no usable length/],
    [['Content-Length: 99999999999999999999'], /no usable length/],
    [['Transfer-Encoding: gzip, chunked'], /gzip, chunked/],
    [['Transfer-Encoding: chunked, chunked'], /Transfer-Encoding/],
    [['Transfer-Encoding: gzip'], /Transfer-Encoding: gzip/],
  ];
  for (const [fields, message] of refused) {
    test(`refused: ${fields.join('; ')}`, () => {
      assert.throws(
        () => bodyLength(head(200, fields), 'GET'),
        (error: unknown) => error instanceof TransferError && error.kind === 'peer' && message.test(error.message),
      );
    });
  }
});

describe('a connection after an answer', () => {
  const cases: [what: string, head: ReceivedHead, kind: 'length' | 'close', expected: boolean][] = [
    ['HTTP/1.1', head(200), 'length', true],
    ['HTTP/1.1 with close', head(200, ['Connection: x, Close']), 'length', false],
    ['HTTP/1.0', head(200, [], 1000), 'length', false],
    ['HTTP/1.0 with keep-alive', head(200, ['Connection: Keep-Alive'], 1000), 'length', true],
    ['a body until it closes', head(200, ['Connection: keep-alive']), 'close', false],
  ];
  for (const [what, given, kind, expected] of cases) {
    const body: BodyLength = kind === 'length' ? { kind, length: 1 } : { kind };
    test(what, () => assert.equal(keepsAlive(given, body), expected));
  }
});
