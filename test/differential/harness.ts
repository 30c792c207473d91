/**
 * Pairs: what nginx and this server answer to the same bytes under the same configuration, compared to the last of them.
 *
 * A test file `NAME.test.ts` in this folder calls `differential('NAME', site, cases)` once or more. All cases of a site are run at once
 * against both servers, each over a connection of its own, and then each is a test that compares two transcripts: status
 * line, fields with their order, body, whether the connection was kept, the access log's line, the error log's lines.
 *
 *     differential('static', { files: { 'a.txt': 'hello' }, http: `server { listen 127.0.0.1:{port}; root {root}; }` }, [
 *       get('/a.txt', 'Range: bytes=0-1'),
 *       ask('DELETE', '/a.txt'),
 *       raw('a bare LF', 'GET /a.txt HTTP/1.0\n\n'),
 *       kept('two at once', 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n'),
 *     ]);
 *
 * - One text configures both. A line that one of them alone knows begins with `#nginx: ` or `#zerocopy: `.
 * - {port}, {port2}, {port3}, {root} and {dir} are filled in, in requests too. The servers run as www-data if the tests are root's.
 * - Files have one time (`fileTime`), so that ETag and Last-Modified are known: "6a0edd17-SIZE IN HEX".
 * - `log` adds variables to the access log's line.
 * - Where both differ on purpose, `differences` in src/docs/nginx-differences.ts has a row that names the case ("NAME: case") and
 *   says why. A case that is listed there fails when it does not differ any more.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Difference, differences, isShownBy } from '../../src/docs/nginx-differences.js';
import { exchange, type Heard } from './exchange.js';
import { type Kind, makeRoot, missingNginx, removeRoot, Server, type Site } from './servers.js';
import { transcript } from './transcript.js';

export interface Case {
  readonly name: string;
  /** Sent over one connection, each when the answer to the one before has come. */
  readonly requests: readonly string[];
  /** The sending side is closed behind them, and no probe follows. */
  readonly halfClose?: boolean;
  /** Each request has a connection of its own. */
  readonly apart?: boolean;
}

/** A request over a connection of its own. @param lines fields; Host is localhost where none of them is a Host */
export function ask(method: string, target: string, ...lines: string[]): Case {
  const name = [`${method} ${target}`, ...lines].join(', ');
  return { name, requests: [head(method, target, ...lines)] };
}

export function get(target: string, ...lines: string[]): Case {
  return ask('GET', target, ...lines);
}

/** The bytes of a request as they are. */
export function raw(name: string, ...requests: string[]): Case {
  return { name, requests };
}

/** Several requests over one connection, each behind the answer to the one before. */
export function kept(name: string, ...requests: string[]): Case {
  return { name, requests };
}

/** Several requests, each over a connection of its own behind the end of the one before: whatever closes one, the next is asked. */
export function apart(name: string, ...requests: string[]): Case {
  return { name, requests, apart: true };
}

/** A request that does not come to its end: the client stops sending. */
export function cutOff(name: string, request: string): Case {
  return { name, requests: [request], halfClose: true };
}

/** The bytes of a request. */
export function head(method: string, target: string, ...lines: string[]): string {
  const host = lines.some(line => /^host:/i.test(line)) ? [] : ['Host: localhost'];
  return `${[`${method} ${target} HTTP/1.1`, ...host, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Connections at a time to each server. */
const parallel = 8;

/** What is heard over each connection of each case. */
async function runAll(server: Server, cases: readonly Case[]): Promise<Heard[][]> {
  const heard: Heard[][] = [];
  let next = 0;
  const runner = async () => {
    for (let i = next++; i < cases.length; i = next++) {
      const { requests, halfClose = false, apart: isApart = false } = cases[i]!;
      const texts = requests.map(text => server.fill(text));
      heard[i] = [];
      for (const each of isApart ? texts.map(text => [text]) : [texts])
        heard[i].push(await exchange(server.ports[0]!, each, halfClose));
    }
  };
  await Promise.all(Array.from({ length: parallel }, runner));
  return heard;
}

/** The transcripts of all cases. */
async function play(kind: Kind, site: Site, root: string, cases: readonly Case[]): Promise<string[]> {
  const server = await Server.start(kind, site, root);
  let heard: Heard[][];
  try {
    heard = await runAll(server, cases);
  } finally {
    await server.stop();
  }
  const logs = server.logs();
  const told = (each: Heard) => transcript(each, logs.get(each.port) ?? { access: [], errors: [] }, server);
  return heard.map(list => list.map(told).join('\n\n'));
}

/** The transcripts of all cases by both servers. @throws Error where one of them does not take the configuration */
async function playBoth(site: Site, cases: readonly Case[]): Promise<[ours: string[], theirs: string[]]> {
  const root = makeRoot(site);
  try {
    // one that fails is told of when the other has ended
    const played = await Promise.allSettled([play('zerocopy', site, root, cases), play('nginx', site, root, cases)]);
    const reasons = played.flatMap(each => (each.status === 'rejected' ? [`${each.reason}`] : []));
    if (reasons.length > 0) throw new Error(reasons.join('\n'));
    return played.map(each => (each as PromiseFulfilledResult<string[]>).value) as [string[], string[]];
  } finally {
    removeRoot(root);
  }
}

/** The suite that a listed case belongs to. */
export function suiteOf(one: string | RegExp): string {
  return (typeof one === 'string' ? one : one.source.replace(/^\^/, '')).split(': ')[0]!;
}

/** What both say is the same but for the lines of a difference, and that is still there. */
function assertKnown(ours: string, theirs: string, { title, lines }: Difference): void {
  assert.notEqual(ours, theirs, `no difference any more: ${title}`);
  if (lines === undefined) return;
  const others = (text: string) => text.split('\n').filter(line => !lines.test(line));
  assert.deepEqual(others(ours), others(theirs), `more than this differs: ${title}`);
}

/** What both say is the same, or differs as the table has it. @param id "SUITE: case" */
export function assertPair(id: string, ours: string | undefined, theirs: string | undefined): void {
  assert.ok(ours !== undefined && theirs !== undefined, 'both have answered');
  const known = differences.find(each => isShownBy(each, id));
  if (known === undefined) assert.equal(ours, theirs);
  else assertKnown(ours, theirs, known);
}

export function checkNames(suite: string, cases: readonly { readonly name: string }[]): void {
  const names = cases.map(({ name }) => `${suite}: ${name}`);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  assert.deepEqual(twice, [], 'every case has a name of its own');
  const listed = differences.flatMap(each => each.cases).filter(one => suiteOf(one) === suite);
  const strangers = listed.filter(
    one => !names.some(name => (typeof one === 'string' ? name === one : one.test(name))),
  );
  assert.deepEqual(strangers, [], 'every case that is listed as different is there');
}

export function differential(suite: string, site: Site, cases: readonly Case[]): void {
  describe(`${suite}, beside nginx`, { skip: missingNginx }, () => {
    let ours: readonly string[] = [];
    let theirs: readonly string[] = [];
    test('both take the configuration, and answer', async () => {
      checkNames(suite, cases);
      [ours, theirs] = await playBoth(site, cases);
    });
    for (const [i, { name }] of cases.entries()) {
      test(name, () => assertPair(`${suite}: ${name}`, ours[i], theirs[i]));
    }
  });
}
