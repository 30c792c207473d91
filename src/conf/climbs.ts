/** Whether a path has a way up in it, or an end before its end: no value that a client has a say in may put one there. */
export function climbs(path: string): boolean {
  return path.includes('\0') || /(?:^|\/)\.\.(?:\/|$)/.test(path);
}

const stepsUp = /(^|\/)\.\.(?=\/|$)/g;

/**
 * A path without its steps up, for what comes out of a request: it stays below the folder that the configuration names. nginx leaves them in
 * (`location /i { alias /data/i/; }` and `/i../secret`).
 * @param text what the path comes from: steps that are written there are meant
 */
export function heldBack(path: string, text = ''): string {
  return path.includes('..') && !climbs(text) ? path.replace(stepsUp, '$1') : path;
}
