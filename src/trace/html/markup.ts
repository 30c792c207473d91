/** HTML that escapes what is put into it. */
import { escapeHtml } from '../../http/escape.js';

/** Text that is HTML already. */
export class Markup {
  constructor(readonly html: string) {}
}

export type Content = Markup | string | number | readonly Content[];

/** Marks that would turn the direction of what follows them, and characters that no document may hold. */
const misleading = /[\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]/gu;
const controls = /[\0-\x1f\x7f-\x9f]/g;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A template of HTML: strings in it are escaped, other templates and lists of them are put in as they are. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let html = parts[0];
  for (const [at, content] of contents.entries()) html += htmlOf(content) + parts[at + 1];
  return new Markup(html);
}

function htmlOf(content: Content): string {
  if (content instanceof Markup) return content.html;
  if (typeof content === 'object') return content.map(htmlOf).join('');
  return escapeHtml(visible(`${content}`));
}

/** Lines for a `pre`: each is escaped, the breaks between them are kept. */
export function joinLines(texts: readonly string[]): Markup {
  return new Markup(texts.map(htmlOf).join('\n'));
}

/**
 * Text as one can look at it: byte strings that are UTF-8 as the characters that they stand for, and what would not be seen,
 * or would mislead, as `\x1b` or `\u202e`.
 */
export function visible(text: string): string {
  return decoded(text)
    .replace(controls, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(misleading, char => `\\u${char.charCodeAt(0).toString(16)}`);
}

function decoded(text: string): string {
  let isAscii = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return text;
    if (code > 0x7f) isAscii = false;
  }
  if (isAscii) return text;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

/** A page in ASCII, which is the same in every encoding that it may be written in. Styles and scripts in it must be ASCII. */
export function toAscii(html: string): string {
  return html.replace(/[^\0-\x7f]/gu, char => `&#${char.codePointAt(0)};`);
}
