import { asciiLower } from '../../http/ascii.js';
import type { Field } from '../../http/received-head.js';

/** The head of an HTTP/1.1 request: a byte string, with the empty line. */
export function requestHead(method: string, path: string, fields: readonly Field[]): string {
  const lines = fields.map(({ name, value }) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/**
 * Fields of our own, with the user's in place of those of the same name; one that the user gives without a value is left out,
 * as with curl -H "Name:".
 */
export function mergeFields(own: readonly Field[], users: readonly Field[]): Field[] {
  const replaced = new Set(users.map(({ name }) => asciiLower(name)));
  const kept = own.filter(({ name }) => !replaced.has(asciiLower(name)));
  return [...kept, ...users.filter(({ value }) => value !== '')];
}

/**
 * Reads "Name: value", as a user gives a field.
 * @returns null where it is none: the name is no token, or the value has control characters (RFC 9110 section 5)
 */
export function readField(text: string): Field | null {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0-\x08\x0a-\x1f\x7f]*)$/.exec(text) ?? [];
  return name === undefined || value === undefined ? null : { name, value: value.replace(/^[ \t]+|[ \t]+$/g, '') };
}

/** What is meant for one server alone: never sent on to another one. */
const secrets = ['authorization', 'cookie', 'proxy-authorization', 'host'];

/** The user's fields as another server than the one they were given for may see them. */
export function withoutSecrets(fields: readonly Field[]): Field[] {
  return fields.filter(({ name }) => !secrets.includes(asciiLower(name)));
}
