/** Broken connections, and servers that cannot for the moment. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../../src/tools/waiting.js';
import { until } from '../../cli/program.js';
import { type Script, ScriptedServer } from './scripted-server.js';
import { breakWithin, content, PutBench, store } from './support.js';

let bench: PutBench;
before(() => {
  bench = new PutBench();
});
after(() => bench.clean());

const busy: Script = async wire => {
  await wire.head();
  wire.answer('503 Service Unavailable', 'come back later');
};

const again = /again from the start in \d+\.\d s \(try 2 of 4\)\n/;

describe('the file is sent again from its start', { concurrency: 4 }, () => {
  const cases: [what: string, script: Script, reason: RegExp][] = [
    ['after 503', busy, /the server answered "503 Service Unavailable"; again/],
    ['after 500 without a body', async wire => wire.answer('500 Oops'), /the server answered "500 Oops"; again/],
    [
      'after a close within the body',
      breakWithin(wire => wire.destroyWhenSent()),
      /has (broken off|closed) the connection/,
    ],
    ['after a reset', breakWithin(wire => wire.resetWhenSent()), /has broken off the connection/],
    [
      'after a close without an answer',
      async wire => {
        await wire.head();
        await wire.body(content.length);
        wire.end();
      },
      /has closed the connection without an answer: whether it has the file is not known; again/,
    ],
    ['after a close before the body', async wire => wire.end(), /has closed the connection too early; again/],
    [
      'after half a head',
      async wire => {
        await wire.head();
        wire.end('HTTP/1.1 201 Cre');
      },
      /has closed the connection too early; again/,
    ],
  ];
  for (const [what, script, reason] of cases) {
    test(what, async () => {
      const { code, stderr, stdout } = await bench.put([script, store], '--json');
      assert.equal(code, 0, stderr);
      assert.match(stderr, reason);
      assert.match(stderr, again);
      assert.equal(JSON.parse(stdout).sender.bytes, content.length, 'what was sent in vain is not in the report');
    });
  }
});

test('a server that is started again is waited for', async () => {
  const first = await ScriptedServer.start(breakWithin(wire => wire.destroyWhenSent()));
  const { port } = first;
  const run = bench.start(['put', bench.path, first.url('/scan'), '--retries', '8']);
  await until(() => first.connections === 1, 'a connection');
  await first.close();
  await until(() => /connection refused: .*; again from the start/.test(run.stderr), 'the server is missed');
  const second = await ScriptedServer.startAt(port, store);
  const { code, stderr } = await run.end;
  await second.close();
  assert.equal(code, 0, stderr);
});

test('a server that says when it can again is believed', async () => {
  const later: Script = async wire => {
    await wire.head();
    wire.answer('503 Service Unavailable', '', 'Retry-After: 1');
  };
  const { code, stderr } = await bench.put([later, store]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /again from the start in 1\.0 s/);
});

describe('it is given up', { concurrency: 2 }, () => {
  test('after the tries that are allowed, with what the server said last', async () => {
    const { code, stderr } = await bench.put([busy, busy], '--retries', '1');
    assert.equal(code, 1);
    assert.match(stderr, /tried 2 times in vain: .*"503 Service Unavailable"\n {2}\| come back later\n$/);
  });

  test('at once with --retries 0', async () => {
    const { code, stderr } = await bench.put([busy], '--retries', '0');
    assert.equal(code, 1);
    assert.match(stderr, /^zerocopy: http.*"503 Service Unavailable"\n/);
  });

  test('after a silence', async () => {
    const silent: Script = async wire => {
      await wire.head();
      await wire.over();
    };
    const { code, stderr } = await bench.put([silent], '--retries', '0', '--timeout', '1');
    assert.equal(code, 1);
    assert.match(stderr, /127\.0\.0\.1:\d+ was silent for 1 s/);
  });

  test('after a silence within the body, which has filled the socket', async () => {
    const path = bench.file('large.bin', Buffer.alloc(20_000_000));
    const silent = breakWithin(async wire => {
      wire.pause();
    });
    const { code, stderr } = await bench.putAs(path, '/x', [silent], '--retries', '0', '--timeout', '1');
    assert.equal(code, 1);
    assert.match(stderr, /was silent for 1 s/);
  });

  test('where nobody listens from the beginning', async () => {
    const { code, stderr } = await bench.run(['put', bench.path, `http://127.0.0.1:${await freePort()}/x`]);
    assert.equal(code, 1);
    assert.match(stderr, /^zerocopy: cannot connect to 127\.0\.0\.1:\d+: connection refused: no server listens/);
  });

  test('by Ctrl-C', async () => {
    const server = await ScriptedServer.start(async wire => {
      await wire.head();
      run.child.kill('SIGINT');
      await wire.over();
    });
    const run = bench.start(['put', bench.path, server.url('/x')]);
    const { code, stderr } = await run.end;
    await server.close();
    assert.equal(code, 130, stderr);
  });
});
