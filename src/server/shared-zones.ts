import { SystemError } from '../../native/errno.js';
import { close, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';
import type { Zone } from '../conf/zones.js';
import { sessionsIn } from '../modules/ssl.js';
import { SessionStore } from '../tls/session-store.js';

/** Memory of a zone of the configuration (`limit_req_zone`, `ssl_session_cache`), as it is handed to a worker. */
export interface SharedZone {
  readonly name: string;
  /** What it is for: memory with another content is other memory. */
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
      const { name } = zone;
      const size = memorySize(zone);
      const content = `${zone.use} ${zone.content}`;
      const known = this.zones.find(each => each.name === name && each.size === size && each.content === content);
      return known ?? { name, content, size, fd: makeMemory(size) };
    });
    this.zones = [...new Set([...this.zones, ...found])];
    return found;
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
