import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWrk, wrkVersion } from '../../src/bench/load.js';
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

test('response heads: complete, incomplete, with a part of the body', () => {
  const head = 'HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 12\r\n\r\n';
  assert.deepEqual(parseResponseHead(`${head}abc`), { size: head.length, contentLength: 12 });
  assert.equal(parseResponseHead(head.slice(0, -1)), undefined);
});

test('response heads: other statuses, and no length, are an error', () => {
  assert.throws(() => parseResponseHead('HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n'), /404 Not Found/);
  assert.throws(() => parseResponseHead('HTTP/1.1 200 OK\r\nServer: x\r\n\r\n'), /no Content-Length/);
});
