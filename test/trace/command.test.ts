import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceReport } from '../../src/trace/report.js';
import { assertRefused } from '../cli/mistake.js';
import { Command, noNginx, noStrace, trace } from './command-support.js';

const folder = mkdtempSync(`${tmpdir()}/zerocopy-trace-command-`);
after(() => rmSync(folder, { recursive: true, force: true }));

const slow = ['download', '--size', '8M', '--client-rate', '10M'];
/** Where no program is found but servers. */
const withoutStrace = { PATH: '/nonexistent' };

function write(name: string, text: string): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, text);
  return path;
}

test('a slow download shows both ways, and the steps of the blog', { skip: noStrace }, async () => {
  const page = `${folder}/page.html`;
  const { code, stdout, stderr, left } = await trace([...slow, '--html', page]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^sendfile off$[\s\S]*^sendfile on$[\s\S]*^The sequence of the blog, in sendfile off$/m);
  assert.equal(stdout.match(/^ {2}✓ (?:pread64|writev|epoll|write|close)/gm)?.length, 8);
  assert.match(stdout, /✓ writev: EAGAIN[^\n]*\n {4}writev\(client, \[[\d, ]+\]\) = -1 EAGAIN/);
  assert.match(stdout, /sendfile on has the\s+kernel\s+move the\s+file/);
  assert.match(stdout, /All 7 checks passed\.$/m);
  assert.ok(
    stdout.split('\n').every(line => line.length <= 80),
    'no line is wider than 80 columns',
  );
  assert.doesNotMatch(stdout, /\u001b/, 'no colours where nobody looks');
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/i);
  assert.deepEqual(left, [], 'nothing is left');
  assert.equal(stderr, '');
});

test('the blog has a step that buffers of another size do not take: without the check, and exit code 0', {
  skip: noStrace,
}, async () => {
  const { code, stdout } = await trace([...slow, '--sendfile', 'off', '--output-buffers', '1 64k']);
  assert.equal(code, 0);
  assert.match(stdout, /✗ pread64 of 32768 bytes, twice/);
  assert.match(stdout, /All 3 checks passed/);
});

test('a step of the blog that is missing: exit code 1, and which', async () => {
  const args = ['download', '--size', '64k', '--client-rate', '20M', '--sendfile', 'off', '--recorder', 'ledger'];
  const { code, stdout } = await trace(args);
  assert.equal(code, 1);
  assert.match(stdout, /^ {2}✗ writev: EAGAIN, the socket is full$/m);
  assert.match(stdout, /✗ sendfile off: the trace holds the sequence of the blog[\s\S]*missing:[\s\S]*EAGAIN/);
});

test('a reader that goes away is no mistake', async () => {
  const command = new Command(['--read', write('long.txt', lines.off.repeat(2000)), '--verbose']);
  command.child.stdout.destroy();
  const { stderr } = await command.end;
  assert.equal(stderr, '');
});

test('--json is a report that can be read again', async () => {
  const { code, stdout } = await trace(['not-found', '--sendfile', 'on', '--recorder', 'ledger', '--json']);
  assert.equal(code, 0);
  assert.match(stdout, /^[\n -~]*$/, 'ASCII');
  const report = JSON.parse(stdout) as TraceReport;
  assert.equal(report.scenario.name, 'not-found');
  assert.equal(report.commandLine, 'zerocopy trace not-found --sendfile on --recorder ledger --json');
  const [recording] = report.recordings;
  assert.equal(recording.recorder, 'ledger');
  assert.deepEqual(
    recording.answers.map(({ status }) => status),
    [404],
  );
  assert.match(recording.errorLog[0], /missing\.html" failed \(2: No such file or directory\)/);
  assert.ok((recording.figures.wallMs ?? 0) > 0 && recording.figures.total === recording.normal.steps.length);
});

test('without strace the ledger records, and says so', async () => {
  const { code, stdout } = await trace(['head', '--sendfile', 'on'], withoutStrace);
  assert.equal(code, 0);
  assert.match(
    stdout.replace(/\s+/g, ' '),
    /! Recorded by the server's own ledger[\s\S]*strace is not installed[\s\S]*install/,
  );
  assert.match(stdout, /recorded by the ledger/);
});

test('what was asked for and is not there: exit code 2, and what can be done is done', async () => {
  const strict = await trace(['head', '--recorder', 'strace'], withoutStrace);
  assert.equal(strict.code, 2);
  assert.match(strict.stderr, /strace is not installed.*install/);
  const fixtures = await trace(['record-fixtures', '--into', folder], withoutStrace);
  assert.equal(fixtures.code, 2);
  const against = await trace(['head', '--sendfile', 'on', '--against', 'nginx'], withoutStrace);
  assert.equal(against.code, 2);
  assert.match(against.stderr, /nginx .*install/);
  assert.match(against.stdout, /the client gets 200[\s\S]*All 3 checks passed/);
});

test('--against nginx shows both, with a verdict for each pair', { skip: noNginx }, async () => {
  const args = ['not-modified', '--sendfile', 'on', '--against', 'nginx'];
  const { code, stdout } = await trace(args, { COLUMNS: '130' });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^zerocopy, sendfile on +│ nginx, sendfile on$/m);
  assert.match(stdout, /^zerocopy, sendfile on and nginx, sendfile on\nThe same work/m);
  assert.match(stdout, /✓ zerocopy, sendfile on and nginx, sendfile on: the same answers/);
  assert.ok(stdout.split('\n').every(line => line.length <= 130));
});

test('buffers: a row for each size, or for the one that is given', async () => {
  const args = ['buffers', '--size', '4M', '--output-buffers', '2 64k', '--recorder', 'ledger', '--json'];
  const { code, stdout, stderr, left } = await trace(args);
  assert.equal(code, 0, stdout + stderr);
  const { buffers } = JSON.parse(stdout) as TraceReport;
  assert.equal(buffers?.connections, 200);
  const [row] = buffers.rows;
  assert.deepEqual([row.count, row.size, row.downloadBytes], [2, 65_536, 4 * 2 ** 20]);
  assert.ok(row.memoryMb > 15, `200 connections with two buffers of 64 KiB hold ${row.memoryMb} MB`);
  assert.ok(row.waitP50Ms > 0 && row.waitP99Ms >= row.waitP50Ms);
  assert.ok(row.calls > 96, 'two reads and a write for each 128 KiB');
  assert.deepEqual(left, []);
});

const lines = {
  off: `accept4(6, {sa_family=AF_INET}, [16], SOCK_NONBLOCK) = 7
recvfrom(7, "GET /a HTTP/1.1\\r\\n"..., 1024, 0, NULL, NULL) = 105
openat(AT_FDCWD, "/srv/a", O_RDONLY|O_NONBLOCK) = 12
pread64(12, "x"..., 32768, 0) = 32768
writev(7, [{iov_base="HTTP/1.1 200 OK\\r\\n"..., iov_len=258}, {iov_base="x"..., iov_len=32768}], 2) = 33026
close(12) = 0
close(7) = 0
`,
  on: `accept4(6, {sa_family=AF_INET}, [16], SOCK_NONBLOCK) = 7
recvfrom(7, "GET /a HTTP/1.1\\r\\n"..., 1024, 0, NULL, NULL) = 105
openat(AT_FDCWD, "/srv/a", O_RDONLY|O_NONBLOCK) = 12
writev(7, [{iov_base="HTTP/1.1 200 OK\\r\\n"..., iov_len=258}], 1) = 258
sendfile(7, 12, [0] => [32768], 32768) = 32768
close(12) = 0
close(7) = 0
`,
};

test('--read tells the ways apart, and compares two files', async () => {
  const [off, on] = [write('off.txt', lines.off), write('on é.txt', lines.on)];
  const { code, stdout } = await trace(['--read', off, '--read', on]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^off\.txt$[\s\S]*sendfile off\); the client keeps up/m);
  assert.match(stdout, /^on é\.txt$[\s\S]*The file goes by sendfile; the client keeps up/m);
  assert.match(stdout, /^off\.txt and on é\.txt\n/m);
  const json = JSON.parse((await trace(['--read', off, on, '--json'])).stdout) as TraceReport;
  assert.deepEqual(
    json.recordings.map(({ classification }) => classification.sendfile),
    ['off', 'on'],
  );
  assert.equal(json.comparisons[0].comparison.severity, 'matters');
});

test('--read of lines that are none: exit code 1, and the line', async () => {
  const bad = write('bad.txt', `${lines.off}this is no system call\n`);
  const { code, stdout } = await trace(['--read', bad]);
  assert.equal(code, 1);
  assert.match(stdout, /✗ bad\.txt: every line of the trace is understood\n.*line 8: this is no system call/);
  const none = await trace(['--read', write('empty.txt', '')]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /holds no system call/);
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no scenario', [], /trace needs a scenario: download, /],
  ['an unknown one', ['upload'], /unknown scenario "upload"/],
  ['a size that is none', ['head', '--size', 'big'], /--size "big"/],
  ['a rate that is none', ['head', '--client-rate', '0'], /--client-rate "0"/],
  ['buffers that are none', ['head', '--output-buffers', '2x32k'], /--output-buffers "2x32k"/],
  ['an unknown mode', ['head', '--sendfile', 'maybe'], /--sendfile "maybe"/],
  ['an unknown recorder', ['head', '--recorder', 'tape'], /--recorder "tape"/],
  ['an unknown server', ['head', '--against', 'apache'], /--against "apache"/],
  ['three files', ['--read', 'a', 'b', 'c'], /two to compare/],
  ['an unknown option', ['head', '--quickly'], /quickly/],
];
for (const [name, args, message] of mistakes) {
  test(`mistakes: ${name}`, () => assertRefused(['trace', ...args], message));
}

test('mistakes: exit code 2, and 1 for a file that is not there', async () => {
  const unknown = await trace(['upload']);
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  const missing = await trace(['--read', '/nonexistent']);
  assert.deepEqual([missing.code, missing.stdout], [1, '']);
  assert.match(missing.stderr, /No such file/);
});

test('--list and --help', async () => {
  const list = await trace(['--list']);
  assert.deepEqual(
    list.stdout
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0]),
    [
      'download',
      'not-modified',
      'query',
      'not-found',
      'range',
      'head',
      'keepalive',
      'buffers',
      'copies',
      'threads',
      'directio',
    ],
  );
  const help = await trace(['--help']);
  assert.match(help.stdout, /Exit code: 0[\s\S]*--client-rate[\s\S]*Examples:/);
});

test('Ctrl-C ends the server, the client and strace, and removes all', async () => {
  const command = new Command(['download', '--size', '64M', '--client-rate', '1M', '--sendfile', 'off']);
  const processes = () =>
    readdirSync('/proc').filter(name => {
      try {
        return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(command.folder);
      } catch {
        return false;
      }
    });
  const deadline = performance.now() + 15_000;
  while (processes().length === 0) {
    assert.ok(performance.now() < deadline, 'the server starts');
    await sleep(10);
  }
  command.child.kill('SIGINT');
  const { code, left } = await command.end;
  assert.equal(code, 130);
  assert.deepEqual(left, []);
  while (processes().length > 0) {
    assert.ok(performance.now() < deadline, 'the server ends');
    await sleep(10);
  }
});
