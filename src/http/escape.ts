/** The percent escapes of all bytes. */
const ESCAPES: string[] = [];
for (let code = 0; code < 256; code++) ESCAPES.push(`%${code.toString(16).toUpperCase().padStart(2, '0')}`);

/** Bytes that nginx escapes in a path, so that it can be sent as a Location. */
const IN_PATH = bytesToEscape(' "#%<>?\\^`{|}');
/** Bytes that nginx escapes in what it puts into a query. */
const IN_ARGS = bytesToEscape(' "#%&+;<>?\\^`{|}');
/** Bytes that nginx escapes in a name that becomes one segment of a link: all but the unreserved of RFC 3986 section 2.3. */
const IN_SEGMENT = bytesToEscape(' !"#$%&\'()*+,/:;<=>?@[\\]^`{|}');

/** Bytes that nginx escapes in the URL of a page that sends a browser on. */
const IN_REFRESH = bytesToEscape(' "\'<>');

function bytesToEscape(printable: string): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0, 0x20).fill(1, 0x7f);
  for (let i = 0; i < printable.length; i++) table[printable.charCodeAt(i)] = 1;
  return table;
}

/** A decoded path as a URI has it: slashes stay, "%", "?", "#", blanks, controls and bytes above ASCII are escaped. */
export function escapeUri(path: string): string {
  return escapeBytes(path, IN_PATH);
}

/** A text as a part of a query. */
export function escapeArgs(text: string): string {
  return escapeBytes(text, IN_ARGS);
}

/** A URL as it can stand in an attribute of a page. */
export function escapeRefresh(url: string): string {
  return escapeBytes(url, IN_REFRESH);
}

/** A file name as one segment of a URI; slashes are escaped too. */
export function escapeUriComponent(name: string): string {
  return escapeBytes(name, IN_SEGMENT);
}

function escapeBytes(text: string, table: Uint8Array): string {
  let escaped = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) & 255;
    if (table[code] === 0) continue;
    escaped += text.substring(from, i) + ESCAPES[code];
    from = i + 1;
  }
  return from === 0 ? text : escaped + text.substring(from);
}

const FIRST_PLAIN = 0x26;
const LAST_PLAIN = 0x7e;

/**
 * What a `rewrite` redirects to: escapes before the query that stand for printable bytes behind "%" are undone, all others stay.
 * Of an escape that is none the "%" goes, and an escaped "?" ends the path, as in nginx.
 */
export function unescapeRedirect(location: string): string {
  let out = '';
  let at = 0;
  for (;;) {
    const percent = location.indexOf('%', at);
    const question = location.indexOf('?', at);
    if (percent === -1 || (question !== -1 && question < percent)) return out + location.slice(at);
    out += location.slice(at, percent);
    const code = Number.parseInt(/^[0-9A-Fa-f]{2}/.exec(location.slice(percent + 1, percent + 3))?.[0] ?? '', 16);
    if (Number.isNaN(code)) {
      at = percent + 1;
      continue;
    }
    at = percent + 3;
    if (code === 0x3f) return `${out}?${location.slice(at)}`;
    out += code >= FIRST_PLAIN && code <= LAST_PLAIN ? String.fromCharCode(code) : location.slice(percent, at);
  }
}

/** Text that is safe in HTML, between tags and in a quoted attribute. */
export function escapeHtml(text: string): string {
  let escaped = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const entity = entityOf(text.charCodeAt(i));
    if (entity === '') continue;
    escaped += text.substring(from, i) + entity;
    from = i + 1;
  }
  return from === 0 ? text : escaped + text.substring(from);
}

function entityOf(code: number): string {
  switch (code) {
    case 0x26:
      return '&amp;';
    case 0x3c:
      return '&lt;';
    case 0x3e:
      return '&gt;';
    case 0x22:
      return '&quot;';
    case 0x27:
      return '&#39;';
    default:
      return '';
  }
}
