/** The two recorders: strace and the ledger see the same calls of the same requests. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../../src/tools/programs.js';
import type { SystemCall, Trace } from '../../src/trace/event.js';
import { canTrace, record } from '../../src/trace/record.js';
import { TraceServer } from '../../src/trace/trace-server.js';
import { chooseWay, nginxWay } from '../../src/trace/ways.js';
import { fetchOnce, fetchSlowly, ownCalls } from './record-support.js';

const can = await canTrace();
const skip = can.ok ? false : `${can.why} (${can.how})`;
const size = 3_000_000;

/** Both recorders on the same requests: the ledger's time lies within strace's. */
async function recordBoth(server: TraceServer, action: () => Promise<void>): Promise<{ strace: Trace; ledger: Trace }> {
  let ledger: Trace | undefined;
  const within = async () => {
    ledger = await record(server, action, { recorder: 'ledger' });
  };
  const strace = await record(server, within, { recorder: 'strace' });
  return { strace, ledger: ledger as Trace };
}

/** What both know in the same words. */
function comparable(call: SystemCall): object {
  const { name, fd, otherFd, fdPath, otherFdPath, path, size, parts, offset, flags, value, result, errno } = call;
  return { name, fd, otherFd, fdPath, otherFdPath, path, size, parts, offset, flags, value, result, errno };
}

/** Calls that are printed in the same words: all of their arguments are numbers and names. */
const sameText = new Set(['close', 'sendfile', 'setsockopt', 'shutdown']);

function compareCall(ours: SystemCall, theirs: SystemCall): void {
  assert.deepEqual(comparable(ours), comparable(theirs));
  // strace knows the owner of an event only where it has seen epoll_ctl
  assert.equal(ours.events?.length, theirs.events?.length);
  for (const [index, event] of (theirs.events ?? []).entries()) {
    assert.deepEqual({ ...ours.events?.[index] }, { fd: ours.events?.[index].fd, ...event });
  }
  // half as many bytes are shown
  assert.equal(ours.preview, theirs.preview?.slice(0, 32));
  assert.ok(Math.abs(ours.time - theirs.time) < 0.1, `${ours.time} and ${theirs.time}`);
  assert.ok(ours.duration >= 0 && ours.duration < 10);
  if (sameText.has(ours.name)) assert.equal(ours.text, theirs.text.replace(/ \(.*\)$/, ''));
}

function compare(server: TraceServer, { strace, ledger }: { strace: Trace; ledger: Trace }): SystemCall[] {
  assert.deepEqual([...strace.unparsed, ...ledger.unparsed], []);
  const ours = ownCalls(ledger, server);
  const theirs = ownCalls(strace, server);
  const words = (calls: SystemCall[]) => calls.map(call => `${call.name} ${call.fd} = ${call.result} ${call.errno}`);
  assert.deepEqual(words(ours), words(theirs));
  for (const [index, call] of ours.entries()) compareCall(call, theirs[index]);
  return ours;
}

const count = (calls: SystemCall[], name: string, errno = '') =>
  calls.filter(call => call.name === name && call.errno === errno).length;

for (const sendfile of [false, true]) {
  describe(`both recorders, sendfile ${sendfile ? 'on' : 'off'}`, { skip }, () => {
    let server: TraceServer;
    before(async () => {
      const outputBuffers = { count: 2, size: 32_768 };
      const files = { f: size };
      const options = { sendfile, outputBuffers, sendBuffer: 65_536, tcpNopush: true, ledger: true, files };
      server = await TraceServer.start({ ...options, program: 'zerocopy' });
    });
    after(() => server.stop());

    test('a slow client', async () => {
      const both = await recordBoth(server, async () => {
        assert.ok((await fetchSlowly(server, '/f')) > size);
      });
      const calls = compare(server, both);
      const writer = sendfile ? 'sendfile' : 'writev';
      assert.ok(count(calls, writer, 'EAGAIN') > 0);
      assert.equal(count(calls, 'pread64'), sendfile ? 0 : Math.ceil(size / 32_768));
      assert.ok(
        calls.some(call => call.name === 'epoll_pwait' && call.events?.some(e => e.names.includes('EPOLLOUT'))),
      );
    });

    test('304, 404 and two requests one after the other', async () => {
      const { etag } = await fetchOnce(server, '/f');
      const both = await recordBoth(server, async () => {
        assert.equal((await fetchOnce(server, '/f', { 'If-None-Match': etag })).status, 304);
        assert.equal((await fetchOnce(server, '/none?query')).status, 404);
        assert.equal((await fetchOnce(server, '/f')).status, 200);
      });
      const calls = compare(server, both);
      assert.equal(count(calls, 'accept4'), 3);
      assert.equal(count(calls, 'openat', 'ENOENT'), 1);
      assert.ok(calls.some(call => call.name === 'write' && call.fdPath === server.errorLog));
    });
  });
}

describe('one recorder', () => {
  const start = (program: 'zerocopy' | 'nginx', master: boolean, ledger: boolean) =>
    TraceServer.start({ program, master, ledger, sendfile: true, files: { 'folder/f': 'twelve bytes' } });

  const namesOf = (trace: Trace) => trace.events.flatMap(event => (event.kind === 'call' ? [event.name] : []));

  for (const master of [false, true]) {
    test(`the ledger of a server ${master ? 'with' : 'without'} a master holds the calls of the requests alone`, async () => {
      const server = await start('zerocopy', master, true);
      try {
        const action = async () => void (await fetchOnce(server, '/folder/f'));
        await action();
        const trace = await record(server, action, { recorder: 'ledger' });
        assert.equal(trace.recorder, 'ledger');
        const names = namesOf(trace);
        assert.deepEqual([names[0], names[1]], ['epoll_pwait', 'accept4']);
        assert.deepEqual([count(trace.events as SystemCall[], 'accept4'), names.at(-1)], [1, 'close']);
        assert.ok(trace.events.every(event => event.pid === 0));
      } finally {
        await server.stop();
      }
    });
  }

  for (const master of [false, true]) {
    const nginx = findProgram('nginx') === undefined ? 'nginx is not installed' : false;
    test(`strace of nginx ${master ? 'with' : 'without'} a master`, { skip: skip || nginx }, async () => {
      const server = await start('nginx', master, true);
      try {
        assert.equal(server.ledgerFile, '');
        const trace = await record(server, async () => void (await fetchOnce(server, '/folder/f')), {
          recorder: 'strace',
        });
        assert.deepEqual(trace.unparsed, []);
        const names = namesOf(trace);
        for (const name of ['accept4', 'recvfrom', 'openat', 'sendfile', 'write', 'close'])
          assert.ok(names.includes(name), name);
        await assert.rejects(
          record(server, async () => {}, { recorder: 'ledger' }),
          /keeps no ledger/,
        );
      } finally {
        await server.stop();
      }
    });
  }

  test('what the action throws comes through, and strace has let go', { skip }, async () => {
    const server = await start('zerocopy', false, false);
    try {
      for (let round = 0; round < 2; round++) {
        const failing = record(server, () => Promise.reject(new Error('no client')), { recorder: 'strace' });
        await assert.rejects(failing, /^Error: no client$/);
      }
    } finally {
      await server.stop();
    }
  });

  test('a server that ends while it is recorded is reported', async () => {
    const server = await start('zerocopy', false, true);
    const recording = record(server, () => server.stop(), { recorder: 'ledger' });
    await assert.rejects(recording, /^Error: process \d+ has ended$/);
  });

  test('without strace there is the ledger for Zerocopy, and a remedy for nginx', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      const lack = await canTrace();
      assert.ok(!lack.ok && /strace is not installed/.test(lack.why) && /strace$|strace'\)/.test(lack.how));
      assert.equal((await chooseWay('auto')).way, 'ledger');
      const missing = JSON.stringify(await nginxWay());
      if (findProgram('nginx') === undefined) assert.match(missing, /nginx is not installed/);
      else
        assert.match(missing, /nginx can be recorded by strace alone.*strace is not installed. What to do: .*strace/);
    } finally {
      process.env.PATH = path;
    }
  });
});
