/** Has Ctrl-C, SIGTERM and SIGHUP heard. @param heard is told the shell's exit code for it as well: 128 and the signal's number */
export function onSignal(heard: (signal: string, code: number) => void): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => heard(signal, 128 + number));
  }
}
