import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedHead } from '../../src/http/received-head.js';
import { ResponseParser } from '../../src/http/response-parser.js';
import { seeded } from './parse-helpers.js';

interface Parsed {
  readonly head: ReceivedHead | null;
  readonly problem: string;
  /** Bytes that were read; -1 for a refusal. */
  readonly used: number;
}

/** Parses a text that comes in pieces which end at the given places, each in a buffer of its own and at another place of it. */
function parse(text: string, ends: readonly number[] = [], most?: number): Parsed {
  const parser = new ResponseParser(most);
  let from = 0;
  for (const end of [...ends, text.length]) {
    const lead = end % 5;
    const bytes = Buffer.from('#'.repeat(lead) + text.slice(from, end) + '#'.repeat(3), 'latin1');
    const at = parser.parse(bytes, lead, lead + end - from);
    if (at < 0) return { head: parser.head, problem: parser.problem, used: -1 };
    from += at - lead;
    if (parser.head !== null) break;
    assert.equal(from, end, 'an incomplete head is read to the end of the piece');
  }
  return { head: parser.head, problem: parser.problem, used: from };
}

const facts = ({ head }: Parsed) =>
  head === null
    ? null
    : [head.version, head.status, head.reason, ...head.fields.map(({ name, value }) => `${name}=${value}`)];

const good: [what: string, text: string, expected: (string | number)[]][] = [
  ['a plain head', 'HTTP/1.1 200 OK\r\nA: b\r\nC:d\r\n\r\n', [1001, 200, 'OK', 'A=b', 'C=d']],
  ['no fields', 'HTTP/1.0 404 Not Found\r\n\r\n', [1000, 404, 'Not Found']],
  ['lines that end with LF', 'HTTP/1.1 200 OK\nA: b\n\n', [1001, 200, 'OK', 'A=b']],
  ['both ends of lines', 'HTTP/1.1 200 OK\r\nA: b\n\r\n', [1001, 200, 'OK', 'A=b']],
  ['no reason', 'HTTP/1.1 204 \r\n\r\n', [1001, 204, '']],
  ['no blank before the reason that is missing', 'HTTP/1.1 204\r\n\r\n', [1001, 204, '']],
  ['two blanks before the status', 'HTTP/1.1  200 OK\r\n\r\n', [1001, 200, 'OK']],
  ['a reason of bytes', 'HTTP/1.1 200 \xe4 \xa0\r\n\r\n', [1001, 200, '\xe4 \xa0']],
  ['a status that nobody knows', 'HTTP/1.1 999 x\r\n\r\n', [1001, 999, 'x']],
  ['a later version', 'HTTP/1.2 200 OK\r\n\r\n', [1002, 200, 'OK']],
  ['an empty value', 'HTTP/1.1 200 OK\r\nA:\r\nB:  \t \r\n\r\n', [1001, 200, 'OK', 'A=', 'B=']],
  ['blanks around names and values', 'HTTP/1.1 200 OK\r\nA \t:\t b c \r\n\r\n', [1001, 200, 'OK', 'A=b c']],
  ['colons in a value', 'HTTP/1.1 200 OK\r\nA: b:c\r\n\r\n', [1001, 200, 'OK', 'A=b:c']],
  ['the byte 0xA0 is no blank', 'HTTP/1.1 200 OK\r\nA: \xa0b\xa0\r\n\r\n', [1001, 200, 'OK', 'A=\xa0b\xa0']],
  ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n\td \r\nE: f\r\n\r\n', [1001, 200, 'OK', 'A=b c d', 'E=f']],
  ['a folded line after an empty value', 'HTTP/1.1 200 OK\r\nA:\r\n b\r\n\r\n', [1001, 200, 'OK', 'A=b']],
  ['a CR within a line', 'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n', [1001, 200, 'OK', 'A=b c']],
  ['a field that comes twice', 'HTTP/1.1 200 OK\r\nA: b\r\na: c\r\n\r\n', [1001, 200, 'OK', 'A=b', 'a=c']],
];

const bad: [what: string, text: string, problem: RegExp][] = [
  ['another protocol', 'SSH-2.0-x\r\n', /^is not HTTP: it begins with "S/],
  ['a first byte that is wrong', 'X', /^is not HTTP/],
  ['no status line but a body', '<html>\n\n', /^is not HTTP/],
  ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n\r\n', /^is not HTTP/],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', /status line/],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n', /status line/],
  ['no version', 'HTTP/ 200 OK\r\n\r\n', /status line/],
  ['no status', 'HTTP/1.1\r\n\r\n', /status line/],
  ['two digits', 'HTTP/1.1 20 OK\r\n\r\n', /status line/],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n', /status line/],
  ['below 100', 'HTTP/1.1 099 OK\r\n\r\n', /status line/],
  ['letters after the status', 'HTTP/1.1 200OK\r\n\r\n', /status line/],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nwhat\r\n\r\n', /header line that is none: "what"/],
  ['a line without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', /header line that is none/],
  ['a first field that is folded', 'HTTP/1.1 200 OK\r\n a: x\r\n\r\n', /header line that is none/],
  ['a NUL', 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n', /NUL/],
  ['a long line in its quotation', `HTTP/1.1 200 OK\r\n${'x'.repeat(100)}\r\n\r\n`, /"x{40}\.\.\."/],
];

describe('heads that are taken', () => {
  for (const [what, text, expected] of good) {
    test(what, () => {
      const body = 'HTTP/1.1 and more\r\n\r\n';
      for (let end = 0; end <= text.length; end++) {
        const parsed = parse(text + body, [end]);
        assert.deepEqual(facts(parsed), expected, `cut at ${end}: ${parsed.problem}`);
        assert.equal(parsed.used, text.length, `cut at ${end}`);
      }
    });
  }

  test('byte by byte', () => {
    for (const [, text, expected] of good) {
      const ends = Array.from({ length: text.length - 1 }, (_, at) => at + 1);
      assert.deepEqual(facts(parse(text, ends)), expected);
    }
  });
});

describe('heads that are refused', () => {
  for (const [what, text, problem] of bad) {
    test(what, () => {
      for (let end = 0; end <= text.length; end++) {
        const parsed = parse(text, [end]);
        assert.equal(parsed.used, -1, `cut at ${end}`);
        assert.match(parsed.problem, problem);
      }
    });
  }

  test('an answer that is not HTTP at its first bytes', () => {
    assert.equal(new ResponseParser().parse(Buffer.from('HTTQ'), 0, 4), -1);
    assert.equal(new ResponseParser().parse(Buffer.from('HTT'), 0, 3), 3);
  });
});

test('a head may have so many bytes and not one more', () => {
  const text = 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n';
  for (const ends of [[], [10], [text.length - 1]]) {
    assert.equal(parse(text, ends, text.length).head?.status, 200);
    assert.equal(parse(`${text}body`, ends, text.length).head?.status, 200);
    assert.match(parse(text, ends, text.length - 1).problem, /more than 24 bytes/);
  }
});

test('an endless head ends at 64 KB, however it comes', () => {
  const lines = ['A: b\r\n', ' \n', 'x'.repeat(1000), '\r\r\r'];
  for (const line of lines) {
    const parser = new ResponseParser();
    const piece = Buffer.from(line, 'latin1');
    let read = parser.parse(Buffer.from('HTTP/1.1 200 OK\r\nX: y\r\n'), 0, 23);
    let total = read;
    while (read >= 0 && total < 200_000) {
      read = parser.parse(piece, 0, piece.length);
      total += piece.length;
    }
    assert.equal(read, -1);
    assert.ok(total <= 65_536 + piece.length, `${total} bytes were read`);
  }
});

test('after 100 Continue the next head is read from where the first one ends', () => {
  const bytes = Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /x\r\n\r\nbody');
  const parser = new ResponseParser();
  assert.ok(parser.isEmpty);
  const first = parser.parse(bytes, 0, bytes.length);
  assert.equal(parser.head?.isInterim, true);
  parser.reset();
  assert.ok(parser.isEmpty);
  const second = parser.parse(bytes, first, bytes.length);
  assert.equal(parser.head?.statusText, '201 Created');
  assert.equal(bytes.toString('latin1', second), 'body');
});

test('fields are found whatever the case of their names', () => {
  const text = 'HTTP/1.1 200 OK\r\nVary: A, ,B\r\nX: 1\r\nvARY: c\r\n\r\n';
  const { head } = parse(text);
  assert.equal(head?.get('VARY'), 'A, ,B');
  assert.deepEqual(head?.all('vary'), ['A, ,B', 'c']);
  assert.deepEqual(head?.list('Vary'), ['a', 'b', 'c']);
  assert.equal(head?.get('none'), undefined);
  assert.deepEqual(head?.list('none'), []);
});

test('bytes at random never throw, and are read or refused', () => {
  const random = seeded(7);
  const alphabet = 'HTTP/1.1 200\r\n:a \t\0\xff\r\n\r\n';
  for (let round = 0; round < 5000; round++) {
    let text = round % 2 === 0 ? 'HTTP/1.1 200 OK\r\n' : '';
    const length = Math.floor(random() * 40);
    for (let i = 0; i < length; i++) text += alphabet[Math.floor(random() * alphabet.length)];
    const whole = parse(text);
    const cut = parse(text, [Math.floor(random() * text.length)]);
    assert.deepEqual([facts(whole), whole.problem === ''], [facts(cut), cut.problem === ''], JSON.stringify(text));
  }
});
