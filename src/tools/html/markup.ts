/** HTML that escapes what is put into it. */
import { escapeHtml } from '../../http/escape.js';
import { visible } from '../visible.js';

/** Text that is HTML already. */
export class Markup {
  constructor(readonly html: string) {}
}

export type Content = Markup | string | number | readonly Content[];

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

/** A page in ASCII, which is the same in every encoding that it may be written in. Styles and scripts in it must be ASCII. */
export function toAscii(html: string): string {
  return html.replace(/[^\0-\x7f]/gu, char => `&#${char.codePointAt(0)};`);
}
