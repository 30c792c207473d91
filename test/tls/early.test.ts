/** Requests that come with the first message of a handshake (0-RTT), by openssl s_client. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { request, waitFor } from '../server/client.js';
import { missing, noise, sha256, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { namedServer, pair, resume, sessionOf, tlsSite } from './support.js';

const facts = 'location = /facts { return 200 "early=$ssl_early_data reused=$ssl_session_reused;"; }';
const accepted = 'Early data was accepted';

describe('early data', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  const large = noise(3_000_000, 7);
  const running: ChildProcess[] = [];
  let server: TestServer;

  before(async () => {
    for (const name of ['server', 'other']) certificates.selfSigned(name);
    server = await TestServer.start(site('ssl_early_data on;'), { large });
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill();
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  function site(lines: string, other = 'ssl_early_data off;') {
    const listen = ['127.0.0.1:{port}', '127.0.0.1:{port2} ssl sndbuf=128k'];
    const httpLines = namedServer('other.example', `${pair(certificates, 'other')} ${other} ${facts}`);
    return tlsSite(pair(certificates, 'server') + facts + lines, { listen, httpLines });
  }

  async function reload(lines: string, other?: string): Promise<void> {
    const before = server.workers();
    server.configure(site(lines, other));
    server.signal('SIGHUP');
    await waitFor('new workers', () => server.workers().every(pid => !before.includes(pid)));
  }

  /** A client, and what it has printed so far. @param early a request that it sends with its first message */
  function client(args: readonly string[], early = ''): { child: ChildProcess; text(): string; all(): Buffer } {
    const path = certificates.path('early.txt');
    writeFileSync(path, early);
    const child = spawn(
      'openssl',
      ['s_client', '-tls1_3', '-connect', `127.0.0.1:${server.ports[1]}`, '-ign_eof', ...args].concat(
        early === '' ? [] : ['-early_data', path],
      ),
    );
    running.push(child);
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => printed.push(bytes));
    const all = () => Buffer.concat(printed);
    return { child, all, text: () => all().toString('latin1') };
  }

  /** Gets a session, and gives the file that it is in. */
  async function session(name = 'test.local'): Promise<string> {
    const file = certificates.path('session.pem');
    const { child, text } = client(['-sess_out', file, '-servername', name]);
    child.stdin?.write(request('GET', '/facts', 'Connection: close').replace('test.local', name));
    await waitFor('the end', () => child.exitCode !== null);
    assert.match(text(), /early= reused=\.;/);
    return file;
  }

  test('a request is answered before the handshake is done, and the next one after it', async () => {
    const file = await session();
    const { child, text } = client(['-sess_in', file, '-servername', 'test.local'], request('GET', '/facts'));
    await waitFor('the early answer', () => text().includes('early=1 reused=r;'));
    await waitFor('the handshake', () => text().includes(accepted));
    child.stdin?.write(request('GET', '/facts', 'Connection: close'));
    await waitFor('the end', () => child.exitCode !== null);
    assert.match(text(), /early= reused=r;/);
  });

  test('a connection that closes then still says goodbye; and the session is good a second time', async () => {
    const file = await session();
    for (const _ of [1, 2]) {
      const args = ['-sess_in', file, '-servername', 'test.local'];
      const { child, text } = client(args, request('GET', '/facts', 'Connection: close'));
      await waitFor('the end', () => child.exitCode !== null);
      assert.ok(text().includes(accepted) && text().includes('early=1 reused=r;'), text());
      assert.doesNotMatch(text(), /unexpected eof/);
    }
  });

  test('a large answer arrives whole', async () => {
    const file = await session();
    const args = ['-sess_in', file, '-servername', 'test.local', '-quiet'];
    for (const way of ['on', 'off']) {
      const { child, all } = client(args, request('GET', `/${way}/large`, 'Connection: close'));
      await waitFor('the end', () => child.exitCode !== null);
      const bytes = all();
      const at = bytes.indexOf('\r\n\r\n', bytes.indexOf('HTTP/1.1 200')) + 4;
      assert.equal(sha256(bytes.subarray(at, at + large.length)), sha256(large));
    }
  });

  test('a server without it does not take it, though the client has it from before', async () => {
    const file = await session();
    await reload('ssl_early_data off;');
    const args = ['-sess_in', file, '-servername', 'test.local'];
    const { child, text } = client(args, request('GET', '/facts'));
    await waitFor('the handshake', () => text().includes('Early data was rejected'));
    child.stdin?.write(request('GET', '/facts', 'Connection: close'));
    await waitFor('the end', () => child.exitCode !== null);
    assert.match(text(), /early= reused=r;/);
    assert.doesNotMatch(text(), /early=1/);
    await reload('ssl_early_data on;');
  });

  test('the rule is that of the server that is named, and clients without it notice nothing', async () => {
    const name = 'other.example';
    const named = (path: string) => request('GET', path, 'Connection: close').replace('test.local', name);
    const { child, text } = client(['-servername', name]);
    child.stdin?.write(named('/facts'));
    await waitFor('the end', () => child.exitCode !== null);
    assert.match(text(), /Max Early Data: 0/);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { maxVersion: version, servername: 'test.local' };
      const kept = await sessionOf(server, '/facts', options);
      const { isReused, reply } = await resume(server, kept, '/facts', options);
      assert.deepEqual([isReused, reply.body.toString()], [true, 'early= reused=r;']);
    }
    await reload('ssl_early_data off;', 'ssl_early_data on;');
    const late = client(['-sess_in', await session(name), '-servername', name], named('/facts'));
    await waitFor('the end', () => late.child.exitCode !== null);
    assert.match(late.text(), /early=1 reused=r;/);
  });
});
