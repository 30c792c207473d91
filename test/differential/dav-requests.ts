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

/** Forms of Destination that name AT/to, or do not; AT is the folder of a case. */
export const destinations: readonly string[] = [
  'AT/to',
  'http://localhost/AT/to',
  'http://localhost:8080/AT/to',
  'http://localhost:/AT/to',
  'https://localhost/AT/to',
  'HTTP://localhost/AT/to',
  'Http://localhost/AT/to',
  'http://LOCALHOST/AT/to',
  'http://other/AT/to',
  'http://127.0.0.1/AT/to',
  'http://user@localhost/AT/to',
  'http://localhost.other/AT/to',
  'http://local/AT/to',
  'http:///AT/to',
  'http:/AT/to',
  'http://localhost',
  'http://localhost/',
  'http://localhost?x',
  '//localhost/AT/to',
  '/AT/to?query',
  '/AT/to#fragment',
  '/AT/to?a#b',
  '/AT/to%3fx',
  '/AT/to%23x',
  '/AT/t%6f',
  '/AT/to%2',
  '/AT/to%',
  '/AT/to%zz',
  '/AT/a%20b',
  '/AT/a b',
  '/AT/a+b',
  '/AT/\xe4',
  '/AT/%c3%a4',
  '/AT/%2fto',
  '/AT//to',
  '/AT/./to',
  '/AT/%2e/to',
  '/AT/../AT/to',
  '/AT/%2e%2e/AT/to',
  '/AT/..%2fto',
  '/AT/..',
  '/AT/to/..',
  '/AT/to..',
  '/AT/..to',
  '/AT/...',
  '/AT/.\\..\\to',
  '/AT/to%00',
  '/AT/to%0a',
  '/AT/to%7f',
  '/AT/to/',
  '/AT',
  '/',
  '',
  '*',
  'to',
  './to',
  '../to',
  '?x',
  ' /AT/to',
  '/AT/to ',
  '"/AT/to"',
  '</AT/to>',
  '/none/to',
  `/AT/${'n'.repeat(255)}`,
  `/AT/${'n'.repeat(256)}`,
  `/AT/${'d/'.repeat(100)}`,
];
