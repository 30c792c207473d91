/** The percent escapes of all bytes. */
const ESCAPES: string[] = [];
for (let code = 0; code < 256; code++) ESCAPES.push(`%${code.toString(16).toUpperCase().padStart(2, '0')}`);

/** Bytes that nginx escapes in a path, so that it can be sent as a Location. */
const IN_PATH = bytesToEscape(' "#%<>?\\^`{|}');
/** Bytes that nginx escapes in a name that becomes one segment of a link: all but the unreserved of RFC 3986 section 2.3. */
const IN_SEGMENT = bytesToEscape(' !"#$%&\'()*+,/:;<=>?@[\\]^`{|}');

function bytesToEscape(printable: string): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0, 0x20).fill(1, 0x7f);
  for (let i = 0; i < printable.length; i++) table[printable.charCodeAt(i)] = 1;
  return table;
}

/** A decoded path as a URI has it: slashes stay, "%", "?", "#", blanks, controls and bytes above ASCII are escaped. */
export function escapeUri(path: string): string {
  return escapeBytes(path, IN_PATH);
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
