import type { AnyDirective } from './directive.js';

/** The page that lists all directives, made from the table that parses them: Markdown, in the order of their names. */
export function directiveReference(
  directives: readonly AnyDirective[],
  moduleOf: (directive: AnyDirective) => string,
): string {
  const sorted = [...directives].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map(one => {
    const cells = [
      `\`${one.name}\``,
      argumentsOf(one),
      codeOf(one.default),
      one.contexts.join(', '),
      moduleOf(one),
      one.doc,
    ];
    return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Directives',
    '',
    'Made by `npm run docs` from the directive table; a test holds the two together. Names, defaults and meanings are',
    "nginx's, but for what the last column says.",
    '',
    '| directive | arguments | default | contexts | module | what it does |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function argumentsOf({ args: [least, most], block }: AnyDirective): string {
  const count =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  return block ? `${count} and a block` : count;
}

function codeOf(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}
