import { createCipheriv, createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSelfSigned } from '../tls/self-signed.js';
import type { PairPaths } from './secured.js';

/** The files that are served, by their names. */
export const fileSizes = {
  '1k.bin': 1024,
  '64k.bin': 64 * 1024,
  '1m.bin': 1024 * 1024,
  '100m.bin': 100_000_000,
  '1g.bin': 1_000_000_000,
} as const;

export type FileName = keyof typeof fileSizes;

/** Bytes that are written at once. */
const step = 4 * 2 ** 20;
/** What the disk must have left beyond the files. */
const spare = 200e6;

/** The folder of one run: the files that are served, and the servers' own folders. It goes with this process. */
export class Workplace {
  /** With its slash. */
  readonly folder = `${mkdtempSync(join(tmpdir(), 'zerocopy-bench-'))}/`;
  /** The document root, without one. */
  readonly root = `${this.folder}files`;
  private readonly hashes = new Map<FileName, string>();
  private paths: PairPaths | undefined;
  private readonly removeAtExit = () => this.remove();

  constructor() {
    process.on('exit', this.removeAtExit);
    mkdirSync(this.root);
    // a server that root starts may run as somebody else
    for (const path of [this.folder, this.root]) chmodSync(path, 0o755);
  }

  /**
   * Writes a file, unless it is there. It is written now, so it is in the page cache.
   * @throws Error where there is no room; the signal's reason when that is aborted
   */
  async make(name: FileName, signal: AbortSignal): Promise<void> {
    if (this.hashes.has(name)) return;
    const size = fileSizes[name];
    const { bavail, bsize } = statfsSync(this.folder);
    if (bavail * bsize < size + spare) {
      throw new Error(`no room for ${name} in ${tmpdir()}: give another folder in TMPDIR, or leave its workload out`);
    }
    this.hashes.set(name, await writeRandom(`${this.root}/${name}`, size, signal));
  }

  /** The SHA-256 of a file that was made. */
  sha256(name: FileName): string {
    return this.hashes.get(name) ?? '';
  }

  /** The SHA-256 of a part of it. */
  sha256Of(name: FileName, start: number, length: number): string {
    const part = Buffer.alloc(length);
    const fd = openSync(`${this.root}/${name}`, 'r');
    try {
      readSync(fd, part, 0, length, start);
    } finally {
      closeSync(fd);
    }
    return createHash('sha256').update(part).digest('hex');
  }

  /** A certificate and its key, made when they are first asked for. @throws Error with OpenSSL's words */
  get pair(): PairPaths {
    this.paths ??= this.makePair();
    return this.paths;
  }

  private makePair(): PairPaths {
    const paths = { certificate: `${this.folder}certificate.pem`, key: `${this.folder}key.pem` };
    const { certificate, key } = makeSelfSigned(['localhost', '127.0.0.1'], 2);
    writeFileSync(paths.certificate, certificate);
    writeFileSync(paths.key, key, { mode: 0o600 });
    return paths;
  }

  remove(): void {
    process.off('exit', this.removeAtExit);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The key stream of AES: no part of it is like another. @returns its SHA-256 */
async function writeRandom(path: string, size: number, signal: AbortSignal): Promise<string> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'zerocopy'), Buffer.alloc(16));
  const zeros = Buffer.alloc(step);
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o644);
  try {
    for (let left = size; left > 0; left -= step) {
      signal.throwIfAborted();
      const part = stream.update(zeros.subarray(0, Math.min(step, left)));
      hash.update(part);
      await file.writeFile(part);
    }
    // the kernel would else write it back while something is measured
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
