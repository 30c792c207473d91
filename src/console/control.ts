import { parseFlag, parseInteger, parseSize } from '../conf/values.js';
import { type ConsoleHost, Refusal } from './host.js';

/** `POST /control`: what it asks for is read here, and done by the host. */

/** Bytes that the buffers of one response may take, when the console sets them. */
const mostBuffers = 64 * 1024 * 1024;

/** What is asked for: a place, and directives with their arguments, or null for those of the file. */
export interface Change {
  readonly place: string;
  readonly settings: ReadonlyMap<string, readonly string[] | null>;
}

/**
 * @param body JSON, a ControlRequest
 * @throws Refusal
 */
export function readChange(body: string): Change {
  const { place, sendfile, output_buffers: buffers, ...others } = parseObject(body);
  if (typeof place !== 'string' || !/^\d+(\/\d+)*$/.test(place)) throw new Refusal(400, '"place" is the id of a place');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Refusal(400, `"${unknown.slice(0, 40)}" cannot be set here`);
  const settings = new Map<string, readonly string[] | null>();
  if (sendfile !== undefined) settings.set('sendfile', sendfile === null ? null : readSendfile(sendfile));
  if (buffers !== undefined) settings.set('output_buffers', buffers === null ? null : readBuffers(buffers));
  if (settings.size === 0) throw new Refusal(400, 'give "sendfile" or "output_buffers"');
  return { place, settings };
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // as below
  }
  throw new Refusal(400, 'the body is no JSON object');
}

function readSendfile(value: unknown): string[] {
  if (typeof value !== 'string' || parseFlag(value) === undefined) {
    throw new Refusal(400, '"sendfile" is "on" or "off", or null for what the file has');
  }
  return [value];
}

function readBuffers(value: unknown): string[] {
  const words = typeof value === 'string' ? value.trim().split(/\s+/) : [];
  const number = parseInteger(words[0] ?? '', 1);
  const size = parseSize(words[1] ?? '');
  if (words.length !== 2 || number === undefined || !size) {
    throw new Refusal(400, '"output_buffers" is a number and a size, such as "2 32k", or null for what the file has');
  }
  if (number * size > mostBuffers)
    throw new Refusal(400, `"output_buffers" of one response are at most 64 MB together`);
  return words;
}

/** Does it. @param by the client, for the log */
export async function makeChange(host: ConsoleHost, body: string, by: string): Promise<void> {
  const { place, settings } = readChange(body);
  await host.change(place, settings, by);
}
