/** Starting, reloading and ending, with clients on the line. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { Client, fetchOnce, stalled, waitFor } from './client.js';
import { noise, type Site, TestServer, ways } from './harness.js';

const file = noise(30_000, 12);
const large = noise(8_000_000, 13);
const asRoot = process.geteuid?.() === 0;
const narrow = ['127.0.0.1:{port} sndbuf=128k'];

async function withServer(site: Site, body: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await TestServer.start(site, { file, large });
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

/** Checks that a second server, on the same ports, does not come up. @returns what it left in its folder */
async function startsNot(
  server: TestServer,
  message: string,
  configure: (other: TestServer) => void,
): Promise<string[]> {
  const other = TestServer.prepare(server.ports);
  try {
    configure(other);
    await assert.rejects(other.launch(), (error: Error) => error.message.includes(message));
    return readdirSync(other.dir);
  } finally {
    await other.stop();
  }
}

/** Whether a process has ended; an orphan may stay as a zombie for a while. */
function hasGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'ascii'));
  } catch {
    return true;
  }
}

/** Whether a new connection is refused. */
async function isRefused(port: number): Promise<boolean> {
  try {
    (await Client.connect(port)).close();
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // a reset is for a connection that was waiting when the socket was closed
    assert.match(String(code), /^ECONN(REFUSED|RESET)$/);
    return code === 'ECONNREFUSED';
  }
}

/** Asks for a file over and over, over one connection as long as the server keeps it; gives the number of answers. */
async function load(server: TestServer, path: string, goesOn: () => boolean): Promise<number> {
  let answers = 0;
  let client = await Client.connect(server.port);
  while (goesOn()) {
    const reply = await client.get(path).reply();
    assert.ok(reply.status === 200 && reply.body.equals(file));
    answers += 1;
    if (reply.headers.connection !== 'close') continue;
    assert.equal((await client.rest()).length, 0);
    client.close();
    client = await Client.connect(server.port);
  }
  client.close();
  return answers;
}

/** Reloads, and waits until only new workers are left. */
async function reload(server: TestServer): Promise<void> {
  const old = server.workers();
  server.signal('SIGHUP');
  await waitFor('new workers alone', () => {
    const now = server.workers();
    return now.length >= 1 && now[0] !== server.pid && now.every(pid => !old.includes(pid));
  });
}

describe('reload', () => {
  for (const way of ways) {
    test(`under load no request fails or is cut, sendfile ${way}`, () =>
      withServer({ main: { worker_processes: '2' }, listen: narrow, http: { send_timeout: '10s' } }, async server => {
        const slow = await Client.connect(server.port, false);
        slow.get(`/${way}/large`);
        await stalled(slow);
        let goesOn = true;
        const loads = Array.from({ length: 8 }, () => load(server, `/${way}/file`, () => goesOn));
        const old = server.workers();
        server.signal('SIGHUP');
        await waitFor('new workers', () => server.workers().filter(pid => !old.includes(pid)).length === 2);
        await waitFor('one old worker is left, with the slow download', () => {
          return server.workers().filter(pid => old.includes(pid)).length === 1;
        });
        slow.socket.resume();
        assert.ok((await slow.reply()).body.equals(large));
        slow.close();
        await waitFor('the old ones have gone', () => server.workers().every(pid => !old.includes(pid)));
        goesOn = false;
        const answers = await Promise.all(loads);
        assert.ok(
          answers.every(count => count > 20),
          `${answers}`,
        );
        assert.doesNotMatch(server.errorLog(), /\[(alert|crit|emerg)\]/);
      }));
  }

  test('with a broken configuration changes nothing', () =>
    withServer({}, async server => {
      const workers = server.workers();
      server.configureWith('events {} http { nonsense on; }');
      server.signal('SIGHUP');
      await server.logged(/\[emerg\] .*unknown directive "nonsense" in .*server\.conf:1/);
      assert.deepEqual(server.workers(), workers);
      assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
      server.configure({ server: 'location /new { return 204; }' });
      await reload(server);
      assert.equal((await fetchOnce(server.port, '/new')).status, 204);
    }));

  test('that is asked for during another one is done behind it', () =>
    withServer({}, async server => {
      server.configure({ server: 'location /first { return 204; }' });
      server.signal('SIGHUP');
      await server.logged('reconfiguring');
      server.configure({ server: 'location /second { return 204; }' });
      server.signal('SIGHUP');
      await waitFor('the second configuration is in force', async () => {
        return (await fetchOnce(server.port, '/second')).status === 204;
      });
      await waitFor('one generation of workers is left', () => server.workers().length === 1);
    }));

  test('with an address that is taken changes nothing', () =>
    withServer({}, async server => {
      const other = createServer().listen(server.ports[1], '127.0.0.1');
      await new Promise(resolve => other.once('listening', resolve));
      const workers = server.workers();
      server.configure({ listen: ['127.0.0.1:{port}', '127.0.0.1:{port3}', '127.0.0.1:{port2}'] });
      server.signal('SIGHUP');
      await server.logged(server.fill('bind() to 127.0.0.1:{port2} failed (98: Address already in use)'));
      other.close();
      assert.deepEqual(server.workers(), workers);
      assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
      assert.ok(await isRefused(server.ports[2]));
    }));

  test('adds addresses and takes them away', () =>
    withServer({ listen: ['127.0.0.1:{port}', 'unix:{dir}/a'] }, async server => {
      server.configure({ listen: ['127.0.0.1:{port2}', '127.0.0.1:{port}', 'unix:{dir}/b'] });
      await reload(server);
      for (const target of [server.port, server.ports[1], { path: `${server.dir}/b` }]) {
        assert.ok((await fetchOnce(target, '/on/file')).body.equals(file));
      }
      assert.equal(existsSync(`${server.dir}/a`), false);
      server.configure({ listen: ['127.0.0.1:{port2}'] });
      await reload(server);
      assert.ok((await fetchOnce(server.ports[1], '/on/file')).body.equals(file));
      assert.ok(await isRefused(server.port));
      assert.equal(existsSync(`${server.dir}/b`), false);
    }));

  test('an address that is taken away is refused although an old worker still sends', () =>
    withServer({ listen: narrow, http: { send_timeout: '10s' } }, async server => {
      const slow = await Client.connect(server.port, false);
      slow.get('/on/large', 'Connection: close');
      await stalled(slow);
      server.configure({ listen: ['127.0.0.1:{port2}'] });
      server.signal('SIGHUP');
      await waitFor('the old address is refused', () => isRefused(server.port));
      assert.equal(server.workers().length, 2);
      assert.ok((await fetchOnce(server.ports[1], '/on/file')).body.equals(file));
      slow.socket.resume();
      assert.ok((await slow.reply()).body.equals(large));
      slow.close();
    }));

  test('with more and fewer workers', () =>
    withServer({ listen: ['127.0.0.1:{port} reuseport'] }, async server => {
      for (const count of [3, 1, 2]) {
        server.configure({ main: { worker_processes: `${count}` }, listen: ['127.0.0.1:{port} reuseport'] });
        await reload(server);
        assert.equal(server.workers().length, count);
        for (let i = 0; i < 20; i++) assert.equal((await fetchOnce(server.port, '/off/file')).status, 200);
      }
    }));
});

describe('the end', () => {
  for (const mode of ['on', 'off']) {
    test(`QUIT finishes a download and takes nothing new, master_process ${mode}`, () =>
      withServer({ main: { master_process: mode }, listen: narrow, http: { send_timeout: '10s' } }, async server => {
        const idle = await Client.connect(server.port);
        assert.ok((await idle.get('/on/file').reply()).body.equals(file));
        const slow = await Promise.all(
          ways.map(way => Client.connect(server.port, false).then(one => one.get(`/${way}/large`))),
        );
        for (const client of slow) await stalled(client);
        server.signal('SIGQUIT');
        await waitFor('new connections are refused', () => isRefused(server.port));
        await idle.rest();
        assert.ok(server.isRunning);
        for (const client of slow) {
          client.socket.resume();
          assert.ok((await client.reply()).body.equals(large));
        }
        assert.equal(await server.ended(), 0);
        assert.equal(existsSync(`${server.dir}/server.pid`), false);
      }));

    test(`TERM ends at once, master_process ${mode}`, () =>
      withServer({ main: { master_process: mode }, listen: narrow }, async server => {
        const slow = await Client.connect(server.port, false);
        slow.get('/on/large');
        await stalled(slow);
        const began = performance.now();
        server.signal('SIGTERM');
        assert.equal(await server.ended(), 0);
        assert.ok(performance.now() - began < 1500);
        slow.socket.resume();
        assert.ok((await slow.rest()).length < large.length);
        assert.equal(existsSync(`${server.dir}/server.pid`), false);
      }));
  }

  for (const [name, kill] of [
    ['QUIT to a worker', (server: TestServer) => process.kill(server.workers()[0], 'SIGQUIT')],
    ['KILL to the master', (server: TestServer) => server.signal('SIGKILL')],
  ] as const) {
    test(`${name}: the worker finishes a download`, () =>
      withServer({ listen: narrow, http: { send_timeout: '10s' } }, async server => {
        const [worker] = server.workers();
        const slow = await Client.connect(server.port, false);
        slow.get('/on/large');
        await stalled(slow);
        const open = () => readdirSync(`/proc/${worker}/fd`).length;
        const before = open();
        kill(server);
        await waitFor('the worker listens no more', () => open() < before);
        slow.socket.resume();
        assert.ok((await slow.reply()).body.equals(large));
        slow.close();
        await waitFor('the worker has gone', () => hasGone(worker));
      }));
  }

  test('worker_shutdown_timeout bounds how long QUIT waits', () =>
    withServer(
      { main: { worker_shutdown_timeout: '500ms' }, listen: narrow, http: { send_timeout: '60s' } },
      async server => {
        const slow = await Client.connect(server.port, false);
        slow.get('/off/large');
        await stalled(slow);
        server.signal('SIGQUIT');
        assert.equal(await server.ended(), 0);
        slow.close();
      },
    ));

  test('a request that comes while the worker leaves is answered, with "Connection: close"', () =>
    withServer({}, async server => {
      const client = await Client.connect(server.port);
      assert.equal((await client.get('/on/file').reply()).headers.connection, 'keep-alive');
      server.signal('SIGQUIT');
      await waitFor('new connections are refused', () => isRefused(server.port));
      const reply = await client.get('/on/file').reply();
      assert.ok(reply.body.equals(file) && reply.headers.connection === 'close');
      await client.rest();
      assert.equal(await server.ended(), 0);
    }));
});

describe('processes and files', () => {
  test('a worker that was killed is started again', () =>
    withServer({ main: { worker_processes: '2' } }, async server => {
      const [first, second] = server.workers();
      process.kill(first, 'SIGKILL');
      await server.logged(new RegExp(`\\[alert\\] .*worker process ${first} exited on signal SIGKILL`));
      await waitFor('a new one', () => {
        const now = server.workers();
        return now.length === 2 && !now.includes(first) && now.includes(second);
      });
      for (let i = 0; i < 20; i++) assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
    }));

  test('workers end when their master is killed', () =>
    withServer({}, async server => {
      const [worker] = server.workers();
      process.kill(server.pid, 'SIGKILL');
      await waitFor('the worker has gone', () => hasGone(worker));
    }));

  for (const mode of ['on', 'off']) {
    test(`the pid file, master_process ${mode}`, () =>
      withServer({ main: { master_process: mode } }, async server => {
        assert.equal(readFileSync(`${server.dir}/server.pid`, 'ascii'), `${server.pid}\n`);
        server.signal('SIGTERM');
        await server.ended();
        assert.equal(existsSync(`${server.dir}/server.pid`), false);
      }));
  }

  test('the file of a unix socket that nobody listens on is taken over', () =>
    withServer({ listen: ['127.0.0.1:{port}', 'unix:{dir}/socket'] }, async server => {
      const [worker] = server.workers();
      process.kill(server.pid, 'SIGKILL');
      await waitFor('the worker has gone', () => hasGone(worker));
      assert.ok(statSync(`${server.dir}/socket`).isSocket());
      await server.launch();
      assert.ok((await fetchOnce({ path: `${server.dir}/socket` }, '/on/file')).body.equals(file));
      // and one that somebody does listen on is not
      await startsNot(server, `bind() to unix:${server.dir}/socket failed (98: Address already in use)`, other =>
        other.configureWith(
          `events {} pid {dir}/pid; error_log stderr; http { access_log off; server { listen unix:${server.dir}/socket; } }`,
        ),
      );
      assert.ok((await fetchOnce({ path: `${server.dir}/socket` }, '/on/file')).body.equals(file));
      server.signal('SIGQUIT');
      await server.ended();
      assert.equal(existsSync(`${server.dir}/socket`), false);
    }));

  for (const mode of ['on', 'off']) {
    test(`a port that is taken, master_process ${mode}: nginx's message, and no pid file`, () =>
      withServer({}, async server => {
        const message = `[emerg] bind() to 127.0.0.1:${server.port} failed (98: Address already in use)`;
        const left = await startsNot(server, message, other => other.configure({ main: { master_process: mode } }));
        assert.ok(!left.includes('server.pid'), `${left}`);
        assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
      }));
  }

  const skip = asRoot ? false : 'only root can change to another account';
  test('user: what the workers run as; they open their logs again all the same', { skip }, () =>
    withServer({ main: { user: 'nobody nogroup' } }, async server => {
      const status = readFileSync(`/proc/${server.workers()[0]}/status`, 'ascii');
      assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
      assert.match(status, /^Gid:\t65534\t65534\t65534\t65534$/m);
      assert.match(status, /^Groups:\t65534 ?$/m);
      assert.match(readFileSync(`/proc/${server.pid}/status`, 'ascii'), /^Uid:\t0\t/m);
      await fetchOnce(server.port, '/on/file');
      renameSync(`${server.dir}/access.log`, `${server.dir}/access.1`);
      server.signal('SIGUSR1');
      await waitFor('a line in the new file', async () => {
        await fetchOnce(server.port, '/on/file');
        return server.accessLog().includes('/on/file');
      });
      assert.equal(statSync(`${server.dir}/access.log`).uid, 65534);
      writeFileSync(`${server.dir}/root/private`, 'x', { mode: 0o600 });
      assert.equal((await fetchOnce(server.port, '/on/private')).status, 403);
    }),
  );
});
