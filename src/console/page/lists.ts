/** What the lists of calls and requests show, and in which order. */
import type { DataPath, RequestFacts } from '../snapshot.js';

/** Shown even where they are never made: that they are absent is the point of sendfile. */
export const movers: readonly string[] = ['sendfile', 'pread64', 'writev'];

/** The names of all calls that were ever made: those that move bytes first, the others by name, so that no row ever changes its place. */
export function callOrder(names: readonly string[]): string[] {
  return [...movers, ...names.filter(name => !movers.includes(name)).sort()];
}

/** The requests of a path, or all. @param path '' for all */
export function filtered(requests: readonly RequestFacts[], path: DataPath | ''): readonly RequestFacts[] {
  return path === '' ? requests : requests.filter(request => request.path === path);
}

/** `sendfile 12 · pread 0 · writev 1 · EAGAIN 3`. */
export function callsText({ sendfile, pread, writev, eagain }: RequestFacts): string {
  return `sendfile ${sendfile} · pread ${pread} · writev ${writev} · EAGAIN ${eagain}`;
}
