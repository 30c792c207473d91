/** Runs `zerocopy fetch` in a folder of its own, against servers that do as a test says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bench, type Finished } from '../cli/program.js';

/** How a server has a file. */
export interface Served {
  readonly body: Buffer;
  /** With its quotes; left out where there is none. */
  readonly etag?: string;
  readonly lastModified?: string;
  /** Whether parts of it can be had; they can. */
  readonly ranges?: boolean;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Long ago: a date that tells versions apart. */
export const longAgo = 'Sun, 06 Nov 1994 08:49:37 GMT';

/** The range that a request asks for, `end` exclusive; null where it asks for none, or the file is another one by now. */
export function rangeOf({ headers }: IncomingMessage, { body, etag, lastModified }: Served): [number, number] | null {
  const [, start, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  if (start === undefined || (condition !== undefined && condition !== etag && condition !== lastModified)) return null;
  return [Number(start), last === '' ? body.length : Math.min(Number(last) + 1, body.length)];
}

/** Sends a file, or the part of it that is asked for, as a server should. */
export function send(request: IncomingMessage, response: ServerResponse, served: Served): void {
  const { status, headers, part } = answerTo(request, served);
  response.writeHead(status, headers).end(part);
}

/** What a server should say and send. */
export function answerTo(
  request: IncomingMessage,
  served: Served,
): { status: number; headers: Record<string, string | number>; part: Buffer } {
  const { body, etag, lastModified, ranges = true } = served;
  const headers: Record<string, string | number> = { 'content-length': body.length };
  if (etag !== undefined) headers.etag = etag;
  if (lastModified !== undefined) headers['last-modified'] = lastModified;
  const range = ranges ? rangeOf(request, served) : null;
  if (range === null) return { status: 200, headers, part: body };
  const [start, end] = range;
  if (start >= body.length) {
    return {
      status: 416,
      headers: { 'content-range': `bytes */${body.length}`, 'content-length': 0 },
      part: Buffer.alloc(0),
    };
  }
  headers['content-length'] = end - start;
  headers['content-range'] = `bytes ${start}-${end - 1}/${body.length}`;
  return { status: 206, headers, part: body.subarray(start, end) };
}

/** Sends the head of an answer and the beginning of its body, and then breaks off. */
export function breakOff(request: IncomingMessage, response: ServerResponse, served: Served, size: number): void {
  const { status, headers, part } = answerTo(request, served);
  response.writeHead(status, headers);
  response.write(part.subarray(0, size), () => response.socket?.destroy());
}

/** Sends a file up to a place, and then a few bytes now and then, so that it never ends. */
export function dribble(request: IncomingMessage, response: ServerResponse, served: Served, size: number): void {
  const { status, headers, part } = answerTo(request, served);
  response.writeHead(status, headers).write(part.subarray(0, size));
  let at = size;
  const timer = setInterval(() => {
    if (response.socket?.destroyed !== false) clearInterval(timer);
    response.write(part.subarray(at, at + 10));
    at += 10;
  }, 50);
}

/** What a server was asked for. */
export interface Seen {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

/** A server of the tests. */
export class Site {
  readonly seen: Seen[] = [];
  connections = 0;

  private constructor(readonly server: Server) {}

  static async start(handler: Handler): Promise<Site> {
    const server = createServer();
    const site = new Site(server);
    server.on('connection', () => {
      site.connections += 1;
    });
    server.on('request', (request, response) => {
      const { url: path = '', headers } = request;
      site.seen.push({ path, range: headers.range, ifRange: headers['if-range'] as string | undefined, headers });
      handler(request, response, site.seen.length);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return site;
  }

  /** One that has a file at every path. */
  static of(served: Served): Promise<Site> {
    return Site.start((request, response) => send(request, response, served));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/scan.bin'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** The folder that files are fetched to. */
export class FetchBench extends Bench {
  private readonly sites: Site[] = [];

  async site(from: Served | Handler): Promise<Site> {
    const site = await (typeof from === 'function' ? Site.start(from) : Site.of(from));
    this.sites.push(site);
    return site;
  }

  /** Runs it to its end, in the folder got/. */
  fetch(...args: string[]): Promise<Finished> {
    return this.run(['fetch', '--interval', '0', '--dir', this.got, ...args]);
  }

  /** As `fetch`; it must go well. */
  async fetches(...args: string[]): Promise<Finished> {
    const finished = await this.fetch(...args);
    assert.equal(finished.code, 0, finished.stderr);
    return finished;
  }

  /** As `fetch`; it must fail, with exit code 1. */
  async fails(...args: string[]): Promise<Finished> {
    const finished = await this.fetch(...args);
    assert.equal(finished.code, 1, finished.stderr);
    return finished;
  }

  get got(): string {
    return `${this.folder}html`;
  }

  /** The names in got/, but for the page that stands there. */
  names(): string[] {
    return readdirSync(this.got)
      .filter(name => name !== 'index.html')
      .sort();
  }

  bytes(name = 'scan.bin'): Buffer {
    return readFileSync(`${this.got}/${name}`);
  }

  /** The file is there as it should be, and nothing else is. */
  holds(body: Buffer, name = 'scan.bin'): void {
    assert.deepEqual(this.names(), [name]);
    assert.ok(this.bytes(name).equals(body), 'the bytes are those of the server');
  }

  has(name: string): boolean {
    return existsSync(`${this.got}/${name}`);
  }

  override async clean(): Promise<void> {
    for (const site of this.sites) site.close();
    await super.clean();
  }
}
