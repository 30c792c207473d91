/**
 * Downloads a file several times over one connection, and drops the bytes inside the kernel: recv(2) with MSG_TRUNC takes
 * them off a TCP socket without copying them (tcp(7)), so that the client is never what is measured. The socket blocks;
 * nothing else happens in this process. Arguments: port, URI, times. Prints a DownloadResult as JSON.
 */
import { check } from '../../native/errno.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import { connect, MSG_TRUNC, recv, SOCK_STREAM, send, socket } from '../../native/socket.js';
import type { DownloadResult } from './download.js';
import { parseResponseHead } from './response.js';

const [port, uri, times] = process.argv.slice(2) as [string, string, string];

/** What one call takes at most: more than a socket's buffer holds. */
const largestCall = 1 << 30;
const block = new MemoryBlock(16 * 1024);

function sendRequest(fd: number): void {
  const text = `GET ${uri} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  block.bytes.latin1Write(text, 0, text.length);
  check(send(fd, block.address, text.length), 'send()');
}

function received(returned: number): number {
  if (check(returned, 'recv()') === 0) throw new Error('the server closed the connection too early');
  return returned;
}

/** Reads the head of a response, and as much of the body as comes with it. Gives the bytes of the body and those left. */
function readHead(fd: number): { length: number; left: number } {
  let filled = 0;
  for (;;) {
    filled += received(recv(fd, block.address + filled, block.size - filled));
    const head = parseResponseHead(block.bytes.latin1Slice(0, filled));
    if (head !== undefined) return { length: head.contentLength, left: head.contentLength - (filled - head.size) };
    if (filled === block.size) throw new Error(`the head of the response is longer than ${block.size} bytes`);
  }
}

function downloadOnce(fd: number): number {
  sendRequest(fd);
  const head = readHead(fd);
  let { left } = head;
  while (left > 0) left -= received(recv(fd, block.address, Math.min(left, largestCall), MSG_TRUNC));
  return head.length;
}

const fd = check(socket(AF_INET, SOCK_STREAM), 'socket()');
const address = new SocketAddress().setInternet('127.0.0.1', Number(port));
check(connect(fd, address), `connect() to 127.0.0.1:${port}`);
const start = performance.now();
let bytes = 0;
for (let count = Number(times); count > 0; count--) bytes += downloadOnce(fd);
const result: DownloadResult = { bytes, seconds: (performance.now() - start) / 1000 };
process.stdout.write(JSON.stringify(result));
