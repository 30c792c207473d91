import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { check, EAGAIN } from '../../../native/errno.js';
import { close, F_SETFL, fcntl, O_NONBLOCK } from '../../../native/file.js';
import { SHUT_WR, setLingerReset, shutdown } from '../../../native/socket.js';
import { isSoft } from '../../../src/transfer/failure.js';
import { makeSink, makeSource } from '../../../src/transfer/paths/make.js';
import type { PathSettings, Sink, Source } from '../../../src/transfer/paths/path.js';
import { connectPair, type PairOptions, waitForInput, waitForRoom } from '../../native/support.js';

export const settings: PathSettings = { blockSize: 16_384, fixedOffset: false, direct: false };

export const sourceNames = ['sendfile', 'read+write'] as const;
export const storing = ['read+write', 'splice'] as const;
export const sinkNames = ['discard', 'memory', ...storing] as const;

/** The kernel's smallest socket buffers: the socket is soon full, and at uneven places. */
export const smallest: PairOptions = { buffers: 1 };

/** Bytes that tell every place from every other. */
export function content(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at++) words[at] = Math.imul(at + 1, 0x9e3779b1);
  return Buffer.from(words.buffer, 0, length);
}

type End = 'sender' | 'receiver';

/** A connection whose ends both are non-blocking. */
export class Wire {
  readonly sender: number;
  readonly receiver: number;
  private readonly open: Set<End> = new Set(['sender', 'receiver']);

  constructor(options?: PairOptions) {
    const { server, client } = connectPair('127.0.0.1', options);
    this.sender = server;
    this.receiver = client;
    check(fcntl(client, F_SETFL, O_NONBLOCK), 'fcntl()');
  }

  /** No more bytes come from the sender. */
  end(): void {
    check(shutdown(this.sender, SHUT_WR), 'shutdown()');
  }

  /** One end breaks the connection off. */
  reset(end: End): void {
    check(setLingerReset(this[end]), 'SO_LINGER');
    this.closeEnd(end);
  }

  private closeEnd(end: End): void {
    this.open.delete(end);
    check(close(this[end]), 'close()');
  }

  close(): void {
    for (const end of this.open) this.closeEnd(end);
  }
}

/** A file to send, and a source for it. */
export class SentFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly fd: number;
  readonly source: Source;

  constructor(folder: string, name: Source['name'], length: number, own: Partial<PathSettings> = {}) {
    this.path = `${folder}/sent-${length}`;
    this.bytes = content(length);
    writeFileSync(this.path, this.bytes);
    this.fd = openSync(this.path, 'r');
    this.source = makeSource(name === 'sendfile', this.fd, this.path, { ...settings, ...own });
    assert.equal(this.source.name, name);
  }

  close(): void {
    this.source.close();
    closeSync(this.fd);
  }
}

/** A file that a sink writes, and what the sink has said of it. */
export class TakenFile {
  readonly path: string;
  readonly fd: number;
  readonly sink: Sink;
  readonly stored: [start: number, end: number][] = [];

  constructor(folder: string, name: Sink['name'], own: Partial<PathSettings> = {}) {
    this.path = `${folder}/taken`;
    this.fd = openSync(this.path, 'w');
    this.sink = makeSink(name, this.fd, this.path, { ...settings, ...own }, (start, end) =>
      this.stored.push([start, end]),
    );
    assert.equal(this.sink.name, name);
  }

  get stores(): boolean {
    return this.sink.name !== 'discard' && this.sink.name !== 'memory';
  }

  get bytes(): Buffer {
    return readFileSync(this.path);
  }

  /** What was reported, sorted and joined; nothing may have been reported twice. */
  get ranges(): [start: number, end: number][] {
    const joined: [start: number, end: number][] = [];
    for (const [start, end] of [...this.stored].sort((a, b) => a[0] - b[0])) {
      assert.ok(start < end, 'an empty range is no news');
      const last = joined.at(-1);
      if (last !== undefined && start < last[1]) assert.fail(`${start} … ${end} was reported twice`);
      if (last?.[1] === start) last[1] = end;
      else joined.push([start, end]);
    }
    return joined;
  }

  close(): void {
    this.sink.close();
    closeSync(this.fd);
  }
}

/** A stretch of the sent file, and where it goes in the taken one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Moved {
  /** Fewer than `count`: the source has said that the file ends. */
  sent: number;
  taken: number;
  /** How often the socket was full. */
  full: number;
  /** How often the store had no memory. */
  soft: number;
}

const allAtOnce = () => Number.MAX_SAFE_INTEGER;

/**
 * Sends until the socket is full and takes until it is empty, in turns, until a stretch has arrived.
 * @param most how many bytes one call is asked for
 */
export function move(source: Source, sink: Sink, wire: Wire, { from, to, count }: Stretch, most = allAtOnce): Moved {
  const moved: Moved = { sent: 0, taken: 0, full: 0, soft: 0 };
  let end = count;
  while (moved.taken < end) {
    let sent = 0;
    while (moved.sent < end) {
      sent = source.send(wire.sender, from + moved.sent, Math.min(end - moved.sent, most()));
      if (sent <= 0) break;
      moved.sent += sent;
    }
    if (sent === 0) end = moved.sent;
    else if (isSoft(-sent)) moved.soft += 1;
    else if (sent < 0) assert.equal(sent, -EAGAIN, 'sending');
    if (sent === -EAGAIN) moved.full += 1;
    take(sink, wire, to, moved, most);
  }
  return moved;
}

function take(sink: Sink, wire: Wire, to: number, moved: Moved, most: () => number): void {
  if (moved.taken < moved.sent) waitForInput(wire.receiver);
  else if (moved.full > 0) waitForRoom(wire.sender);
  while (moved.taken < moved.sent) {
    const taken = sink.take(wire.receiver, to + moved.taken, Math.min(moved.sent - moved.taken, most()));
    if (taken > 0) moved.taken += taken;
    else if (isSoft(-taken)) moved.soft += 1;
    else if (taken === -EAGAIN) return;
    else assert.fail(`taking: ${taken}`);
  }
}

/** Sends bytes that are on their way when this returns. */
export function sendBytes(wire: Wire, { source }: SentFile, from: number, count: number): void {
  for (let sent = 0; sent < count; ) sent += check(source.send(wire.sender, from + sent, count - sent), 'send()');
}

/** Takes until nothing is there. */
export function takeAll(wire: Wire, sink: Sink, to: number, count: number): void {
  for (let taken = 0; taken < count; ) {
    waitForInput(wire.receiver);
    taken += check(sink.take(wire.receiver, to + taken, count - taken), 'take');
  }
}
