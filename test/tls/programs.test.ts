/** The programs that people download with, over HTTPS; and nginx, as a client and to compare answers with. Each is skipped where it is missing. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { freePort } from '../../src/tools/waiting.js';
import { fetchOnce, type Reply, waitFor } from '../server/client.js';
import { missing, noise, type Site, sha256, TestServer, ways } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { namedServer, pair, secureFetch, tlsSite } from './support.js';

const size = 20_000_000;
const large = noise(size, 3);
const sum = sha256(large);
const versions = ['1.2', '1.3'] as const;

/** Fetches the file with the browser, and writes what came of it into the page. */
const page = `<!doctype html><p id="sum">waiting</p><script>
const show = text => { document.getElementById('sum').textContent = text; };
(async () => {
  const response = await fetch('/on/large');
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
  const part = await fetch('/off/large', { headers: { Range: 'bytes=100-199' }, cache: 'no-store' });
  show([response.status, hex, part.status, (await part.arrayBuffer()).byteLength].join(' '));
})().catch(error => show(String(error)));
</script>`;

interface Run {
  readonly code: number | null;
  /** Of standard output. */
  readonly sum: string;
  readonly length: number;
  /** Its beginning. */
  readonly text: string;
  readonly stderr: string;
}

describe('programs over HTTPS', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;
  let folder: string;
  const url = (path: string, port = server.ports[1]) => `https://localhost:${port}${path}`;

  before(async () => {
    certificates.selfSigned('server', ['localhost', '127.0.0.1']).selfSigned('authority').signed('anna', 'authority');
    server = await TestServer.start(site(), { large, 'index.html': page, small: 'small' });
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zerocopy-client-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** TLS 1.3 and 1.2 at the second port, and 1.2 alone at the third. @param more servers */
  function site(more = ''): Site {
    const own = `${pair(certificates, 'server')} ssl_session_cache shared:programs:1m; ${verifying}`;
    const old = `server { listen 127.0.0.1:{port3} ssl; ssl_protocols TLSv1.2; ${own} root {root}; location /on/ { alias {root}/; } location /off/ { alias {root}/; sendfile off; } }`;
    const log = `tls '$server_port $ssl_protocol $ssl_session_reused $uri $status'`;
    return tlsSite(own, {
      http: { log_format: log, access_log: '{dir}/access.log tls' },
      httpLines: `types { text/html html; } ${old} ${more}`,
    });
  }

  /** What the log has of all requests for the file that came since: version and status. */
  async function logged(before: number): Promise<string[]> {
    const lines = () => server.accessLog().slice(before).trimEnd().split('\n');
    await waitFor('lines of the log', () => lines().some(line => line.includes('/large ')));
    const found = lines().filter(line => line.includes('/large '));
    return [...new Set(found.map(line => line.replace(/^\d+ (\S+) . \S+/, '$1')))].sort();
  }

  const verifying = ' location = /facts { return 200 "$ssl_session_reused $ssl_protocol"; }';

  /** Runs a program in the folder of the test to its end. @param input for its standard input */
  function run(program: string, args: readonly string[], input = ''): Promise<Run> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: folder, stdio: 'pipe', timeout: 30_000 });
      const hash = createHash('sha256');
      let [length, text, stderr] = [0, '', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        length += chunk.length;
        if (text.length < 100_000) text += chunk.toString('latin1');
      });
      child.stderr.on('data', chunk => {
        stderr += chunk;
      });
      child.on('error', reject);
      child.on('close', code => resolve({ code, sum: hash.digest('hex'), length, text, stderr }));
      child.stdin.end(input);
    });
  }

  async function saved(name = 'large'): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  const ca = () => certificates.path('server.pem');

  for (const [version, options] of [
    ['1.2', ['--tls-max', '1.2']],
    ['1.3', ['--tlsv1.3']],
  ] as const) {
    for (const way of ways) {
      test(`curl, TLS ${version}, sendfile ${way}: 20 MB`, { skip: missing('curl') }, async () => {
        const {
          code,
          stderr,
          sum: got,
        } = await run('curl', ['-sSf', '--cacert', ca(), ...options, url(`/${way}/large`)]);
        assert.equal(code, 0, stderr);
        assert.equal(got, sum);
      });
    }

    test(`curl, TLS ${version}: resumed, and several of one connection`, { skip: missing('curl') }, async () => {
      writeFileSync(join(folder, 'large'), large.subarray(0, 7_654_321));
      const resumed = await run('curl', ['-sSf', '--cacert', ca(), ...options, '-C', '-', '-O', url('/off/large')]);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal(await saved(), sum);
      const small = url('/on/small');
      const two = await run('curl', ['-sSf', '--cacert', ca(), ...options, '-w', ' %{num_connects}', small, small]);
      assert.equal(two.text, 'small 1small 0');
    });

    test(`curl, TLS ${version}: a session is taken up again`, { skip: missing('curl') }, async () => {
      const facts = url('/facts');
      const args = ['-sSf', '--cacert', ca(), ...options, '-H', 'Connection: close', facts, facts];
      assert.equal((await run('curl', args)).text, `. TLSv${version}r TLSv${version}`);
    });

    test(`openssl s_client, TLS ${version}: a session is taken up again`, async () => {
      const flag = version === '1.2' ? '-tls1_2' : '-tls1_3';
      const args = ['s_client', '-connect', `localhost:${server.ports[1]}`, '-CAfile', ca(), '-ign_eof', flag];
      const ask = 'GET /facts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const first = await run('openssl', [...args, '-sess_out', 'session'], ask);
      assert.match(first.text, new RegExp(`New, TLSv1\\.[23][^]*Verify return code: 0 \\(ok\\)[^]*\\. TLSv${version}`));
      const second = await run('openssl', [...args, '-sess_in', 'session'], ask);
      assert.match(second.text, new RegExp(`Reused, TLSv1\\.[23][^]*r TLSv${version}`));
    });
  }

  for (const version of versions) {
    const at = (path: string) => url(path, server.ports[version === '1.2' ? 2 : 1]);

    test(`wget -c, TLS ${version}, goes on with half a file`, { skip: missing('wget') }, async () => {
      const before = server.accessLog().length;
      writeFileSync(join(folder, 'large'), large.subarray(0, size / 2));
      const { code, stderr } = await run('wget', ['-c', '--tries=1', '--ca-certificate', ca(), at('/on/large')]);
      assert.equal(code, 0, stderr);
      assert.equal(await saved(), sum);
      assert.deepEqual(await logged(before), [`TLSv${version} 206`]);
    });

    test(`aria2c -x8, TLS ${version}, fetches eight parts at once`, { skip: missing('aria2c') }, async () => {
      const before = server.accessLog().length;
      const args = ['-x8', '-s8', '-k1M', '--file-allocation=none', `--ca-certificate=${ca()}`, at('/off/large')];
      const { code, text } = await run('aria2c', args);
      assert.equal(code, 0, text);
      assert.equal(await saved(), sum);
      assert.deepEqual(await logged(before), [`TLSv${version} 200`, `TLSv${version} 206`]);
    });

    test(`Chromium, TLS ${version}: fetch() in a page`, { skip: missing('chromium') }, async () => {
      const before = server.accessLog().length;
      const browser = await run('chromium', [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${folder}`],
        ...['--ignore-certificate-errors', '--virtual-time-budget=20000', '--dump-dom', at('/index.html')],
      ]);
      assert.equal(browser.code, 0, browser.stderr);
      assert.equal(/<p id="sum">(.*?)<\/p>/.exec(browser.text)?.[1], `200 ${sum} 206 100`);
      assert.deepEqual(await logged(before), [`TLSv${version} 200`, `TLSv${version} 206`]);
    });
  }

  describe('nginx', { skip: missing('nginx') }, () => {
    let nginx: ChildProcess;
    let [plainPort, theirPort] = [0, 0];
    let home: string;

    before(async () => {
      home = mkdtempSync(join(tmpdir(), 'zerocopy-nginx-'));
      [plainPort, theirPort] = [await freePort(), await freePort()];
      const port = (text: string) => text.replaceAll('{port2}', `${theirPort}`).replaceAll('{root}', server.root);
      const proxied = versions.map(
        version =>
          `location /${version}/ { proxy_pass https://127.0.0.1:${server.ports[1]}/; proxy_ssl_protocols TLSv${version}; }`,
      );
      writeFileSync(
        join(home, 'nginx.conf'),
        `daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log;
events {}
http {
  access_log off; default_type application/octet-stream; proxy_max_temp_file_size 0; client_body_temp_path ${home}/b; proxy_temp_path ${home}/p;
  fastcgi_temp_path ${home}/f; scgi_temp_path ${home}/s; uwsgi_temp_path ${home}/u;
  proxy_ssl_trusted_certificate ${ca()}; proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_session_reuse on;
  server { listen 127.0.0.1:${plainPort}; ${proxied.join(' ')} }
  server { listen 127.0.0.1:${theirPort} ssl; ${pair(certificates, 'server')} root ${server.root}; }
  ${port(strict())}
}`,
      );
      nginx = spawn('nginx', ['-p', home, '-e', `${home}/error.log`, '-c', `${home}/nginx.conf`], { stdio: 'pipe' });
      let stderr = '';
      nginx.stderr?.on('data', chunk => {
        stderr += chunk;
      });
      await waitFor('nginx serves', async () => {
        assert.equal(nginx.exitCode, null, stderr);
        return fetch(`http://127.0.0.1:${plainPort}/1.3/facts`).then(
          answer => answer.status === 200,
          () => false,
        );
      });
      server.configure(site(strict()));
      server.signal('SIGHUP');
      await waitFor('the servers with rules for clients', async () => {
        const { status } = await secureFetch(server, '/small', { servername: 'on.example' }, ['Host: on.example']);
        return status === 400;
      });
    });
    after(async () => {
      nginx.kill('SIGQUIT');
      await waitFor('nginx ends', () => nginx.exitCode !== null || nginx.signalCode !== null);
      rmSync(home, { recursive: true, force: true });
    });

    /** Servers with rules for clients, for both. */
    function strict(): string {
      const rules = (rule: string) =>
        `ssl_verify_client ${rule}; ssl_client_certificate ${certificates.path('authority.pem')};`;
      return ['on', 'optional']
        .map(rule => namedServer(`${rule}.example`, pair(certificates, 'server') + rules(rule)))
        .join('');
    }

    for (const version of versions) {
      for (const way of ways) {
        test(`as a client: 20 MB through proxy_pass https, TLS ${version}, sendfile ${way}, whole and in halves`, async () => {
          const hash = createHash('sha256');
          const whole = await fetch(`http://127.0.0.1:${plainPort}/${version}/${way}/large`);
          for await (const chunk of whole.body!) hash.update(chunk);
          assert.equal(hash.digest('hex'), sum);
          const halves = createHash('sha256');
          for (const range of [`0-${size / 2 - 1}`, `${size / 2}-`]) {
            const headers = { Range: `bytes=${range}` };
            const part = await fetch(`http://127.0.0.1:${plainPort}/${version}/${way}/large`, { headers });
            assert.equal(part.status, 206);
            for await (const chunk of part.body!) halves.update(chunk);
          }
          assert.equal(halves.digest('hex'), sum);
          const again = await fetch(`http://127.0.0.1:${plainPort}/${version}/facts`);
          assert.equal(await again.text(), `r TLSv${version}`);
        });
      }
    }

    /** The same request to both. */
    async function both(ask: (port: number) => Promise<Reply>): Promise<void> {
      const [ours, theirs] = [await ask(server.ports[1]), await ask(theirPort)];
      assert.equal(ours.statusLine, theirs.statusLine);
      const text = ({ body }: Reply) => body.toString().replaceAll(/<center>(nginx|zerocopy)[^<]*<\/center>/g, '');
      assert.equal(text(ours), text(theirs));
      for (const name of ['connection', 'content-type']) assert.equal(ours.headers[name], theirs.headers[name], name);
    }

    const secureAt =
      (path: string, servername: string, host: string, client = '') =>
      (port: number) => {
        const identity =
          client === '' ? {} : { cert: certificates.read(`${client}.pem`), key: certificates.read(`${client}.key`) };
        const target = { port, servername, ...identity };
        return secureFetch(server, path, target, [`Host: ${host}`]);
      };

    const requests: [what: string, ask: (port: number) => Promise<Reply>][] = [
      ['plain HTTP to the port for HTTPS', port => fetchOnce(port, '/small')],
      ['no certificate', secureAt('/small', 'on.example', 'on.example')],
      ['a good certificate', secureAt('/small', 'on.example', 'on.example', 'anna')],
      ['a certificate of nobody', secureAt('/small', 'on.example', 'on.example', 'server')],
      [
        'a certificate of nobody, where none is needed',
        secureAt('/small', 'optional.example', 'optional.example', 'server'),
      ],
      ['another name than that of the handshake', secureAt('/small', 'optional.example', 'on.example', 'anna')],
      ['another name, without rules', secureAt('/small', 'optional.example', 'localhost', 'anna')],
      ['a folder', secureAt('/none/', '', 'localhost')],
    ];
    for (const [what, ask] of requests) test(`answers as we do: ${what}`, () => both(ask));
  });
});
