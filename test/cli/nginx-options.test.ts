import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { version } from '../../src/version.js';
import { Bench, freePort } from './program.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clean());

test('-t says where a mistake is, and that a right configuration is right', async () => {
  const port = await freePort();
  const file = `${bench.folder}conf/nginx.conf`;
  bench.configure(port, '');
  const good = await bench.here('-t');
  assert.equal(good.code, 0);
  assert.equal(
    good.stderr,
    `zerocopy: the configuration file ${file} syntax is ok\nzerocopy: configuration file ${file} test is successful\n`,
  );
  assert.equal(good.stdout, '');
  assert.equal(existsSync(bench.pidFile), false, 'the pid file is tried, and not left');
  assert.deepEqual(await bench.here('-tq'), { code: 0, stdout: '', stderr: '' });

  bench.configure(port, 'worker_processes 1;\nx 1;');
  const bad = await bench.here('-t');
  assert.equal(bad.code, 1);
  assert.equal(
    bad.stderr,
    `zerocopy: [emerg] unknown directive "x" in ${file}:2\nzerocopy: configuration file ${file} test failed\n`,
  );
});

test('-t looks at logs, the pid path and addresses, and prints warnings', async () => {
  const port = await freePort();
  const file = `${bench.folder}conf/nginx.conf`;
  bench.configure(port, 'error_log none/error.log;');
  const log = await bench.here('-t');
  assert.equal(log.code, 1);
  assert.ok(log.stderr.includes('syntax is ok'));
  assert.ok(
    log.stderr.includes(`[emerg] open() "${bench.folder}none/error.log" failed (2: No such file or directory)`),
    log.stderr,
  );
  bench.configure(port, 'pid none/pid;');
  const pid = await bench.here('-t');
  assert.equal(pid.code, 1);
  assert.ok(pid.stderr.includes(`open() "${bench.folder}none/pid" failed (2: No such file or directory)`), pid.stderr);

  bench.write(
    'conf/two.conf',
    `events {} http { ${`server { listen 127.0.0.1:${port}; server_name a; } `.repeat(2)} }`,
  );
  const two = await bench.here('-tq', '-c', 'conf/two.conf');
  assert.equal(two.code, 0);
  assert.equal(two.stderr, `zerocopy: [warn] conflicting server name "a" on 127.0.0.1:${port}, ignored\n`);

  rmSync(file);
  const none = await bench.here('-t');
  assert.equal(none.code, 1);
  assert.ok(none.stderr.startsWith(`zerocopy: [emerg] open() "${file}" failed (2: No such file or directory)\n`));
});

test('-T prints the files byte for byte', async () => {
  const included = '# \xe9\n';
  bench.configure(await freePort(), 'include more.conf;');
  bench.write('conf/more.conf', included);
  const main = bench.read('conf/nginx.conf');
  const { code, stdout } = await bench.here('-qT');
  assert.equal(code, 0);
  const folder = `${bench.folder}conf/`;
  const more = bench.read('conf/more.conf');
  assert.equal(
    stdout,
    `# configuration file ${folder}nginx.conf:\n${main}\n# configuration file ${folder}more.conf:\n${more}\n`,
  );
});

test('-g, -e and joined letters', async () => {
  bench.configure(await freePort(), '');
  const globals = await bench.here('-t', '-g', 'user a b c;');
  assert.equal(globals.code, 1);
  assert.ok(globals.stderr.includes('in command line'), globals.stderr);
  assert.equal((await bench.here('-tqelogs/own.log')).code, 0);
  assert.ok(existsSync(`${bench.folder}logs/own.log`));
  assert.ok(!existsSync(`${bench.folder}logs/error.log`));
});

test('the version, and what is built in', async () => {
  const short = await bench.run(['-v']);
  assert.deepEqual(short, { code: 0, stdout: '', stderr: `zerocopy version: zerocopy/${version}\n` });
  const long = (await bench.run(['-V'])).stderr;
  assert.ok(long.startsWith(short.stderr));
  assert.ok(long.includes(`built with Node ${process.versions.node}, V8 ${process.versions.v8}`));
  assert.match(long, /^configure arguments: .*--with-http_static_module .*--without-http_proxy_module/m);
  const without = [...long.matchAll(/--without-(\S+)/g)].map(([, name]) => name);
  const upstreams = ['hash', 'ip_hash', 'least_conn', 'random', 'keepalive', 'zone'].map(each => `upstream_${each}`);
  const others = ['v2', 'v3', 'slice', 'flv', 'mp4', 'addition', 'sub', 'ssi', 'mirror', 'auth_request', 'gunzip'];
  const passing = ['proxy', 'fastcgi', 'uwsgi', 'scgi', 'grpc', 'memcached'];
  const dynamic = ['xslt', 'image_filter', 'geoip', 'perl', 'degradation'];
  const expected = [...others, ...passing, ...upstreams, ...dynamic].map(name => `http_${name}_module`);
  expected.push('google_perftools_module', 'mail', 'stream');
  assert.deepEqual(without.sort(), expected.sort());
  assert.equal((await bench.run(['--version'])).stdout, `${version}\n`);
});

test('-t says whether there is such an account, and what is told of the program does not end a test', async () => {
  const file = `${bench.folder}conf/nginx.conf`;
  bench.configure(await freePort(), 'user nosuchuser;');
  const isRoot = process.geteuid?.() === 0;
  const user = await bench.here('-t');
  assert.equal(user.code, isRoot ? 1 : 0);
  if (isRoot)
    assert.equal(
      user.stderr,
      `zerocopy: [emerg] getpwnam("nosuchuser") failed in ${file}:1\nzerocopy: configuration file ${file} test failed\n`,
    );
  bench.configure(await freePort(), '');
  const both = await bench.here('-Vt');
  assert.match(both.stderr, /^configure arguments: .*\n.* syntax is ok\n/m);
  assert.match((await bench.here('-ht')).stderr, /test is successful\n$/);
});

const mistakes: [args: string[], message: string][] = [
  [['-x'], 'invalid option: "x"'],
  [['-s', 'foo'], 'invalid option: "-s foo"'],
  [['-s'], 'option "-s" requires parameter'],
  [['-c'], 'option "-c" requires file name'],
  [['-p', ''], 'option "-p" requires directory name'],
  [['-s', ''], 'invalid option: "-s "'],
  [['-t', 'foo'], 'invalid option: "foo"'],
  [['--foo'], 'invalid option: "--foo"'],
  [['foo'], 'unknown command "foo"'],
  [['serve'], 'an argument is missing: zerocopy serve <dir> (see zerocopy serve --help)'],
  [['serve', '.', '--foo'], 'Unknown argument: foo'],
  [['serve', '/no such'], 'no such folder: /no such'],
  [['serve', '/etc/passwd'], 'not a folder: /etc/passwd'],
  [['serve', '.', '--port', '0'], '--port "0"'],
  [['serve', '.', '--host', 'nowhere'], '--host "nowhere"'],
  [['serve', '.', '--sendfile', 'maybe'], '--sendfile "maybe"'],
  [['demo', '--size', 'much'], '--size "much"'],
];

test("a command line that is none: a message, and 2, or 1 where it is nginx's", async () => {
  for (const [args, message] of mistakes) {
    const { code, stderr, stdout } = await bench.run(args);
    assert.equal(code, args[0].startsWith('-') ? 1 : 2, args.join(' '));
    assert.ok(stderr.startsWith(`zerocopy: ${message}`), `${args.join(' ')}: ${stderr}`);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.equal(stdout, '');
  }
});

test('help has examples', async () => {
  for (const args of [['--help'], ['-h'], ['serve', '--help'], ['demo', '--help']]) {
    const { code, stdout } = await bench.run(args);
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n +zerocopy/, args.join(' '));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  }
});
