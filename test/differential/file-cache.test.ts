/**
 * `open_file_cache` beside nginx: each scene asks for a file twice, changes what its path names, asks twice while the cache believes what
 * it knows, and twice when it has looked again. Each server has its own files.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../../src/tools/waiting.js';
import { assertPair, checkNames } from './harness.js';
import { type Kind, makeRoot, missingNginx, removeRoot, Server, type Site } from './servers.js';

/** Seconds for which an entry is believed: longer than the first four rounds take. */
const valid = 8;

const site: Site = {
  main: 'thread_pool default threads=2;',
  http: `
open_file_cache max=10000;
open_file_cache_valid ${valid}s;
server {
  listen 127.0.0.1:{port};
  root {root};
  index index.html other.html;
  location /on/ { alias {root}/; sendfile on; }
  location /off/ { alias {root}/; }
  location /threads/ { alias {root}/; sendfile on; aio threads; }
  location /direct/ { alias {root}/; directio 4k; }
  location /errors/ { alias {root}/; open_file_cache_errors on; }
  location /uses/ { alias {root}/; open_file_cache_min_uses 3; }
  location /none/ { alias {root}/; open_file_cache off; }
  location /try/ { rewrite ^/try(/.*)$ $1 break; try_files $uri /fallback; }
  location /if/ { rewrite ^/if(/.*)$ $1; if (-f $request_filename) { return 200 'there'; } return 200 'not there'; }
  location /zipped/ { alias {root}/; gzip_static on; }
  location /listed/ { alias {root}/; autoindex on; }
  location /linked/ { alias {root}/; disable_symlinks on; }
  location /two/ { alias {root}/; open_file_cache max=2; }
}`,
  files: { fallback: 'fallback' },
};

/** What a scene does with a path of its own. */
class Path {
  constructor(
    private readonly root: string,
    readonly name: string,
  ) {}

  of(name: string): string {
    return join(this.root, this.name) + name;
  }

  /** Contents of an old time. */
  write(text: string, name = '', time = 1_000_000_000): void {
    mkdirSync(dirname(this.of(name)), { recursive: true });
    writeFileSync(this.of(name), text);
    utimesSync(this.of(name), time, time);
  }

  /** In place, at a later time. */
  truncate(size: number): void {
    truncateSync(this.of(''), size);
    utimesSync(this.of(''), 1_100_000_000, 1_100_000_000);
  }

  remove(name = ''): void {
    rmSync(this.of(name), { recursive: true });
  }
}

interface Change {
  before?(path: Path): void;
  after(path: Path): void;
  /** Behind the path. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Targets that are asked for before the changed one is asked for again. */
  readonly between?: readonly string[];
}

const old = { before: (path: Path) => path.write('old') };
const large = { before: (path: Path) => path.write('a'.repeat(10_000)) };
const inner = { before: (path: Path) => path.write('in', '/in') };
const zipped = { 'Accept-Encoding': 'gzip' };

const changes: Readonly<Record<string, Change>> = {
  replaced: {
    ...old,
    after: path => {
      path.write('newer', '.new', 1_100_000_000);
      renameSync(path.of('.new'), path.of(''));
    },
  },
  removed: { ...old, after: path => path.remove() },
  'cut short': { ...large, after: path => path.truncate(10) },
  emptied: { ...large, after: path => path.truncate(0) },
  grown: { ...old, after: path => path.write('older', '', 1_100_000_000) },
  // of small files, what they held stays for a while where they were not changed a moment ago (contents.ts)
  'written over': { ...large, after: path => path.write('b'.repeat(10_000)) },
  touched: { ...old, after: path => utimesSync(path.of(''), 1_100_000_000, 1_100_000_000) },
  forbidden: { ...old, after: path => chmodSync(path.of(''), 0) },
  allowed: {
    before: path => {
      path.write('old');
      chmodSync(path.of(''), 0);
    },
    after: path => chmodSync(path.of(''), 0o644),
  },
  'a folder now': {
    ...old,
    after: path => {
      path.remove();
      mkdirSync(path.of(''));
    },
  },
  'a file now': {
    ...inner,
    after: path => {
      path.remove();
      path.write('file');
    },
  },
  'a folder that goes': { ...inner, after: path => path.remove() },
  'in a folder that moves': { ...inner, target: '/in', after: path => renameSync(path.of(''), path.of('x')) },
  'in a folder that is a file now': {
    ...inner,
    target: '/in',
    after: path => {
      path.remove();
      path.write('file');
    },
  },
  'there now': { after: path => path.write('new') },
  'a new folder': { after: path => mkdirSync(path.of('')) },
  'a link that leads elsewhere': {
    before: path => {
      path.write('one', '1');
      path.write('another', '2');
      symlinkSync(path.of('1'), path.of(''));
    },
    after: path => {
      path.remove();
      symlinkSync(path.of('2'), path.of(''));
    },
  },
  'a link now': {
    ...old,
    after: path => {
      path.write('another', '2');
      path.remove();
      symlinkSync(path.of('2'), path.of(''));
    },
  },
  'a link to itself now': {
    ...old,
    after: path => {
      path.remove();
      symlinkSync(path.of(''), path.of(''));
    },
  },
  'an index that comes': {
    before: path => path.write('o', '/other.html'),
    target: '/',
    after: path => path.write('index', '/index.html'),
  },
  'an index that goes': {
    before: path => {
      path.write('o', '/other.html');
      path.write('index', '/index.html');
    },
    target: '/',
    after: path => path.remove('/index.html'),
  },
  'a list that grows': { before: path => path.write('1', '/1'), target: '/', after: path => path.write('2', '/2') },
  'a zipped one that comes': { ...old, headers: zipped, after: path => path.write('zip', '.gz') },
  'a zipped one that goes': {
    before: path => {
      path.write('old');
      path.write('zip', '.gz');
    },
    headers: zipped,
    after: path => path.remove('.gz'),
  },
  'a range of what was cut': { ...large, headers: { Range: 'bytes=5000-' }, after: path => path.truncate(10) },
  'a range of what has grown': {
    ...old,
    headers: { Range: 'bytes=1-' },
    after: path => path.write('older', '', 1_100_000_000),
  },
  'changed since': {
    ...old,
    headers: { 'If-Modified-Since': 'Sun, 09 Sep 2001 01:46:40 GMT' },
    after: path => path.truncate(3),
  },
  'another tag': { ...old, headers: { 'If-None-Match': '"3b9aca00-3"' }, after: path => path.write('older') },
};

/** As many others as drive a file out of a cache for two. */
const drivenOut: Change = { ...changes.replaced!, between: ['/two/fallback', '/two/', '/two/nothing'] };

const places = ['on', 'off', 'threads', 'direct', 'errors', 'uses', 'none', 'try', 'if', 'zipped', 'listed', 'linked'];
const scenes = [
  ...places.flatMap(place =>
    Object.entries(changes).map(([name, change]) => ({ place, name: `${place}: ${name}`, change })),
  ),
  { place: 'two', name: 'two: replaced', change: changes.replaced! },
  { place: 'two', name: 'two: replaced and driven out', change: drivenOut },
];

/** Of a small file that was not changed for a while, the cache may know the contents. */
const settled = { name: 'on: written over after a while' };
/** Longer than a file has to have stayed as it is (ms). */
const whileLength = 2100;

/** What came, in one line. */
function told(reply: IncomingMessage, body: Buffer, end: string): string {
  const status = reply.statusCode!;
  const { etag, location, ...fields } = reply.headers;
  const text =
    status >= 300 ? '' : body.length > 100 ? `${body.length} bytes` : JSON.stringify(body.toString('latin1'));
  const where = location?.replace(/:\d+/, '');
  const names = ['content-encoding', 'content-range', ...(status < 300 ? ['content-length'] : [])];
  return [status, text, etag, where, ...names.map(name => fields[name]), end]
    .filter(Boolean)
    .join(' ')
    .replace(/\d\d-\w{3}-\d{4} \d\d:\d\d/g, 'TIME');
}

function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, path, headers, agent: false }, reply => {
      const parts: Buffer[] = [];
      reply.on('data', part => parts.push(part));
      reply.on('end', () => resolve(told(reply, Buffer.concat(parts), '')));
      reply.on('error', () => resolve(told(reply, Buffer.concat(parts), 'cut off')));
    });
    request.on('error', error => resolve(`nothing: ${(error as NodeJS.ErrnoException).code}`));
  });
}

/** @param holds whether the cache has looked again */
function looksAgain(holds: () => Promise<boolean>): Promise<void> {
  return until(
    holds,
    () => true,
    () => 'the cache does not look again',
    20_000,
  );
}

/** What a server says in all scenes, by their order. */
async function playScenes(port: number, root: string): Promise<string[]> {
  const heard = scenes.map(() => [] as string[]);
  const paths = scenes.map((_, i) => new Path(root, `scene${i}-`));
  const round = async (name: string) => {
    let next = 0;
    const some = async () => {
      for (let i = next++; i < scenes.length; i = next++) {
        const { place, change } = scenes[i]!;
        const target = `/${place}/scene${i}-${change.target ?? ''}`;
        heard[i]!.push(`${name}: ${(await ask(port, target, change.headers)).replaceAll(`scene${i}-`, 'scene')}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, some));
  };
  for (const [i, { change }] of scenes.entries()) change.before?.(paths[i]!);
  const began = performance.now();
  await round('before');
  await round('before');
  const last = new Path(root, 'last');
  last.write('1');
  assert.match(await ask(port, '/on/last'), /"1"/);
  for (const [i, { change }] of scenes.entries()) change.after(paths[i]!);
  for (const each of scenes.flatMap(({ change }) => change.between ?? [])) await ask(port, each);
  last.write('22');
  await round('soon');
  await round('soon');
  // nginx counts in whole seconds
  assert.ok(performance.now() - began < 1000 * (valid - 1), 'the first rounds are over before the cache looks again');
  let fresh = false;
  await looksAgain(async () => {
    fresh ||= (await ask(port, '/on/last')).includes('"22"');
    return fresh;
  });
  await round('later');
  await round('later');
  return heard.map(lines => lines.join('\n'));
}

/** What a server says of a small file before it is written over, soon after that, and when the cache has looked again. */
async function playSettled(port: number, root: string): Promise<string> {
  const path = new Path(root, 'settled');
  path.write('old');
  const written = Date.now();
  const settles = () => Date.now() - written > whileLength;
  await until(
    settles,
    () => true,
    () => 'time stands still',
    10_000,
  );
  const answer = () => ask(port, '/on/settled');
  const heard = [`before: ${await answer()}`, `before: ${await answer()}`];
  path.write('new', '', 1_100_000_000);
  const soon = await answer();
  heard.push(`soon: ${soon}`, `soon: ${await answer()}`);
  await looksAgain(async () => (await answer()) !== soon);
  return [...heard, `later: ${await answer()}`].join('\n');
}

/** What a server says, by the order of `all`. */
async function play(kind: Kind): Promise<string[]> {
  const root = makeRoot(site);
  const server = await Server.start(kind, site, root);
  const port = server.ports[0]!;
  try {
    return (await Promise.all([playScenes(port, root), playSettled(port, root)])).flat();
  } finally {
    await server.stop();
    removeRoot(root);
  }
}

const all = [...scenes, settled];

describe('the open file cache, beside nginx', { skip: missingNginx }, () => {
  let ours: readonly string[] = [];
  let theirs: readonly string[] = [];
  test('both answer in all scenes', async () => {
    checkNames('file-cache', all);
    [ours, theirs] = await Promise.all([play('zerocopy'), play('nginx')]);
  });
  for (const [i, { name }] of all.entries()) test(name, () => assertPair(`file-cache: ${name}`, ours[i], theirs[i]));
});
