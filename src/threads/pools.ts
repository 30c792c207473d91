import { ThreadPool } from './pool.js';

/** The thread pools of a worker, by name. */
export class ThreadPools {
  private readonly pools: ReadonlyMap<string, ThreadPool>;

  constructor(settings: readonly { readonly name: string; readonly threads: number; readonly maxQueue: number }[]) {
    this.pools = new Map(
      settings.map(({ name, threads, maxQueue }) => [name, new ThreadPool(name, threads, maxQueue)]),
    );
  }

  /** @throws Error where the configuration has none of this name, which its check has made sure of */
  find(name: string): ThreadPool {
    const pool = this.pools.get(name);
    if (pool === undefined) throw new Error(`unknown thread pool "${name}"`);
    return pool;
  }
}
