import { readFileSync } from 'node:fs';
import { TlsServers, tlsNotice, whyNoKtls } from '../tls/server.js';
import type { SessionStore } from '../tls/session-store.js';
import type { Runtime } from './runtime.js';
import { zoneSizes } from './session-zones.js';

/**
 * Loads the certificates and keys of a configuration, with the rights that reading them takes.
 * @param ticketKey 80 bytes that all workers have
 * @param stores of sessions, by their names
 * @returns null where no server listens for HTTPS
 * @throws Error with nginx's message
 */
export function openTls(
  { tlsServers }: Runtime,
  ticketKey: Uint8Array,
  stores: ReadonlyMap<string, SessionStore>,
): TlsServers | null {
  if (tlsServers.length === 0) return null;
  const opened = new TlsServers(
    tlsServers.map(({ config }) => config),
    ticketKey,
    stores,
  );
  for (const server of tlsServers) server.tls = opened.of(server.config.settings);
  return opened;
}

/** Whether they can be loaded. @throws Error likewise */
export function checkTls(runtime: Runtime): void {
  zoneSizes(runtime.tlsServers.map(({ config }) => config));
  openTls(runtime, new Uint8Array(80), new Map())?.free();
}

/** What there is to say of TLS at the start: which library, and whether the kernel can encrypt. */
export function describeTls(): string {
  return tlsNotice(availableUlp());
}

/** Whether the kernel has what encrypting takes; what a connection comes to depends on its cipher as well. */
export function kernelHasTls(): boolean {
  return whyNoKtls(availableUlp()) === '';
}

/** The kernel's list of what can be put upon TCP. */
function availableUlp(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_available_ulp', 'latin1');
  } catch {
    // a kernel without any
    return '';
  }
}
