/**
 * The client of the scenarios, as a program of its own: `node client.js SCRIPT`, a ClientScript as JSON. It drops the bytes
 * inside the kernel (recv(2) with MSG_TRUNC, tcp(7)), so that it is as fast as it is meant to be, and prints a ClientResult.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { check, EAGAIN } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import {
  connect,
  MSG_DONTWAIT,
  MSG_TRUNC,
  recv,
  SHUT_WR,
  SO_RCVBUF,
  SOCK_STREAM,
  SOL_SOCKET,
  send,
  setOption,
  shutdown,
  socket,
} from '../../native/socket.js';
import type { ClientAnswer, ClientRequest, ClientResult, ClientScript } from './client-script.js';

const script = JSON.parse(process.argv[2] ?? '') as ClientScript;
const block = new MemoryBlock(64 * 1024);

/** What a slow client holds at most is what it reads in ten milliseconds: all else waits at the server's side. */
const receiveBuffer = Math.max(32 * 1024, Math.min(256 * 1024, script.rate / 100));
/** What one call takes at most: more than a socket's buffer holds. */
const largestCall = 1 << 30;
/** A slow client does not read for less than this (bytes), while more is to come. */
const portion = 4096;

/** A connection that gives its bytes no faster than the rate. */
class Connection {
  private readonly fd: number;
  private readonly begun = performance.now();
  private received = 0;

  constructor() {
    this.fd = check(socket(AF_INET, SOCK_STREAM), 'socket()');
    if (script.rate > 0) setOption(this.fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    const address = new SocketAddress().setInternet('127.0.0.1', script.port);
    check(connect(this.fd, address), `connect() to 127.0.0.1:${script.port}`);
  }

  send(text: string): void {
    block.bytes.latin1Write(text, 0, text.length);
    check(send(this.fd, block.address, text.length), 'send()');
  }

  /** Waits for bytes, and gives how many came. @param address where they go; 0 drops them */
  async receive(address: number, most: number): Promise<number> {
    const flags = address === 0 ? MSG_TRUNC : 0;
    const place = address === 0 ? block.address : address;
    if (script.rate === 0) return received(recv(this.fd, place, most, flags));
    for (;;) {
      const allowed = (script.rate * (performance.now() - this.begun)) / 1000 - this.received;
      if (allowed >= Math.min(portion, most)) {
        const count = recv(this.fd, place, Math.min(most, Math.floor(allowed)), flags | MSG_DONTWAIT);
        if (count !== -EAGAIN) {
          this.received += received(count);
          return count;
        }
      }
      await sleep(1);
    }
  }

  /** Ends it, and waits until the server has closed its side: what comes next is not mixed with that. */
  close(): void {
    shutdown(this.fd, SHUT_WR);
    while (recv(this.fd, block.address, block.size) > 0);
    close(this.fd);
  }
}

function received(returned: number): number {
  if (check(returned, 'recv()') === 0) throw new Error('the server closed the connection too early');
  return returned;
}

function requestText({ method, target, headers = {} }: ClientRequest, before: ClientAnswer | undefined): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    return `${name}: ${value.replace('{last-modified}', before?.lastModified ?? '')}\r\n`;
  });
  // a name without the port, so that requests of two recordings are of one length
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`;
}

async function ask(connection: Connection, request: ClientRequest, before?: ClientAnswer): Promise<ClientAnswer> {
  connection.send(requestText(request, before));
  let filled = 0;
  let end = -1;
  while (end < 0) {
    if (filled === block.size) throw new Error(`the head of the answer is longer than ${block.size} bytes`);
    filled += await connection.receive(block.address + filled, block.size - filled);
    end = block.bytes.latin1Slice(0, filled).indexOf('\r\n\r\n');
  }
  const head = block.bytes.latin1Slice(0, end + 2);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const header = (name: string) => new RegExp(`\r\n${name}: *([^\r]*)\r\n`, 'i').exec(head)?.[1] ?? '';
  let bytes = filled - (end + 4);
  const hasBody = request.method !== 'HEAD' && status !== 304;
  const length = hasBody ? Number(header('content-length')) : 0;
  while (bytes < length) bytes += await connection.receive(0, Math.min(length - bytes, largestCall));
  return { status, bytes, lastModified: header('last-modified') };
}

async function main(): Promise<ClientResult> {
  const start = performance.now();
  const answers: ClientAnswer[] = [];
  let connection: Connection | undefined;
  for (const request of script.requests) {
    connection ??= new Connection();
    answers.push(await ask(connection, request, answers.at(-1)));
    if (script.connections === 'each') {
      connection.close();
      connection = undefined;
    }
  }
  connection?.close();
  return { answers, seconds: (performance.now() - start) / 1000 };
}

process.stdout.write(JSON.stringify(await main()));
