import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler, run } from '../tools/programs.js';

/**
 * The C loop over the same system calls, options and block size, that the tables hold this program against. Its source is in
 * the repository's tests, and is compiled where there is a compiler.
 */

/** All sizes in bytes. */
export interface CLoopOptions {
  /** The file to send. */
  readonly path: string;
  readonly mode: 'sendfile' | 'read-write';
  readonly offset: 'moving' | 'fixed';
  readonly block: number;
  /** Of what is sent: with a fixed offset it may be more than the file has. */
  readonly size: number;
  readonly sndbuf?: number;
  readonly rcvbuf?: number;
  /** `discard` where none is given. */
  readonly sink?: 'discard' | 'memory' | 'store-rw' | 'store-splice';
  /** Where the two that store do so. */
  readonly output?: string;
}

export interface CLoopFigures {
  readonly bytes: number;
  /** From the first byte received to the last. */
  readonly seconds: number;
  /** 10^9 bits a second. */
  readonly gbps: number;
  /** CPU seconds. */
  readonly senderUser: number;
  readonly senderSystem: number;
  readonly receiverUser: number;
  readonly receiverSystem: number;
}

const compileTimeout = 60_000;

/** The compiled loop, in a folder of its own that is gone with the process, or with `remove`. */
export class CLoop {
  readonly program: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'zerocopy-c-loop-'));
  private readonly clean = () => this.remove();

  constructor(
    readonly compiler: string,
    readonly source: string,
  ) {
    this.program = join(this.folder, 'c-loop');
    process.once('exit', this.clean);
  }

  /** @throws Error with what the compiler says */
  async compile(signal: AbortSignal): Promise<void> {
    await run(this.compiler, ['-O2', '-o', this.program, this.source], compileTimeout, signal);
  }

  /** The command line, as one would type it. */
  static wordsOf({ path, ...options }: CLoopOptions): string[] {
    return [path, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
  }

  /**
   * Sends once.
   * @param timeout milliseconds after which it is ended
   * @throws Error with what it says when it fails, or takes too long; the abort's reason
   */
  async run(options: CLoopOptions, timeout: number, signal: AbortSignal): Promise<CLoopFigures> {
    return JSON.parse(await run(this.program, CLoop.wordsOf(options), timeout, signal)) as CLoopFigures;
  }

  remove(): void {
    process.off('exit', this.clean);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Compiles the loop.
 * @param path folders as in $PATH, where a compiler is looked for
 * @returns it, or why there is none
 */
export async function findCLoop(signal = new AbortController().signal, path?: string): Promise<CLoop | string> {
  const source = join(packageFolder(), 'test', 'experiments', 'c-loop.c');
  if (!existsSync(source)) return `no loop in C: its source is in the repository only, not in the package (${source})`;
  const compiler = findCompiler(path);
  if (compiler === undefined) return 'no loop in C: no compiler is installed (cc, gcc or clang)';
  const loop = new CLoop(compiler, source);
  try {
    await loop.compile(signal);
    return loop;
  } catch (error) {
    loop.remove();
    signal.throwIfAborted();
    return `no loop in C: it does not compile: ${(error as Error).message}`;
  }
}

/** Where package.json is. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}
