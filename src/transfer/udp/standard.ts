import { largestByPages, worthItFrom } from './sendfile-source.js';

/**
 * Bytes a second where the user has not asked for a rate: 100 Mbit/s. UDP itself never slows down for others (RFC 8085, section
 * 3.1), so that this is what the slowest of today's local networks carries. (iperf3 takes 1 Mbit/s, which only measures.)
 */
export const standardRate = 12_500_000;

/** Whether sendfile is the cheaper way for datagrams of so many bytes: from a page on, and as far as a packet holds pages. */
export function suitsZeroCopy(datagramSize: number): boolean {
  return datagramSize >= worthItFrom && datagramSize <= largestByPages;
}
