import { ENOTCONN } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { AF_INET } from '../../native/sockaddr.js';
import { SOCK_CLOEXEC, SOCK_STREAM, setUpperProtocol, socket } from '../../native/socket.js';
import type { StapleHost } from '../tls/responder-staple.js';
import { TlsServers, tlsNotice, whyNoKtls } from '../tls/server.js';
import type { SessionStore } from '../tls/session-store.js';
import type { Runtime } from './runtime.js';

/**
 * Loads the certificates and keys of a configuration, with the rights that reading them takes.
 * @param ticketKey 80 bytes that all workers have
 * @param stores of sessions, by their names
 * @param host of responders that are asked; null in a process that does not serve
 * @returns null where no server listens for HTTPS
 * @throws Error with nginx's message
 */
export function openTls(
  { tlsServers }: Runtime,
  ticketKey: Uint8Array,
  stores: ReadonlyMap<string, SessionStore>,
  host: StapleHost | null,
): TlsServers | null {
  if (tlsServers.length === 0) return null;
  const opened = new TlsServers(
    tlsServers.map(({ config }) => config),
    ticketKey,
    canUseKtls(),
    stores,
    host,
  );
  for (const server of tlsServers) server.tls = opened.of(server.config.settings);
  return opened;
}

/** Whether they can be loaded. @returns what is worth a warning. @throws Error likewise */
export function checkTls(runtime: Runtime): readonly string[] {
  const opened = openTls(runtime, new Uint8Array(80), new Map(), null);
  opened?.free();
  return opened?.warnings ?? [];
}

/** What there is to say of TLS at the start: which library, and whether the kernel can encrypt. */
export function describeTls(): string {
  return tlsNotice(isInKernel());
}

/** Whether the kernel can encrypt; what a connection comes to depends on its cipher as well. */
export function canUseKtls(): boolean {
  return whyNoKtls(isInKernel()) === '';
}

/** Whether the kernel has its part of TLS. A socket that is not connected is told so, and by that the module is loaded. */
function isInKernel(): boolean {
  const fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC);
  if (fd < 0) return false;
  const result = setUpperProtocol(fd, 'tls');
  close(fd);
  return result === -ENOTCONN;
}
