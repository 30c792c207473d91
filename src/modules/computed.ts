/** What `map`, `geo` and `split_clients` share: a block of lines that makes a variable. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import type { Subject } from '../conf/variables.js';
import type { Request } from './module.js';
import { row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** Nothing: the key of directives that only make variables. */
    definition: null;
  }
}

/** One line of a block. */
export interface BlockLine {
  readonly words: readonly string[];
  readonly cx: ParseContext;
}

/** The lines of a block that has no directives in it. */
export function linesOf(cx: ParseContext): BlockLine[] {
  return (cx.node.children ?? []).map(node => {
    const here = cx.at(node);
    if (node.children) here.fail('unexpected "{"');
    return { words: [node.name, ...node.args], cx: here };
  });
}

/** A directive that stands in http, and makes a variable out of its block. */
export function definition(
  name: string,
  args: readonly [least: number, most: number],
  doc: string,
  define: (args: readonly string[], cx: ParseContext) => void,
): AnyDirective {
  return row<'definition'>({
    name,
    key: 'definition',
    contexts: ['http'],
    args,
    block: true,
    repeatable: true,
    initial: null,
    doc,
    parse(given, cx) {
      define(given, cx);
      return null;
    },
  });
}

/** Reads "$name". */
export function variableName(text: string, cx: ParseContext): string {
  return text.startsWith('$') ? text.slice(1) : cx.fail(`invalid variable name "${text}"`);
}

/**
 * Makes the variable, whose value is worked out once a request, when it is asked for.
 * @param isVolatile it is worked out each time
 */
export function defineComputed(
  name: string,
  cx: ParseContext,
  work: (request: Request) => string,
  isVolatile = false,
): void {
  const key = {};
  let isWorking = false;
  const get = (request: Request) => {
    const known = request.values.get(key);
    if (known !== undefined) return known;
    // a value that is made of itself: nginx gives up too, a hundred rounds later
    if (isWorking) {
      request.log('error', `cycle while evaluating variable "${name}"`);
      return undefined;
    }
    isWorking = true;
    try {
      const value = work(request);
      if (!isVolatile) request.values.set(key, value);
      return value;
    } finally {
      isWorking = false;
    }
  };
  cx.define({
    name,
    doc: `Of the block in line ${cx.node.line}.`,
    get: get as (subject: Subject) => string | undefined,
  });
}
