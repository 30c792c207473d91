import type { AnyDirective } from './directive.js';
import { type Structure, structure } from './structure.js';

/** The page that lists all directives, made from the table that parses them: Markdown, in the order of their names. */
export function directiveReference(
  directives: readonly AnyDirective[],
  moduleOf: (directive: AnyDirective) => string,
): string {
  const all = [
    ...directives.map(one => ({ one, text: codeOf(one.default), module: moduleOf(one) })),
    ...structure.map(one => ({ one, text: '', module: 'core' })),
  ];
  const sorted = all.sort((a, b) => (a.one.name < b.one.name ? -1 : 1));
  const rows = sorted.map(({ one, text, module }) => {
    const cells = [`\`${one.name}\``, argumentsOf(one), text, one.contexts.join(', '), module, one.doc];
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

function argumentsOf({ args: [least, most], block }: AnyDirective | Structure): string {
  const count =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
  return block ? `${count} and a block` : count;
}

function codeOf(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}
