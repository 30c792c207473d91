/** A server: uWebSockets.js, which writes buffers. Arguments: port, document root. */

import uws, { type HttpRequest, type HttpResponse } from 'uWebSockets.js';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';

const [port, root] = process.argv.slice(2) as [string, string];

/** Files up to this size are held in memory. */
const mostHeld = 2 ** 20;
/** A larger one is read in such pieces. */
const pieceSize = 256 * 1024;

interface Served {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: string;
  readonly held?: Buffer;
}

const piece = Buffer.alloc(pieceSize);

function look(path: string): Served {
  const fd = openSync(path, 'r');
  const { size, mtime, mtimeMs } = fstatSync(fd);
  const facts = {
    ...{ path, size, modified: mtime.toUTCString() },
    etag: `"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`,
  };
  const held = size <= mostHeld ? Buffer.alloc(size) : undefined;
  if (held !== undefined) readSync(fd, held, 0, size, 0);
  closeSync(fd);
  return { ...facts, ...(held !== undefined && { held }) };
}

const files = new Map(readdirSync(root).map(name => [`/${name}`, look(`${root}/${name}`)]));

function respond(response: HttpResponse, request: HttpRequest): void {
  const file = files.get(request.getUrl());
  if (file === undefined) {
    response.writeStatus('404 Not Found').end();
    return;
  }
  const isKnown =
    request.getHeader('if-none-match') === file.etag || request.getHeader('if-modified-since') === file.modified;
  if (isKnown) {
    response.writeStatus('304 Not Modified').writeHeader('ETag', file.etag);
    response.writeHeader('Last-Modified', file.modified).endWithoutBody();
    return;
  }
  const range = rangeOf(request.getHeader('range'), file.size);
  if (range !== null) {
    response.writeStatus('206 Partial Content');
    response.writeHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${file.size}`);
  }
  response.writeHeader('ETag', file.etag).writeHeader('Last-Modified', file.modified);
  const { start, end } = range ?? { start: 0, end: file.size };
  if (file.held !== undefined) response.end(file.held.subarray(start, end));
  else stream(response, file.path, start, end);
}

/** One range of the form `bytes=a-b`; null for anything else, which is answered with the whole file. */
function rangeOf(field: string, size: number): { start: number; end: number } | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(field) ?? [];
  if (first === undefined || Number(first) >= size) return null;
  const end = last === '' || last === undefined ? size : Math.min(size, Number(last) + 1);
  return { start: Number(first), end };
}

/** Writes pieces until the socket is full, and goes on when it has room. */
function stream(response: HttpResponse, path: string, start: number, end: number): void {
  const fd = openSync(path, 'r');
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  const pump = (): boolean => {
    for (;;) {
      const at = start + response.getWriteOffset();
      const count = readSync(fd, piece, 0, Math.min(pieceSize, end - at), at);
      const [isTaken, isDone] = response.tryEnd(piece.subarray(0, count), end - start);
      if (isDone) close();
      if (isDone || !isTaken) return isTaken;
    }
  };
  response.onAborted(close);
  response.onWritable(pump);
  pump();
}

uws
  .App()
  .get('/*', respond)
  .listen('127.0.0.1', Number(port), socket => {
    if (socket) return;
    process.stderr.write(`no socket on port ${port}\n`);
    process.exitCode = 1;
  });
