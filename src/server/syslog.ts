import { hostname } from 'node:os';
import { EAGAIN, ECONNREFUSED, EINTR, ENOENT } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { resolveHost } from '../../native/resolve.js';
import { SocketAddress } from '../../native/sockaddr.js';
import { connect, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, send, socket } from '../../native/socket.js';
import type { SyslogServer } from '../conf/directive.js';
import { ConfigError } from '../conf/syntax.js';
import { syslogDate } from '../http/dates.js';
import { Complaints } from './complaints.js';

/** What one datagram can hold (udp(7)). */
const longest = 65_507;
const message = new MemoryBlock(longest);
const largestPart = 255;

/**
 * A log that is sent to a syslog server, a datagram a line (RFC 3164). Nothing waits for it: a line that the socket does not take is lost,
 * as with nginx, and counted.
 */
export class SyslogLog {
  private fd = -1;
  private readonly address: SocketAddress;
  private readonly from: string;
  readonly complaints: Complaints;

  /** @throws ConfigError where nobody knows the host */
  constructor(private readonly server: SyslogServer) {
    this.address = addressOf(server);
    const host = hostname().slice(0, largestPart);
    this.from = `${server.namesHost ? `${host} ` : ''}${server.tag}: `;
    const name = server.port === 0 ? `unix:${server.host}` : `${server.host}:${server.port}`;
    this.complaints = new Complaints('send() failed', ` while logging to syslog, server: ${name}`);
  }

  /** @param line a byte string, with its newline, which is not sent */
  write(line: string, severity = this.server.severity): void {
    const head = `<${this.server.facility * 8 + severity}>${syslogDate(Date.now())} ${this.from}`;
    const text = head + (line.endsWith('\n') ? line.slice(0, -1) : line);
    const length = Math.min(text.length, longest);
    message.bytes.latin1Write(text, 0, length);
    let sent = this.send(length);
    if (sent === -ECONNREFUSED || sent === -ENOENT) {
      // over the network it is the line before that was refused; a unix socket may be that of a server that was started anew
      if (this.server.port !== 0) this.complaints.lose(-sent);
      sent = this.send(length);
    }
    if (sent < 0) this.complaints.lose(-sent);
  }

  close(): void {
    if (this.fd >= 0) close(this.fd);
    this.fd = -1;
  }

  private send(length: number): number {
    if (this.fd < 0) {
      const opened = this.open();
      if (opened < 0) return opened;
    }
    const sent = send(this.fd, message.address, length);
    if (sent < 0 && sent !== -EAGAIN && sent !== -EINTR) this.close();
    return sent;
  }

  private open(): number {
    const fd = socket(this.address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return fd;
    const connected = connect(fd, this.address);
    if (connected < 0) close(fd);
    else this.fd = fd;
    return connected;
  }
}

function addressOf({ host, port, file, line }: SyslogServer): SocketAddress {
  const address = new SocketAddress();
  if (port === 0) return address.setUnix(host);
  const [found] = resolveHost(host);
  if (found === undefined) throw new ConfigError(`host not found in syslog server "${host}"`, file, line);
  return address.setInternet(found, port);
}
