/** Whether a path has a way up in it, or an end before its end: no value that a client has a say in may put one there. */
export function climbs(path: string): boolean {
  return path.includes('\0') || /(?:^|\/)\.\.(?:\/|$)/.test(path);
}
