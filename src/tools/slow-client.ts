/**
 * Many clients in one process, each of which takes a file at a steady, slow pace. Arguments: port, URI, clients, bytes a
 * second for each, seconds. Prints "connected" when all have their first bytes, and at the end, which SIGTERM brings about too, a
 * SlowResult as JSON.
 */
import { check, EAGAIN } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { getLimit, RLIMIT_NOFILE, setLimit } from '../../native/process.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import {
  connect,
  MSG_DONTWAIT,
  MSG_TRUNC,
  recv,
  SO_RCVBUF,
  SOCK_STREAM,
  SOL_SOCKET,
  send,
  setOption,
  socket,
} from '../../native/socket.js';

export interface SlowResult {
  /** Clients whose connection the server has kept to the end. */
  readonly alive: number;
  /** Bytes that the slowest and the fastest client got, and all together. */
  readonly least: number;
  readonly most: number;
  readonly total: number;
}

const [port, uri, count, pace, seconds] = process.argv.slice(2) as [string, string, string, string, string];

/** How often each client reads (ms). */
const interval = 100;
/** Small, so that what is not read waits at the server's side. */
const receiveBuffer = 32 * 1024;

const block = new MemoryBlock(4096);
const portion = Math.ceil((Number(pace) * interval) / 1000);

interface Client {
  readonly fd: number;
  received: number;
  alive: boolean;
}

function open(address: SocketAddress): Client {
  const fd = check(socket(AF_INET, SOCK_STREAM), 'socket()');
  setOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
  check(connect(fd, address), `connect() to 127.0.0.1:${port}`);
  const text = `GET ${uri} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  block.bytes.latin1Write(text, 0, text.length);
  check(send(fd, block.address, text.length), 'send()');
  return { fd, received: 0, alive: true };
}

/** MSG_TRUNC drops the bytes in the kernel: this process must not be what is slow. */
function readPortion(client: Client): void {
  if (!client.alive) return;
  const returned = recv(client.fd, block.address, portion, MSG_TRUNC | MSG_DONTWAIT);
  if (returned > 0) client.received += returned;
  else if (returned !== -EAGAIN) client.alive = false;
}

function main(): void {
  const { hard } = getLimit(RLIMIT_NOFILE);
  setLimit(RLIMIT_NOFILE, hard, hard);
  const address = new SocketAddress().setInternet('127.0.0.1', Number(port));
  const clients = Array.from({ length: Number(count) }, () => open(address));
  let announced = false;
  const timer = setInterval(() => {
    for (const client of clients) readPortion(client);
    if (!announced && clients.every(client => client.received > 0)) {
      announced = true;
      process.stdout.write('connected\n');
    }
  }, interval);
  const end = () => {
    clearTimeout(limit);
    clearInterval(timer);
    const received = clients.map(client => client.received);
    const result: SlowResult = {
      alive: clients.filter(client => client.alive).length,
      least: Math.min(...received),
      most: Math.max(...received),
      total: received.reduce((sum, each) => sum + each, 0),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    for (const { fd } of clients) close(fd);
  };
  const limit = setTimeout(end, Number(seconds) * 1000);
  process.once('SIGTERM', end);
}

main();
