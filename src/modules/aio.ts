/** Files that never block the loop: the pools of threads, and who uses them. */
import type { ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { ConfigError } from '../conf/syntax.js';
import type { Config, LocationConfig } from '../conf/tree.js';
import { parseInteger } from '../conf/values.js';
import type { Module } from './module.js';
import { EVERYWHERE, invalidValue, row } from './rows.js';

/** What `thread_pool` says. */
export interface ThreadPool {
  readonly name: string;
  readonly threads: number;
  /** Jobs that may wait for a thread. */
  readonly maxQueue: number;
}

/** What `aio` says: the pool whose threads read, and where that is written. */
interface Aio {
  readonly pool: string;
  readonly file: string;
  readonly line: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    threadPools: readonly ThreadPool[];
    /** Null where the loop reads by itself. */
    aio: Aio | null;
  }
}

/** As nginx has it where nobody says anything else. */
const STANDARD_POOL: ThreadPool = { name: 'default', threads: 32, maxQueue: 65_536 };
/** Of all pools of a process together: what one library can have in flight. */
const MOST_THREADS = 256;

function parsePool(args: readonly string[], cx: ParseContext, before: readonly ThreadPool[] = []): ThreadPool[] {
  const [name, ...words] = args as [string, ...string[]];
  let threads = 0;
  let { maxQueue } = STANDARD_POOL;
  for (const word of words) {
    const [key, value = ''] = word.split('=', 2) as [string, string?];
    if (key === 'threads') {
      threads = parseInteger(value, 1) ?? cx.fail(`invalid threads value "${word}"`);
    } else if (key === 'max_queue') {
      maxQueue = parseInteger(value) ?? cx.fail(`invalid max_queue value "${word}"`);
    } else cx.fail(`invalid parameter "${word}"`);
  }
  if (threads === 0) cx.fail('"thread_pool" must have "threads" parameter');
  if (before.some(pool => pool.name === name)) cx.fail(`duplicate thread pool "${name}"`);
  const pools = [...before, { name, threads, maxQueue }];
  const sum = pools.reduce((total, pool) => total + pool.threads, 0);
  if (sum > MOST_THREADS) cx.fail(`"thread_pool": ${sum} threads in all, and ${MOST_THREADS} are the most`);
  return pools;
}

function parseAio(args: readonly string[], cx: ParseContext): Aio | null {
  const word = args[0]!;
  const { file, line } = cx.node;
  if (word === 'off') return null;
  if (word === 'on' || word === 'threads') return { pool: STANDARD_POOL.name, file, line };
  if (!word.startsWith('threads=')) return cx.fail(invalidValue('aio'));
  const pool = word.slice('threads='.length);
  if (pool.includes('$')) cx.fail(`"aio ${word}": variables are not built in this version`);
  return { pool, file, line };
}

/** Each setting of `aio` that is in force somewhere. */
function usersOf(config: Config): Aio[] {
  const found: Aio[] = [];
  const visit = ({ settings, locations }: { settings: Settings; locations: readonly LocationConfig[] }): void => {
    if (settings.aio !== null) found.push(settings.aio);
    for (const location of locations) visit(location);
  };
  for (const server of config.servers) visit(server);
  return found;
}

/**
 * The pools that a worker is to have: those that are configured, and the standard one where it is used.
 * @throws ConfigError where `aio` names a pool that there is none of
 */
export function threadPoolsOf(config: Config): readonly ThreadPool[] {
  const { threadPools } = config.main;
  const users = usersOf(config);
  for (const { pool, file, line } of users) {
    if (pool === STANDARD_POOL.name || threadPools.some(({ name }) => name === pool)) continue;
    throw new ConfigError(`unknown thread pool "${pool}"`, file, line);
  }
  const isMissing = !threadPools.some(({ name }) => name === STANDARD_POOL.name);
  const usesStandard = users.some(({ pool }) => pool === STANDARD_POOL.name);
  return isMissing && usesStandard ? [...threadPools, STANDARD_POOL] : threadPools;
}

export const aio: Module = {
  name: 'aio',
  directives: [
    row<'threadPools'>({
      name: 'thread_pool',
      key: 'threadPools',
      contexts: ['main'],
      args: [2, 3],
      repeatable: true,
      initial: [],
      default: 'default threads=32 max_queue=65536',
      doc: `A pool of threads that read files: threads=N, max_queue=M jobs that may wait. ${MOST_THREADS} threads in all.`,
      parse: parsePool,
    }),
    row<'aio'>({
      name: 'aio',
      key: 'aio',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: null,
      default: 'off',
      doc: 'threads, or threads=POOL: what is not in the page cache is read by threads. Unlike in nginx, on says the same as threads.',
      parse: parseAio,
    }),
  ],
};
