import type { EventLoop } from '../../event/loop.js';
import { type Algorithm, checksumOf } from '../checksum.js';
import { mostParts, type Part } from '../protocol.js';
import type { Range } from '../ranges.js';

/** Bytes that a checksum is for, at least: where one differs, so many are sent again. */
const leastPart = 64 * 1024 * 1024;
/** More stretches than this are not told of: there would be no room to cut the others into parts. */
export const mostStretches = mostParts / 2;

/**
 * Cuts what is there of a file into parts, each of which gets a checksum: of 64 MiB, or larger ones where there would be too many
 * for one message.
 * @param ranges not more than `mostStretches`
 */
export function cut(ranges: readonly Range[]): Range[] {
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const size = Math.max(leastPart, Math.ceil(total / mostStretches));
  const parts: Range[] = [];
  for (const { start, end } of ranges) {
    for (let at = start; at < end; at += size) parts.push({ start: at, end: Math.min(end, at + size) });
  }
  return parts;
}

/** The session that the checksums are for. */
export interface PartsHost {
  readonly loop: EventLoop;
  guard<T>(promise: Promise<T>): Promise<T>;
  /** Bytes have been looked at. */
  looked(bytes: number): void;
}

/**
 * @param fd open for reading
 * @throws TransferError (kind store), or what ends the session meanwhile
 */
export async function withChecksums(
  host: PartsHost,
  fd: number,
  algorithm: Algorithm,
  ranges: readonly Range[],
): Promise<Part[]> {
  const { loop } = host;
  const parts: Part[] = [];
  for (const range of ranges) {
    parts.push({ ...range, checksum: await host.guard(checksumOf(fd, algorithm, range, { loop })) });
    host.looked(range.end - range.start);
  }
  return parts;
}

/**
 * Which parts of a file have other checksums.
 * @param fd open for reading
 * @throws TransferError (kind source), or what ends the session meanwhile
 */
export async function differing(
  host: PartsHost,
  fd: number,
  algorithm: Algorithm,
  parts: readonly Part[],
): Promise<Range[]> {
  const { loop } = host;
  const wrong: Range[] = [];
  for (const { start, end, checksum } of parts) {
    const own = await host.guard(checksumOf(fd, algorithm, { start, end }, { loop, kind: 'source' }));
    if (own !== checksum) wrong.push({ start, end });
    host.looked(end - start);
  }
  return wrong;
}
