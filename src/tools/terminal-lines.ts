/** Lines for a terminal: their width is counted before they are coloured. */

export type Style = 'plain' | 'heading' | 'title' | 'faint' | 'good' | 'bad' | 'warning';

export interface Line {
  readonly text: string;
  readonly style: Style;
}

/** Of the terminal: how wide (columns), and whether it shows colours. */
export interface Terminal {
  readonly width: number;
  readonly color: boolean;
}

/** SGR parameters (ECMA-48), the colours of which every terminal can choose for itself. */
const codes: Readonly<Record<Style, string>> = {
  plain: '',
  heading: '1;4',
  title: '1;36',
  faint: '2',
  good: '32',
  bad: '1;31',
  warning: '33',
};

/**
 * Breaks a text at blanks, and within a word where that alone is too long.
 * @param indent stands before every line; `first` before the first one in its place
 */
export function wrapped(text: string, width: number, indent = '', first = indent, style: Style = 'plain'): Line[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    let rest = word;
    if (!isEmpty && line.length + 1 + rest.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    if (!isEmpty) line += ' ';
    while (line.length + rest.length > width && line.length < width) {
      const room = width - line.length;
      lines.push(line + rest.slice(0, room));
      rest = rest.slice(room);
      line = indent;
    }
    line += rest;
    isEmpty = false;
  }
  lines.push(line);
  return lines.map(each => ({ text: each.trimEnd(), style }));
}

export const blank: Line = { text: '', style: 'plain' };

/** Two blocks beside each other; the shorter one is filled up. */
export function beside(left: readonly Line[], right: readonly Line[], { width, color }: Terminal): string[] {
  const half = columnWidth(width);
  const rows: string[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at] ?? blank, right[at] ?? blank];
    const gap = ' '.repeat(Math.max(0, half - one.text.length));
    rows.push(`${paint(one, color)}${gap} │ ${paint(other, color)}`.trimEnd());
  }
  return rows;
}

/** How wide each of two blocks may be, beside each other. */
export function columnWidth(width: number): number {
  return Math.floor((width - 3) / 2);
}

export function paint({ text, style }: Line, color: boolean): string {
  const code = codes[style];
  if (!color || code === '' || text === '') return text;
  const from = text.length - text.trimStart().length;
  return `${text.slice(0, from)}\u001b[${code}m${text.slice(from)}\u001b[0m`;
}
