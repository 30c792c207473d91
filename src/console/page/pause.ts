/** Milliseconds before the next attempt to connect. @param failures how many there were in a row, from 1 on */
export function pauseAfter(failures: number): number {
  return Math.min(15_000, 500 * 2 ** Math.min(failures - 1, 10));
}
