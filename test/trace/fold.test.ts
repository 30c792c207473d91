import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fold, spread } from '../../src/trace/fold.js';
import { foldedLines } from '../../src/trace/fold-text.js';
import { grammar, grammarDifferences } from '../../src/trace/grammar.js';
import { normalise } from '../../src/trace/normalise.js';
import type { Step } from '../../src/trace/steps.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { begin, download, end, read, sendfileDownload, writev } from './samples.js';

const stepsOf = (lines: readonly string[]): readonly Step[] => normalise(parseStrace(lines.join('\n'))).steps;
const folded = (lines: readonly string[]) => foldedLines(fold(stepsOf(lines)));

describe('fold', () => {
  test('a hundred megabytes are a few lines', () => {
    const lines = folded(download(1600));
    assert.equal(lines.length, 14);
    assert.deepEqual(lines.slice(7, 12), [
      'writev(client, [258]) = 258',
      '1600 times:',
      '  2 × pread64(file, 32768) = 32768',
      '  writev(client, [32768, 32768]) = 65536',
      'write(access log) = N',
    ]);
  });

  test('a pattern of patterns is one item: a share of the transfer, a look at epoll, and again', () => {
    const look = 'epoll_wait(9, [], 512, 0) = 0';
    let at = 0;
    const share = (rounds: number) =>
      Array.from({ length: rounds }, () => {
        at += 65536;
        return [read(at - 65536), read(at - 32768), writev([32768, 32768], 65536)];
      }).flat();
    const lines = [...begin(), ...[31, 32, 32, 32].flatMap(rounds => [...share(rounds), look]), ...share(5), ...end];
    const seen = folded(lines);
    const first = seen.indexOf('4 times:');
    assert.deepEqual(seen.slice(first, first + 8), [
      '4 times:',
      '  31 to 32 (median 32) times:',
      '    2 × pread64(file, 32768) = 32768',
      '    writev(client, [32768, 32768]) = 65536',
      '  epoll_wait(0 ms) = 0',
      '5 times:',
      '  2 × pread64(file, 32768) = 32768',
      '  writev(client, [32768, 32768]) = 65536',
    ]);
    const { items } = fold(stepsOf(lines));
    assert.equal(
      items.reduce((sum, item) => sum + item.calls, 0),
      lines.length,
    );
  });

  test('nothing is lost: calls, bytes and places', () => {
    for (const lines of [download(7), download(3, 1), download(3, 40, [1, 5, 2]), sendfileDownload([5, 6, 7, 8, 9])]) {
      const steps = stepsOf(lines);
      const { items } = fold(steps);
      assert.equal(
        items.reduce((sum, item) => sum + item.calls, 0),
        steps.length,
      );
      const bytes = steps.filter(
        step => step.role === 'client' && /^(writev|sendfile)/.test(step.name) && step.result > 0,
      );
      assert.equal(
        items.reduce((sum, item) => sum + item.sent, 0),
        bytes.reduce((sum, step) => sum + step.result, 0),
      );
      assert.equal(items[0].first, 0);
      assert.equal(Math.max(...items.map(item => item.last)), steps.length - 1);
    }
  });

  test('a jump in the file is a difference, going on is none', () => {
    const readAt = (offset: number) => `pread64(12, "a"..., 10, ${offset}) = 10`;
    assert.deepEqual(folded([10, 20, 30].map(readAt)), ['3 × pread64(file, 10) = 10']);
    assert.deepEqual(folded([10, 20, 90, 100].map(readAt)), [
      '2 × pread64(file, 10) = 10',
      'pread64(file, 10, 90) = 10',
      'pread64(file, 10, 100) = 10',
    ]);
  });

  test('one full socket stays visible, step by step', () => {
    const lines = folded(download(5, 1));
    const at = lines.indexOf('writev(client, [5536]) = -1 EAGAIN');
    assert.deepEqual(lines.slice(at - 1, at + 3), [
      'writev(client, [32768, 32768]) = 60000',
      'writev(client, [5536]) = -1 EAGAIN',
      'epoll_wait(client: EPOLLOUT) = 1',
      'writev(client, [5536]) = 5536',
    ]);
  });

  test('many full sockets are one item, with the least, the middle and the most', () => {
    const lines = folded(
      download(
        5,
        20,
        Array.from({ length: 20 }, (_, i) => 3 + (i % 3)),
      ),
    );
    const at = lines.findIndex(line => line.startsWith('19 times the socket is full'));
    assert.ok(at > 0, lines.join('\n'));
    assert.match(lines[at], /^19 times the socket is full \(then \d+ to \d+ \(median \d+\) bytes /);
    assert.deepEqual(lines.slice(at + 1, at + 9), [
      '  writev(client) = -1 EAGAIN',
      '  epoll_wait(client: EPOLLOUT) = 1',
      '  writev(client) = 5536 to 5554 (median 5545)',
      '  3 to 5 (median 4) times:',
      '    2 × pread64(file, 32768) = 32768',
      '    writev(client, [32768, 32768]) = 65536',
      '  2 × pread64(file, 32768) = 32768',
      '  writev(client) = 59981 to 59999 (median 59990)',
    ]);
  });

  test('episodes that go many ways are told by kinds', () => {
    const lines = [...sendfileDownload([1])].slice(0, 9);
    for (let i = 0; i < 12; i++) {
      lines.push('sendfile(7, 12, [0], 9) = -1 EAGAIN (Resource temporarily unavailable)');
      if (i % 2 === 0) lines.push('gettid() = 5');
      if (i % 3 === 0) lines.push('getpid() = 5');
      if (i % 5 === 0) lines.push('getuid() = 5');
      lines.push('epoll_wait(9, [{events=EPOLLOUT, data={u32=1, u64=94000001}}], 512, 60000) = 1');
      for (let j = 0; j <= i % 4; j++) lines.push(`sendfile(7, 12, [0], 9) = ${1 + j}`);
    }
    const text = folded(lines);
    const at = text.findIndex(line => line.startsWith('12 times the socket is full'));
    assert.ok(at > 0, text.join('\n'));
    assert.ok(text.includes('  1 to 4 (median 2) × sendfile(client, file) = 1 to 4 (median 2)'), text.join('\n'));
    assert.ok(text.includes('  0 to 1 (median 0) × gettid() = 5'), text.join('\n'));
  });

  test('twenty thousand episodes are no burden', () => {
    const steps = stepsOf(sendfileDownload(new Array(20_000).fill(7)));
    assert.ok(foldedLines(fold(steps)).length < 30);
  });

  test('an empty trace', () => {
    assert.deepEqual(fold([]), { items: [], steps: 0 });
  });
});

test('spread: of an even count the lower of the middle two', () => {
  assert.deepEqual(spread([4, 1, 3, 2]), { min: 1, median: 2, max: 4 });
  assert.deepEqual(spread([5]), { min: 5, median: 5, max: 5 });
});

describe('grammar', () => {
  test('does not know how often', () => {
    const [few, many] = [download(3, 2), download(30, 9, [1, 7, 3])].map(lines => grammar(stepsOf(lines)));
    assert.deepEqual(few, many);
    assert.ok(few.transitions.includes('writev(client) = -1 EAGAIN -> epoll_wait(client: EPOLLOUT) = N'));
  });

  test('tells what only one has', () => {
    const a = grammar(stepsOf(download(3, 1)));
    const b = grammar(stepsOf(download(3)));
    assert.deepEqual(grammarDifferences(a, a), []);
    assert.deepEqual(grammarDifferences(a, b), ['- writev(client) = -1 EAGAIN', '- epoll_wait(client: EPOLLOUT) = N']);
    assert.deepEqual(grammarDifferences(b, a), ['+ writev(client) = -1 EAGAIN', '+ epoll_wait(client: EPOLLOUT) = N']);
  });
});
