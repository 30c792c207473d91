/** What memory of all workers is used for: each use has names of its own kind of content. */
export type ZoneUse = 'ssl_session_cache' | 'limit_req' | 'limit_conn';

/** Memory that all workers share, under a name of the configuration. */
export class Zone {
  /** What the server has mapped there; null until it serves. */
  memory: ArrayBuffer | null = null;
  /** What its content depends on beside its use: a reload keeps it as long as this stays the same. */
  content = '';

  constructor(
    readonly name: string,
    readonly use: ZoneUse,
    /** Bytes, as the configuration has them; 0 until a directive says it. */
    public size: number,
  ) {}
}

/** The zones that a configuration names. They may be used above the directive that gives them their size. */
export class Zones {
  private readonly byName = new Map<string, Zone>();

  get all(): Zone[] {
    return [...this.byName.values()];
  }

  /** @param size 0 where the directive only uses the zone @returns the zone, or nginx's complaint */
  find(name: string, use: ZoneUse, size: number): Zone | string {
    const zone = this.byName.get(name) ?? new Zone(name, use, size);
    this.byName.set(name, zone);
    if (zone.use !== use) return `the shared memory zone "${name}" is already declared for a different use`;
    if (zone.size === 0) zone.size = size;
    if (size === 0 || size === zone.size) return zone;
    return `the size ${size} of shared memory zone "${name}" conflicts with already declared size ${zone.size}`;
  }
}
