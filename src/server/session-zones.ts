import { SystemError } from '../../native/errno.js';
import { close, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';
import { ConfigError } from '../conf/syntax.js';
import type { TlsServerConfig } from '../tls/server.js';
import { SessionStore } from '../tls/session-store.js';

/** Memory for sessions (`ssl_session_cache shared:NAME:SIZE`), as it is handed to a worker. */
export interface SessionZone {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly fd: number;
}

/**
 * The zones that a configuration names: their sizes by their names.
 * @throws ConfigError where one name has two sizes
 */
export function zoneSizes(servers: readonly TlsServerConfig[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { settings, file, line } of servers) {
    const { sslSessionCache: cache } = settings;
    if (cache.kind !== 'shared') continue;
    const size = SessionStore.sizeFor(cache.sessions);
    const known = sizes.get(cache.name) ?? size;
    if (known !== size) {
      const message = `the size of shared memory zone "${cache.name}" conflicts with already declared size`;
      throw new ConfigError(message, file, line);
    }
    sizes.set(cache.name, size);
  }
  return sizes;
}

/** A master's zones. They outlive a reload, as far as their sizes stay what they are: a reload ends no session. */
export class SessionZones {
  private zones: readonly SessionZone[] = [];

  /** Those of a configuration: what there is already, and new ones. @throws SystemError, ConfigError */
  prepare(servers: readonly TlsServerConfig[]): readonly SessionZone[] {
    const found = [...zoneSizes(servers)].map(
      ([name, size]) =>
        this.zones.find(zone => zone.name === name && zone.size === size) ?? { name, size, fd: makeMemory(size) },
    );
    this.zones = [...new Set([...this.zones, ...found])];
    return found;
  }

  /** Lets go of all but these. What workers have mapped stays theirs. */
  keepOnly(zones: readonly SessionZone[]): void {
    for (const zone of this.zones) if (!zones.includes(zone)) close(zone.fd);
    this.zones = zones;
  }
}

/** In a worker: the zones that it was handed. The descriptors are closed. @throws SystemError */
export function openStores(zones: readonly SessionZone[]): Map<string, SessionStore> {
  return new Map(
    zones.map(({ name, size, fd }) => {
      const memory = mapShared(fd, size);
      close(fd);
      if (typeof memory === 'number') throw new SystemError('mmap()', -memory);
      return [name, new SessionStore(memory)];
    }),
  );
}

/** For a server of one process. */
export function ownStores(servers: readonly TlsServerConfig[]): Map<string, SessionStore> {
  return new Map([...zoneSizes(servers)].map(([name, size]) => [name, new SessionStore(new ArrayBuffer(size))]));
}

function makeMemory(size: number): number {
  const fd = memfdCreate('zerocopy-sessions');
  if (fd < 0) throw new SystemError('memfd_create()', -fd);
  const result = ftruncate(fd, size);
  if (result < 0) throw new SystemError('ftruncate()', -result);
  return fd;
}
