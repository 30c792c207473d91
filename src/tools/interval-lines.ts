/** A transfer interval by interval, in the form of iperf3 and of the paper's table 3. */

/** GBytes are 2^30 bytes and Gbps are 10^9 bits a second: 5.97 GBytes in a second are 51.3 Gbps. */
const gigabyte = 2 ** 30;
const gigabit = 1e9;

export const intervalHeader = 'Interval (sec)  Transfer (GBytes)  Bandwidth (Gbps)';
/** Where datagrams are received, their columns follow, as iperf3's. */
export const datagramHeader = `${intervalHeader}  Jitter (ms)    Lost/Total`;
const jitterWidth = 13;
const lostWidth = 14;
const secondEnd = intervalHeader.indexOf('  Bandwidth');
const thirdEnd = intervalHeader.length;

/** A line below the header (which of the two, `datagrams` says). @param start and `end` are seconds since the transfer's begin */
export function intervalLine(interval: {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly datagrams?: { readonly sent: number; readonly lost: number; readonly jitterMs: number };
}): string {
  const { start, end, bytes, datagrams } = interval;
  const rate = end > start ? (bytes * 8) / (end - start) : 0;
  const when = `${start.toFixed(2)}-${end.toFixed(2)}`;
  // what a long interval takes of the next column, that one has to spare
  const transfer = digits(bytes / gigabyte, 2).padStart(secondEnd - when.length);
  const line = when + transfer + digits(rate / gigabit, 1).padStart(thirdEnd - secondEnd);
  if (datagrams === undefined) return line;
  const { sent, lost, jitterMs } = datagrams;
  return line + jitterMs.toFixed(3).padStart(jitterWidth) + `${lost}/${sent}`.padStart(lostWidth);
}

/** With so many digits after the point, and more for a value that would be next to nothing. */
function digits(value: number, usual: number): string {
  if (value <= 0) return value.toFixed(usual);
  return value.toFixed(Math.min(9, Math.max(usual, 1 - Math.floor(Math.log10(value)))));
}
