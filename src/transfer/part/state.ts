import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { EIO } from '../../../native/errno.js';
import { close, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY, openAt, renameAt2, write } from '../../../native/file.js';
import { addressOf } from '../../../native/memory.js';
import type { Range } from '../ranges.js';
import { uninterrupted } from './calls.js';
import { nodePath, type PartNames } from './names.js';

/** What tells one version of a source from another: its size, and whatever the source says of itself (mtime, ETag). */
export interface SourceIdentity {
  /** Bytes; null where nobody knows yet. */
  readonly size: number | null;
  /** Empty where the source says nothing of itself: then nothing is resumed. */
  readonly version: string;
}

/** What is known of a part: which version of the source it is of, and which of its bytes are right. */
export interface PartState {
  readonly identity: SourceIdentity;
  readonly ranges: readonly Range[];
}

/** Stands in the file, for those that another version of this program will write. */
const format = 'zerocopy part 1';
/** A state of a million ranges; what is larger is no state. */
const largest = 64 * 2 ** 20;

/** One line of JSON. */
export function stateText({ identity, ranges }: PartState): string {
  const pairs = ranges.map(({ start, end }) => [start, end]);
  return `${JSON.stringify({ format, size: identity.size, version: identity.version, ranges: pairs })}\n`;
}

/** @returns null for what is no state */
export function parseState(text: string): PartState | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { format: its, size, version, ranges } = value as Record<string, unknown>;
  if (its !== format || typeof version !== 'string' || !Array.isArray(ranges)) return null;
  if (size !== null && !isPlace(size)) return null;
  const parsed = ranges.map(parseRange);
  if (!parsed.every(range => range !== null)) return null;
  return { identity: { size, version }, ranges: parsed };
}

function parseRange(value: unknown): Range | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [start, end]: unknown[] = value;
  return isPlace(start) && isPlace(end) && start < end ? { start, end } : null;
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** @returns undefined where there is none, null where it cannot be read or is none */
export function readState(path: string): PartState | null | undefined {
  let fd: number;
  try {
    fd = openSync(nodePath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null;
  }
  try {
    const status = fstatSync(fd);
    return status.isFile() && status.size <= largest ? parseState(readFileSync(fd, 'utf8')) : null;
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces the state in one step, so that at every moment a whole one is there. It is not synced: a process that is killed leaves
 * the page cache as it is; after a power failure the state may be ahead of the bytes.
 * @returns 0 or the negative errno; then the state before it is still there
 */
export function writeState(names: PartNames, state: PartState): number {
  const fd = openAt(names.newState, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  if (fd < 0) return fd;
  const written = writeAll(fd, Buffer.from(stateText(state), 'utf8'));
  const closed = close(fd);
  if (written < 0) return written;
  if (closed < 0) return closed;
  return uninterrupted(() => renameAt2(names.newState, names.state, 0));
}

function writeAll(fd: number, bytes: Buffer): number {
  const address = addressOf(bytes);
  for (let done = 0; done < bytes.length; ) {
    const returned = uninterrupted(() => write(fd, address + done, bytes.length - done));
    if (returned <= 0) return returned === 0 ? -EIO : returned;
    done += returned;
  }
  return 0;
}
