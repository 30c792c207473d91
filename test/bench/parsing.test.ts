import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, cpuNanoseconds, parseSchedstat, parseStat, servingProcess } from '../../src/bench/cpu.js';
import { parseWrk, wrkVersion } from '../../src/bench/load.js';
import { findProgram } from '../../src/bench/programs.js';
import { parseResponseHead } from '../../src/bench/response.js';

const wrkOutput = `Running 3s test @ http://127.0.0.1:41234/1k.bin
  1 threads and 50 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   390.55us   68.21us   3.13ms   88.42%
    Req/Sec   128.01k     4.12k  133.11k    80.65%
  394885 requests in 3.10s, 488.01MB read
Requests/sec: 127388.51
Transfer/sec:    157.43MB
`;

test('wrk: requests and seconds', () => {
  assert.deepEqual(parseWrk(wrkOutput), { requests: 394885, seconds: 3.1 });
  assert.equal(parseWrk(wrkOutput.replace('3.10s', '1.50m')).seconds, 90);
});

test('wrk: failed requests, or no result, are an error', () => {
  const failures = '  Socket errors: connect 0, read 12, write 0, timeout 0\n';
  assert.throws(() => parseWrk(wrkOutput.replace('Requests/sec', `${failures}Requests/sec`)), /read 12/);
  const statuses = '  Non-2xx or 3xx responses: 394885\n';
  assert.throws(() => parseWrk(wrkOutput.replace('Requests/sec', `${statuses}Requests/sec`)), /394885/);
  assert.throws(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused\n'), /Connection refused/);
});

test('wrk: its version, with and without the packager', () => {
  assert.equal(wrkVersion('wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\n'), '4.1.0-3+b2');
  assert.equal(wrkVersion('wrk 4.2.0 [epoll] Copyright (C) 2012 Will Glozer\n'), '4.2.0');
  assert.equal(wrkVersion(''), 'of unknown version');
});

test('/proc/PID/stat: a name with blanks and parentheses does not shift the fields', () => {
  const text = '4242 (a) S (b c)) S 17 4242 4242 0 -1 4194560 1 0 0 0 120 35 0 0 20 0 1 0 12345 1 1';
  assert.deepEqual(parseStat(text), { parent: 17, cpu: 1_550_000_000 });
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

test('programs are found by PATH, and in the folders of servers', () => {
  assert.equal(findProgram('sh', '/nowhere:/bin'), '/bin/sh');
  assert.equal(findProgram('no-such-program'), undefined);
});

test('response heads: complete, incomplete, with a part of the body', () => {
  const head = 'HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 12\r\n\r\n';
  assert.deepEqual(parseResponseHead(`${head}abc`), { size: head.length, contentLength: 12 });
  assert.equal(parseResponseHead(head.slice(0, -1)), undefined);
});

test('response heads: other statuses, and no length, are an error', () => {
  assert.throws(() => parseResponseHead('HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n'), /404 Not Found/);
  assert.throws(() => parseResponseHead('HTTP/1.1 200 OK\r\nServer: x\r\n\r\n'), /no Content-Length/);
});
