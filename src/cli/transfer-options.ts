/** What the commands that move files have in common. */

/** Bytes of `--block-size`. */
export const blockSizes = { least: 512, most: 256 * 1024 * 1024 };
/** Seconds of `--timeout`: within two of them the other end says that it is there. */
export const timeouts = { least: 2, most: 86_400 };

/** Has Ctrl-C, SIGTERM and SIGHUP heard. @param heard is told the exit code as well: 128 and the signal's number */
export function onSignal(heard: (signal: string, code: number) => void): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => heard(signal, 128 + number));
  }
}
