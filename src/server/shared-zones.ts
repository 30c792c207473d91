import { SystemError } from '../../native/errno.js';
import { close, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, fallocate, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';
import type { Zone, ZoneUse } from '../conf/zones.js';
import { headSize } from '../modules/limit-table.js';
import { sessionsIn } from '../modules/ssl.js';
import { SessionStore } from '../tls/session-store.js';

/** Memory of a zone of the configuration (`limit_req_zone`, `ssl_session_cache`), as it is handed to a worker. */
export interface SharedZone {
  readonly name: string;
  readonly use: ZoneUse;
  /** What is in it: memory with another content is other memory. */
  readonly content: string;
  /** Bytes. */
  readonly size: number;
  readonly fd: number;
}

/** A master's zones. They outlive a reload, as far as they stay what they are: a reload ends no session, and forgets no limit. */
export class SharedZones {
  private zones: readonly SharedZone[] = [];

  /** Those of a configuration: what there is already, and new ones. @throws SystemError */
  prepare(zones: readonly Zone[]): readonly SharedZone[] {
    const found = zones.map(zone => {
      const { name, use, content } = zone;
      const size = memorySize(zone);
      const known = this.zones.find(
        each => each.name === name && each.use === use && each.content === content && each.size === size,
      );
      return known ?? { name, use, content, size, fd: makeMemory(size) };
    });
    this.zones = [...new Set([...this.zones, ...found])];
    return found;
  }

  /**
   * A worker has died, and took with it what its requests held of limits. Nobody can give that back, so all is let go: for as long as the
   * requests of the other workers last, more may be in progress than a limit says. (nginx goes on to count what is no more.)
   */
  releaseHeld(): void {
    for (const { use, fd, size } of this.zones) {
      if (use !== 'limit_conn') continue;
      fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, headSize, size - headSize);
    }
  }

  /** Lets go of all but these. What workers have mapped stays theirs. */
  keepOnly(zones: readonly SharedZone[]): void {
    for (const zone of this.zones) if (!zones.includes(zone)) close(zone.fd);
    this.zones = zones;
  }
}

/** In a worker: maps the zones that it was handed. The descriptors are closed. @throws SystemError */
export function openZones(zones: readonly Zone[], shared: readonly SharedZone[]): void {
  for (const { name, size, fd } of shared) {
    const memory = mapShared(fd, size);
    close(fd);
    if (typeof memory === 'number') throw new SystemError('mmap()', -memory);
    const zone = zones.find(each => each.name === name);
    if (zone !== undefined) zone.memory = memory;
  }
}

/** For a server of one process. */
export function openOwnZones(zones: readonly Zone[]): void {
  for (const zone of zones) zone.memory = new ArrayBuffer(memorySize(zone));
}

/** Those that hold sessions of TLS, by their names. */
export function sessionStores(zones: readonly Zone[]): Map<string, SessionStore> {
  const open = zones.filter(({ use, memory }) => use === 'ssl_session_cache' && memory !== null);
  return new Map(open.map(({ name, memory }) => [name, new SessionStore(memory as ArrayBuffer)]));
}

function memorySize({ use, size }: Zone): number {
  return use === 'ssl_session_cache' ? SessionStore.sizeFor(sessionsIn(size)) : size;
}

function makeMemory(size: number): number {
  const fd = memfdCreate('zerocopy-zone');
  if (fd < 0) throw new SystemError('memfd_create()', -fd);
  const result = ftruncate(fd, size);
  if (result < 0) throw new SystemError('ftruncate()', -result);
  return fd;
}
