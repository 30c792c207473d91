/** Requests that change files, for pairs of `dav_methods`. */
import { type Case, head, kept } from './harness.js';

export const date = 'Date: Tue, 15 Nov 1994 12:45:26 GMT';

export function put(path: string, text: string, ...lines: string[]): string {
  return head('PUT', path, `Content-Length: ${text.length}`, ...lines) + text;
}
export function chunked(path: string, ...chunks: string[]): string {
  const parts = chunks.map(each => `${each.length.toString(16)}\r\n${each}\r\n`);
  return `${head('PUT', path, 'Transfer-Encoding: chunked', date)}${parts.join('')}0\r\n\r\n`;
}
export const get = (path: string) => head('GET', path);
export const del = (path: string, ...lines: string[]) => head('DELETE', path, ...lines);
export const mkcol = (path: string, ...lines: string[]) => head('MKCOL', path, ...lines);
export const copy = (path: string, to: string, ...lines: string[]) =>
  head('COPY', path, `Destination: ${to}`, ...lines);
export const move = (path: string, to: string, ...lines: string[]) =>
  head('MOVE', path, `Destination: ${to}`, ...lines);

/** Each in a folder of its own, named after the case. @param how the connections: one for all, or each its own */
export function cases(
  of: Readonly<Record<string, (at: string) => readonly string[]>>,
  how = kept,
  folder = 'case',
): Case[] {
  return Object.entries(of).map(([name, requests], i) => how(name, ...requests(`/${folder}${i}`)));
}
