const COMMA = 0x2c;
const SPACE = 0x20;
const TAB = 9;

/** Tags that were built before: one place for each remainder of time and size. */
const places = 256;
const times = new Float64Array(places).fill(-1);
const sizes = new Float64Array(places).fill(-1);
const tags = new Array<string>(places).fill('');

/**
 * nginx's entity tag of a file: modification time and size in hexadecimal.
 * @param mtimeSeconds since 1970
 * @param size bytes
 */
export function etagOf(mtimeSeconds: number, size: number): string {
  const place = (mtimeSeconds ^ size) & (places - 1);
  if (times[place] !== mtimeSeconds || sizes[place] !== size) {
    times[place] = mtimeSeconds;
    sizes[place] = size;
    tags[place] = `"${Math.floor(mtimeSeconds).toString(16)}-${size.toString(16)}"`;
  }
  return tags[place];
}

/**
 * Whether a list as If-Match and If-None-Match have it names an entity tag (RFC 9110 sections 8.8.3.2 and 13.1).
 * @param list "*", or entity tags with commas between them
 * @param etag with its quotes; '' where there is none, which only "*" matches
 * @param weak whether "W/" is left out of the comparison
 */
export function etagMatches(list: string, etag: string, weak: boolean): boolean {
  if (list === '*') return true;
  if (etag === '') return false;
  const wanted = weak && etag.startsWith('W/') ? etag.substring(2) : etag;
  let at = 0;
  while (at < list.length) {
    if (weak && list.startsWith('W/', at)) at += 2;
    if (list.startsWith(wanted, at)) {
      const after = skip(list, at + wanted.length, false);
      if (after === list.length || list.charCodeAt(after) === COMMA) return true;
    }
    while (at < list.length && list.charCodeAt(at) !== COMMA) at++;
    at = skip(list, at, true);
  }
  return false;
}

/** Past blanks, and commas too if asked. */
function skip(text: string, from: number, commas: boolean): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB && !(commas && code === COMMA)) break;
  }
  return at;
}
