/**
 * A small program that makes kernel calls through native/, for the tests of the ledger: `ledger-program.js SCENE FOLDER`.
 * Prints what came back as JSON.
 */
import { statSync } from 'node:fs';
import { MessageList, recvmmsg, sendmmsg } from '../../native/datagrams.js';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLIN,
  EPOLLOUT,
  EventList,
  epollControl,
  epollCreate,
} from '../../native/epoll.js';
import { eventfd, eventfdSignal, eventfdTake } from '../../native/eventfd.js';
import {
  close,
  FileStatus,
  fadvise,
  O_CREAT,
  O_RDWR,
  openAt,
  pread,
  pwritev,
  read,
  statPath,
  write,
} from '../../native/file.js';
import { IoVec } from '../../native/iovec.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import {
  bindSocket,
  connect,
  getOption,
  getSocketName,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  recv,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  send,
  setOption,
  socket,
  TCP_NODELAY,
  writev,
} from '../../native/socket.js';
import { timerfd, timerfdSet } from '../../native/timerfd.js';
import { sendfile } from '../../native/transfer.js';
import { connectPair } from './support.js';

const [scene, folder] = process.argv.slice(2);
const ledgerSize = () => statSync(process.env.ZEROCOPY_LEDGER as string).size;

function files(): number[] {
  const block = new MemoryBlock(256);
  block.bytes.latin1Write('\0"\xfc0123456789 0123456789 0123456789', 0);
  const fd = openAt(`${folder}/f`, O_RDWR | O_CREAT, 0o600);
  return [
    fd,
    write(fd, block.address, 36),
    pread(fd, block.address, 256, 3),
    read(fd, block.address, 256),
    fadvise(-1, 0, 0, 0),
    statPath(`${folder}/none`, new FileStatus()),
    openAt(`${folder}/none`, 0),
    close(fd),
    read(fd, block.address, 1),
  ];
}

function sockets(): number[] {
  const pair = connectPair('127.0.0.1');
  const file = openAt(`${folder}/f`, 0);
  const block = new MemoryBlock(256);
  block.bytes.latin1Write('head', 0);
  const parts = new IoVec(4);
  parts.push(block.address, 4);
  parts.push(block.address + 4, 96);
  const returned = [
    writev(pair.server, parts),
    send(pair.server, block.address, 4),
    sendfile(pair.server, file, 2, 10),
    recv(pair.server, block.address, 256),
    recv(pair.client, block.address, 256),
    setOption(pair.server, IPPROTO_TCP, TCP_NODELAY, 1),
    getOption(pair.server, IPPROTO_TCP, TCP_NODELAY) > 0 ? 1 : 0,
  ];
  pair.close();
  return returned;
}

function datagrams(): number[] {
  const address = new SocketAddress().setInternet('127.0.0.1', 0);
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
  const file = openAt(`${folder}/f`, O_RDWR | O_CREAT, 0o600);
  const block = new MemoryBlock(256);
  const list = new MessageList(2, 3);
  list.setPart(0, block.address, 4);
  list.setPart(1, block.address, 96);
  list.setPart(2, block.address, 10);
  list.setMessage(0, 0, 2);
  list.setMessage(1, 2, 1);
  const parts = new IoVec(2);
  parts.push(block.address, 4);
  parts.push(block.address, 3);
  bindSocket(fd, address);
  getSocketName(fd, address);
  connect(fd, address);
  const timer = timerfd();
  return [
    sendmmsg(fd, list, 0, 2, MSG_NOSIGNAL),
    recvmmsg(fd, list, 1, 1, 0),
    pwritev(file, parts, 5),
    timerfdSet(timer, 1),
  ];
}

function waits(): number[] {
  const epoll = epollCreate();
  const events = new EventList(4);
  const fd = eventfd();
  return [
    epollControl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT, 7),
    eventfdSignal(fd),
    events.wait(epoll, 0),
    ledgerSize(),
    events.wait(epoll, 1000),
    ledgerSize(),
    eventfdTake(fd),
    eventfdTake(fd),
    epollControl(epoll, EPOLL_CTL_DEL, fd, 0, 0),
  ];
}

/** The most that the ledger has held back in memory: what one wait and the end are not needed for. */
function many(): number[] {
  const block = new MemoryBlock(256);
  for (let count = 0; count < 3000; count++) pread(-1, block.address, 256, count);
  return [ledgerSize()];
}

/** koffi's own functions can be called in the background as well. */
const scenes: Record<string, () => number[]> = { files, sockets, datagrams, waits, many };
process.stdout.write(JSON.stringify(scenes[scene]()));
