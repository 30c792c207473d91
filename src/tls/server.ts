import { openssl, opensslVersion } from '../../native/openssl.js';
import type { Settings } from '../conf/settings.js';
import type { CertificateCacheRules } from '../modules/ssl-certificates.js';
import { CertificateCache } from './certificate-cache.js';
import { TlsContext } from './context.js';
import { ServerNameCallbacks } from './names.js';
import { ResponderStaple, type StapleHost } from './responder-staple.js';
import { current } from './session.js';
import { SessionCacheCallbacks } from './session-cache.js';
import type { SessionStore } from './session-store.js';
import { StapleCallback } from './staple.js';
import { TicketCallback } from './tickets.js';
import { CertificateCallback } from './variable-certificates.js';

/** The part of a server's configuration that decides about its TLS. */
export interface TlsServerConfig {
  readonly settings: Settings;
  /** Where the block of the server is, for messages. */
  readonly file: string;
  readonly line: number;
}

/**
 * The contexts of all servers that have certificates: made when a process begins to serve, with the rights that reading keys takes.
 */
export class TlsServers {
  private readonly contexts = new Map<Settings, TlsContext>();
  /** With the places of the servers. */
  readonly warnings: string[] = [];
  /** Servers that have inherited one directive share its cache. */
  private readonly caches = new Map<CertificateCacheRules, CertificateCache>();

  /**
   * @param servers those with a certificate, or that refuse handshakes
   * @param ticketKey 80 bytes that all workers have
   * @param ktls whether the kernel can encrypt: else each handshake would ask it in vain
   * @param stores of sessions, by the names of `ssl_session_cache shared:NAME:SIZE`
   * @param host of responders that are asked; null in a process that does not serve
   * @throws Error with nginx's message, and the place of the server
   */
  constructor(
    servers: readonly TlsServerConfig[],
    ticketKey: Uint8Array,
    ktls: boolean,
    stores: ReadonlyMap<string, SessionStore>,
    host: StapleHost | null,
  ) {
    callbacks ??= makeCallbacks();
    try {
      for (const { settings, file, line } of servers) {
        const context = at(file, line, () => new TlsContext(settings, ticketKey, ktls, callbacks as Callbacks));
        this.contexts.set(settings, context);
        this.attend(context, settings, stores, host);
        for (const warning of context.warnings) this.warnings.push(`${warning} in ${file}:${line}`);
      }
    } catch (error) {
      this.free();
      throw error;
    }
  }

  of(settings: Settings): TlsContext | null {
    return this.contexts.get(settings) ?? null;
  }

  free(): void {
    for (const context of this.contexts.values()) {
      callbacks?.sessions.forget(context.pointer);
      context.free();
    }
    this.contexts.clear();
    for (const cache of this.caches.values()) cache.free();
    this.caches.clear();
  }

  /** Has OpenSSL call back for what a context needs. */
  private attend(
    context: TlsContext,
    settings: Settings,
    stores: ReadonlyMap<string, SessionStore>,
    host: StapleHost | null,
  ): void {
    const { names, certificates, sessions, staples, tickets } = callbacks as Callbacks;
    names.useFor(context);
    if (context.variableCertificates !== null) {
      context.variableCertificates.cache = this.cacheOf(settings);
      certificates.useFor(context);
    }
    if (context.staples.size > 0) staples.useFor(context);
    for (const staple of context.staples.values()) if (staple instanceof ResponderStaple) staple.host = host;
    const { sslSessionCache: cache } = settings;
    const store = cache.kind === 'shared' ? stores.get(cache.name) : undefined;
    if (store !== undefined) {
      sessions.useFor(context.pointer, store);
      // as nginx (1.23.2): what workers share anyway has keys that change
      if (settings.sslSessionTicketKey.length === 0) context.ticketKeys = store.ticketKeys(settings.sslSessionTimeout);
    }
    if (context.ticketKeys !== null) tickets.useFor(context);
  }

  private cacheOf({ sslCertificateCache: rules }: Settings): CertificateCache | null {
    if (rules === null) return null;
    const cache = this.caches.get(rules) ?? new CertificateCache(rules);
    this.caches.set(rules, cache);
    return cache;
  }
}

/** Of this process: made once, since they are never let go of. */
let callbacks: Callbacks | null = null;
type Callbacks = ReturnType<typeof makeCallbacks>;

function makeCallbacks() {
  const { onAlpn, onVerify } = openssl();
  // a certificate that is not good is no reason to end the handshake: the answer to the request says so
  const verify = onVerify(() => 1);
  const sessions = new SessionCacheCallbacks(() => current?.context.pointer ?? 0);
  return {
    alpn: onAlpn('http/1.1'),
    verify,
    names: new ServerNameCallbacks(),
    certificates: new CertificateCallback(),
    sessions,
    tickets: new TicketCallback(),
    staples: new StapleCallback(),
  };
}

function at<T>(file: string, line: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${(error as Error).message} in ${file}:${line}`, { cause: error });
  }
}

/**
 * Why the kernel cannot encrypt; '' where it can, as far as one can say before a handshake.
 * @param isInKernel whether the kernel has its part of it
 */
export function whyNoKtls(isInKernel: boolean): string {
  const { library } = openssl();
  if (library === 'node') return 'the OpenSSL within Node is built without it, and there is no libssl.so.3';
  if (!isInKernel) return 'the kernel module "tls" is not there: modprobe tls';
  return '';
}

/** The notice at the start. */
export function tlsNotice(isInKernel: boolean): string {
  const why = whyNoKtls(isInKernel);
  const how = why === '' ? 'the kernel can encrypt (kTLS), where it knows the cipher' : `no kTLS: ${why}`;
  return `TLS by ${opensslVersion()}; ${how}`;
}
