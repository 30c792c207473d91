/** nginx's own options: what both programs say to a command line, what they end with, and which files they leave. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/tools/programs.js';
import { freePort } from '../../src/tools/waiting.js';
import { assertPair, checkNames } from './harness.js';
import { type Kind, missingNginx } from './servers.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'zerocopy-command-line-'));
after(() => rmSync(base, { recursive: true, force: true }));

/** Files by name; conf/nginx.conf is a right one where it is not among them. {dir} and {port} are filled in, in arguments too. */
type Files = Readonly<Record<string, string>>;

interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: Files;
}

const events = 'events {}\n';
const http = 'http { access_log off; server { listen 127.0.0.1:{port}; } }\n';
const pid = 'pid {dir}/p.pid;\n';
const log = 'error_log {dir}/error.log;\n';
const main = pid + log;
const right = main + events + http;

const lines: Line[] = [];

function line(name: string, args: string, files: Files = {}): void {
  lines.push({ name, args: args === '' ? [] : args.split(' ').map(word => (word === "''" ? '' : word)), files });
}

/** `-t` with a configuration. */
function conf(name: string, text: string, files: Files = {}): void {
  line(name, '-t', { 'conf/nginx.conf': text, ...files });
}

/** `-t -g` with directives. */
function globals(name: string, directives: string, files: Files = {}): void {
  lines.push({ name, args: ['-t', '-g', directives], files });
}

line('-t', '-t');
line('-t, and all that it leaves', '-t');
line('a mistake, and all that it leaves', '-t', { 'conf/nginx.conf': `x 1;${right}` });
line('-tq', '-tq');
line('-t and a pid file', '-t', { 'p.pid': '77\n' });
line('-T', '-T');
line('-qT', '-qT');
const included = { 'conf/b/2.conf': '# two\ntimer_resolution 1s;', 'conf/b/1.conf': 'worker_processes 1;\n' };
line('-T of included files', '-T', { 'conf/nginx.conf': `include b/*.conf;\n${right}`, ...included });
line('-T of a file that is included twice', '-T', {
  'conf/nginx.conf': `${main + events}http { access_log off; include s.conf; server { listen 127.0.0.1:{port}; include s.conf; } }`,
  'conf/s.conf': 'sendfile on;',
});
line('-T with a mistake', '-T', { 'conf/nginx.conf': `${main}x 1;` });
line('-v', '-v');
line('-vt', '-vt');
line('-v before a mistake', '-vx');
line('a letter that is none', '-tx');
line('a word', '-t foo');
line('an empty word', "-t ''");
line('a dash', '-t -');
line('two dashes', '--');
line('two dashes and a letter', '-t --t');
for (const letter of ['c', 'p', 'e', 'g', 's']) line(`-${letter} without a word`, `-${letter}`);
line('-c with an empty word', "-t -c ''");
line('-c joined', '-t -cconf/nginx.conf');
line('-c absolute', '-t -c {dir}/conf/nginx.conf');
line('-c with dots', '-t -c conf/../conf/./nginx.conf');
line('-c twice', '-t -c nosuch -c conf/nginx.conf');
line('-c no file', '-t -c conf/nosuch.conf');
line('-c below a file', '-t -c conf/nginx.conf/x');
line('-c a folder', '-t -c conf');
line('letters joined', '-tqcnosuch.conf');
line('-p without a slash', '-t -p {dir}');
line('-p no folder', '-t -p /no/such/folder -c conf/nginx.conf');
line('-p a file', '-t -p {dir}/conf/nginx.conf -c x');
line('-e in no folder', '-t -e no/x.log', { 'conf/nginx.conf': pid + events + http });
line('-e a folder', '-t -e conf', { 'conf/nginx.conf': pid + events + http });

for (const name of ['stop', 'quit', 'reload', 'reopen']) line(`-s ${name} without a pid file`, `-s ${name}`);
line('-s joined', '-sstop');
for (const name of ['foo', 'stopx', 'STOP', "''"]) line(`-s ${name}`, `-s ${name}`);
const numbers = ['x', '', '\n', '-1\n', ' 1\n', '+5\n', '99999999 \n', '99999999\n1\n', '99999999999999999999\n'];
for (const text of [...numbers, '99999999\n', '99999999\r\n', '0099999999', '99999999\r\r\n\n'])
  line(`-s with the pid file ${JSON.stringify(text)}`, '-s quit', { 'p.pid': text });
line('-s where the pid file is a folder', '-s quit', { 'conf/nginx.conf': right.replace('p.pid', 'conf') });
line('-s with a mistake', '-s stop', { 'conf/nginx.conf': `x 1;${right}` });
line('-s with a test', '-t -s foo');
line('-s with a certificate that is gone', '-s stop', {
  'conf/nginx.conf': right
    .replace('server {', 'server { ssl_certificate no.pem; ssl_certificate_key no.pem;')
    .replace('{port};', '{port} ssl;'),
});

globals('-g', 'worker_processes 1;');
globals('-g without an end', 'worker_processes 1');
globals('-g no directive', 'x 1;');
globals('-g number of arguments', 'user a b c;');
globals('-g value', 'daemon x;');
globals('-g a block', 'events {}');
globals('-g half a block', 'daemon {');
globals('-g a brace', '}');
globals('-g a quote', 'user "a');
globals('-g in another place', 'root /x;');
globals('-g a directive that the file has', 'pid x;');
globals('-g a directive twice', 'daemon off; daemon on;');
globals('-g a semicolon', ';');
globals('-g nothing', '');
globals('-g blanks', '  ');
globals('-g a comment', '# x\ndaemon off;');
globals('-g include', 'include i.conf;', { 'conf/i.conf': 'worker_processes 1;', 'i.conf': 'x 1;' });
globals('-g include a mistake', 'include i.conf;', { 'conf/i.conf': 'x 1;' });
globals('-g include nothing', 'include nosuch.conf;');
globals('-g a pid path', 'pid no/x.pid;', { 'conf/nginx.conf': log + events + http });
globals('-g a log path', 'error_log no/x.log;', { 'conf/nginx.conf': pid + events + http });
lines.push({ name: '-g twice', args: ['-t', '-g', 'daemon x;', '-g', 'daemon y;'], files: {} });
lines.push({
  name: '-T with -g',
  args: ['-qT', '-g', 'include i.conf;'],
  files: { 'conf/i.conf': 'daemon on;' },
});

conf('no events', main + http);
conf('an empty file', '');
conf('only events', main + events);
conf('a file that includes itself', 'include nginx.conf;');
conf('include a folder', `include b;${right}`, included);
conf('include nothing', `include nosuch*.conf;\ninclude nosuch.conf;\n${right}`);
conf('no such user', `user nosuchuser;${right}`);
conf('no such group', `\nuser root nosuchgroup;${right}`);
conf('a log in no folder', pid + events + http.replace('access_log off', 'access_log no/a.log'));
conf('a pid file in no folder, and a log', `pid no/p.pid; error_log no/e.log;${events}${http}`);
conf('a pid file that is a folder', `pid conf;${log}${events}${http}`);
conf('an address of another machine', right.replace('127.0.0.1', '203.0.113.9'));
conf('bytes that are no text', `\xe9\x01 1;${right}`);
line('start with a mistake', '', { 'conf/nginx.conf': `x 1;${right}` });
line('start at an address of another machine', '', {
  'conf/nginx.conf': `daemon off;${right.replace('127.0.0.1', '203.0.113.9')}`,
});

/** The files that a line leaves: the log that the configuration names, and where the line is about them, the other ones. */
function left(dir: string, all: boolean): string[] {
  const names = ['error.log', ...(all ? ['p.pid', 'start.log'] : [])];
  return names.filter(name => existsSync(join(dir, name))).map(name => `file: ${name}`);
}

function neutral(text: string, dir: string): string {
  return text
    .replaceAll(dir, '{dir}')
    .replace(/^(?:nginx|zerocopy)( version)?: /gm, 'NAME$1: ')
    .replace(/\b(?:nginx|zerocopy)\/[\d.]+/g, 'NAME/1')
    .replace(/^\S+ \S+ (\[\w+\]) \d+#\d+: /gm, 'NAME: $1 ');
}

/** Runs a program in a folder of its own. */
async function say(kind: Kind, at: number, { name, args, files }: Line, port: number): Promise<string> {
  const dir = join(base, `${at}`, kind);
  const fill = (text: string) => text.replaceAll('{dir}', dir).replaceAll('{port}', `${port}`);
  for (const [name, text] of Object.entries({ 'conf/nginx.conf': right, ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), fill(text), 'latin1');
  }
  const given = (letter: string) => args.some(word => word.startsWith(`-${letter}`));
  const preset =
    kind === 'zerocopy'
      ? []
      : [...(given('c') ? [] : ['-c', 'conf/nginx.conf']), ...(given('e') ? [] : ['-e', 'start.log'])];
  const words = ['-p', `${dir}/`, ...preset, ...args.map(fill)];
  const [command, first] = kind === 'nginx' ? [findProgram('nginx')!, []] : [process.execPath, [program]];
  const child = spawn(command, [...first, ...words], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });
  let [out, err] = ['', ''];
  child.stdout.on('data', part => {
    out += part.toString('latin1');
  });
  child.stderr.on('data', part => {
    err += part.toString('latin1');
  });
  const code = await new Promise(resolve => child.on('close', (number, signal) => resolve(number ?? signal)));
  return neutral(
    [
      `ends with ${code}`,
      `standard output: ${out}`,
      `standard error:\n${err}`,
      ...left(dir, /all that it leaves/.test(name)),
    ].join('\n'),
    dir,
  );
}

describe('command lines, beside nginx', { skip: missingNginx }, () => {
  test('every line has a name of its own, and every known difference its line', () =>
    checkNames('command-line', lines));
  for (const [at, one] of lines.entries()) {
    test(one.name, async () => {
      const port = await freePort();
      const [ours, theirs] = await Promise.all([say('zerocopy', at, one, port), say('nginx', at, one, port)]);
      assertPair(`command-line: ${one.name}`, ours, theirs);
    });
  }
});
