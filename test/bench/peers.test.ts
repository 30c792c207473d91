import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { peerKinds, quickPeers, referencePeer } from '../../src/bench/peers/all.js';
import { RunningPeer } from '../../src/bench/peers/running.js';
import { checkAll } from '../../src/bench/workloads/load.js';
import { headerWorkloads, wholeFile } from '../../src/bench/workloads/requests.js';
import type { Plan } from '../../src/bench/workloads/workload.js';
import { fileSizes, Workplace } from '../../src/bench/workplace.js';
import { until } from '../../src/tools/waiting.js';
import { isAlive } from '../cli/program.js';

const plan: Plan = { rounds: 1, slowRounds: 1, connections: 1, seconds: 1, downloadBytes: 1, slowClients: 1 };
const place = new Workplace();
const signal = new AbortController().signal;
for (const name of ['1k.bin', '1m.bin', '100m.bin'] as const) await place.make(name, signal);
after(() => place.remove());

const start = { folder: place.folder, root: place.root, sign: { name: '1k.bin', size: fileSizes['1k.bin'] } };
const where = { folder: '/work/', root: '/srv/files', port: 8123 };
const kind = (name: string) => peerKinds.find(each => each.name === name)!;

describe('each server that is installed serves files, ranges and 304s, and leaves nothing behind', {
  concurrency: 2,
}, () => {
  for (const each of peerKinds.filter(({ isExperiment }) => !isExperiment)) {
    const program = each.find();
    test(each.name, { skip: program === undefined && `${each.name} is not installed` }, async () => {
      const peer = await RunningPeer.start(each, program!, each.name, start);
      const processes = peer.processes();
      try {
        assert.match(await each.version(program!), /^\d/);
        assert.ok(processes.length >= 1);
        const asks = [wholeFile('1k.bin'), wholeFile('1m.bin'), ...headerWorkloads.map(workload => workload.asks)];
        const made = await Promise.all(asks.map(ask => ask(peer, place)));
        await checkAll({ peer, plan, signal, asks: made.flat() });
        assert.ok(peer.cpu() > 0);
        assert.ok(peer.memory() > 1e6);
      } finally {
        await peer.stop();
      }
      assert.equal(peer.isAlive, false);
      await until(
        () => !processes.some(isAlive),
        () => true,
        () => `${each.name} has left ${processes.filter(isAlive)}`,
      );
    });
  }
});

/** Asks for a large file, and leaves with its first bytes. */
async function breakOff(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /100m.bin HTTP/1.1\r\nHost: a\r\n\r\n'));
  await once(socket, 'data');
  socket.destroy();
  await once(socket, 'close');
}

describe('the experiments in C serve files, also after a client has left in the midst of one', {
  concurrency: 2,
}, () => {
  for (const each of peerKinds.filter(({ isExperiment }) => isExperiment)) {
    const program = each.find();
    test(each.name, { skip: program === undefined && 'no C compiler is installed' }, async t => {
      let peer: RunningPeer;
      try {
        peer = await RunningPeer.start(each, program!, each.name, start);
      } catch (error) {
        // a kernel before 6.1, or a container that does not let it
        if (!/io_uring_setup/.test((error as Error).message)) throw error;
        t.skip((error as Error).message);
        return;
      }
      try {
        for (let times = 0; times < 5; times++) await breakOff(peer.port);
        const asks = await Promise.all([wholeFile('1k.bin'), wholeFile('100m.bin')].map(ask => ask(peer, place)));
        // each twice over one connection
        await checkAll({ peer, plan, signal, asks: [...asks.flat(), ...asks.flat()] });
      } finally {
        await peer.stop();
      }
    });
  }
});

test('a server that does not come up is told with its own words', async () => {
  const broken = {
    ...kind('zerocopy'),
    configure: () => ({
      ...{ command: process.execPath, errorLog: 'error.log', files: {} },
      args: ['-e', 'console.error("no such luck"); process.exit(1)'],
    }),
  };
  await assert.rejects(
    RunningPeer.start(broken, process.execPath, 'broken', start),
    /zerocopy does not serve: no such luck/,
  );
});

test('this server and nginx get the same configuration; only nginx is told where its folders are', () => {
  const text = (name: string) => kind(name).configure(where, 'program').files['server.conf']!;
  const withoutFolders = (conf: string) => conf.replace(/^ {2}\w+_temp_path .*\n/gm, '');
  assert.equal(text('zerocopy'), withoutFolders(text('nginx')));
  assert.equal(text('zerocopy-off'), withoutFolders(text('nginx-off')));
  assert.equal(text('zerocopy').replace('sendfile on', 'sendfile off'), text('zerocopy-off'));
  assert.doesNotMatch(text('zerocopy'), /_temp_path/);
  assert.match(text('nginx'), /listen 127\.0\.0\.1:8123;\n {4}root "\/srv\/files";/);
});

test('every server has one core, the loopback, its port, no access log, and connections that stay', () => {
  const expected: Record<string, RegExp[]> = {
    zerocopy: [/worker_processes 1;/, /keepalive_requests 1000000000;/, /access_log off;/],
    nginx: [/worker_processes 1;/, /keepalive_requests 1000000000;/, /access_log off;/],
    lighttpd: [/network-backend = "sendfile"/, /max-keep-alive-requests = 1000000000/, /bind = "127\.0\.0\.1"/],
    apache: [/ServerLimit 1\n/, /MaxKeepAliveRequests 0\n/, /EnableSendfile On/, /Listen 127\.0\.0\.1:8123/],
    caddy: [/"127\.0\.0\.1:8123"/, /"h1"/, /"admin": \{\s*"disabled": true/],
    h2o: [/num-threads: 1\n/, /host: 127\.0\.0\.1\n {2}port: 8123/],
  };
  for (const [name, patterns] of Object.entries(expected)) {
    const { files } = kind(name).configure(where, 'program');
    const text = Object.values(files).join('\n');
    for (const pattern of patterns) assert.match(text, pattern, name);
    assert.doesNotMatch(text, /accesslog|CustomLog|access-log|combined/, name);
  }
  assert.equal(kind('caddy').configure(where, 'program').env!.GOMAXPROCS, '1');
  for (const name of ['sirv', 'uws']) {
    assert.deepEqual(kind(name).configure(where, 'node').args.slice(1), ['8123', '/srv/files']);
  }
});

test('names are unique, and those that are named elsewhere exist', () => {
  const names = peerKinds.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of [...quickPeers, referencePeer]) assert.ok(names.includes(name), name);
});

test('no part of a file is like another', () => {
  const bytes = readFileSync(`${place.root}/1m.bin`);
  assert.equal(bytes.length, fileSizes['1m.bin']);
  assert.notEqual(place.sha256Of('1m.bin', 0, 65536), place.sha256Of('1m.bin', 65536, 65536));
  assert.equal(place.sha256Of('1m.bin', 0, bytes.length), place.sha256('1m.bin'));
});
