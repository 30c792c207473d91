import type { ReceivedHead } from '../../http/received-head.js';
import { decodeEscapes, type HttpTarget } from '../http/url.js';

/** What a file is called that nobody gives a name (as wget has it). */
const nameless = 'index.html';
/** Bytes: with what a part file has around it, within the 255 that a file name may have. */
const longest = 240;

/**
 * The name that a response gives its file with Content-Disposition (RFC 6266): a byte string, safe as a name in any folder.
 * @returns '' where it gives none that can be used
 */
export async function nameFromHead(head: ReceivedHead): Promise<string> {
  const value = head.get('content-disposition');
  if (value === undefined) return '';
  const { decodeExtended, parse } = await import('content-disposition');
  const { parameters } = parse(value);
  const name = parameters.filename ?? '';
  const extended = parameters['filename*'];
  // what stands behind filename* is text; filename is bytes as they came, in UTF-8 as a rule
  const isText = extended !== undefined && decodeExtended(extended) !== undefined;
  return safeName(isText ? Buffer.from(name, 'utf8').toString('latin1') : name);
}

/** The name that a URL gives its file: the last part of its path, without the query (as curl -O has it), or "index.html". */
export function nameFromUrl({ path }: HttpTarget): string {
  const [folders] = path.split('?', 1);
  return safeName(decodeEscapes(folders.slice(folders.lastIndexOf('/') + 1))) || nameless;
}

/**
 * What may be a name of what somebody else calls a file: the last part of a path, without control characters and without dots or
 * blanks at the front, so that no file is hidden and none is put into another folder.
 * @returns '' where nothing is left
 */
export function safeName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const seen = base.replace(/[\0-\x1f\x7f]/g, '').replace(/^[. ]+/, '');
  return shortened(seen).trimEnd();
}

/** Cut where it is too long, its ending kept; never within a character of UTF-8. */
function shortened(name: string): string {
  if (name.length <= longest) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let end = longest - ending.length;
  while (end > 0 && (name.charCodeAt(end) & 0xc0) === 0x80) end--;
  return name.slice(0, end) + ending;
}
