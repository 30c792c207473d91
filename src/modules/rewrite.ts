/** Scripts of `rewrite`, `return`, `set`, `if` and `break`, which run before a location is looked for, and in it. */
import type { AnyDirective, Context, ParseContext } from '../conf/directive.js';
import type { Module, Request } from './module.js';
import { If, parseIf } from './rewrite-if.js';
import { parseReturn } from './rewrite-return.js';
import { end, type ScriptState, type Step, scriptHandler, Template } from './rewrite-script.js';
import { parseRewrite } from './rewrite-uri.js';
import { EVERYWHERE, flag, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** The script of this very level. */
    rewrite: readonly Step[];
    rewriteLog: boolean;
    uninitializedVariableWarn: boolean;
  }
}

class Break implements Step {
  run(_: Request, script: ScriptState): number {
    script.stayed ||= script.moved;
    script.moved = false;
    return end;
  }
}

function parseSet(args: readonly string[], cx: ParseContext): Step {
  const [name, text] = args as [string, string];
  if (!name.startsWith('$')) cx.fail(`invalid variable name "${name}"`);
  const variable = cx.settable({
    name: name.slice(1),
    doc: 'Set by the configuration.',
    get: subject => uninitialized(subject as Request),
  });
  const value = new Template(text, cx);

  function uninitialized(request: Request): string {
    if (request.settings.uninitializedVariableWarn) {
      request.log('warn', `using uninitialized "${name.slice(1).toLowerCase()}" variable`);
    }
    // said once
    variable.set(request, '');
    return '';
  }

  return {
    run(request, { quotes }) {
      variable.set(request, value.evaluate(request, quotes));
      return 1;
    },
  };
}

const OUTSIDE_IF: readonly Context[] = ['server', 'location'];
const IN_SCRIPTS: readonly Context[] = [...OUTSIDE_IF, 'if in server', 'if in location'];
const IN_ALL: readonly Context[] = [...EVERYWHERE, 'if in server', 'if in location'];

/** A directive that adds a step. */
function step(
  name: string,
  args: readonly [least: number, most: number],
  doc: string,
  parse: (args: readonly string[], cx: ParseContext) => Step,
  more: { contexts?: readonly Context[]; branch?: boolean } = {},
): AnyDirective {
  return row<'rewrite'>({
    name,
    key: 'rewrite',
    contexts: IN_SCRIPTS,
    args,
    repeatable: true,
    initial: [],
    doc,
    parse: (words, cx, before) => [...(before ?? []), parse(words, cx)],
    // the script of a server runs before there is a location, and that of a location in it alone
    merge: own => own ?? [],
    ...more,
  });
}

const NONE = {};

export const rewrite: Module = {
  name: 'rewrite',
  directives: [
    step(
      'rewrite',
      [2, 3],
      'Another URI for those that match: last, break; redirect, permanent. "?" at the end drops the query.',
      parseRewrite,
    ),
    step(
      'return',
      [1, 2],
      'Ends the request: a status with a text or a Location, or a URL for 302. 444 closes. No status under 200.',
      parseReturn,
    ),
    step('set', [2, 2], 'Gives a variable a value.', parseSet),
    step('break', [0, 0], 'Ends the script; a changed URI stays in its location.', () => new Break()),
    step(
      'if',
      [1, Number.POSITIVE_INFINITY],
      'Directives for requests that a condition is true of: $variable, =, !=, ~, ~*, !~, !~*, -f, -d, -e, -x, !-f …',
      parseIf,
      { contexts: OUTSIDE_IF, branch: true },
    ),
    flag(
      'rewrite_log',
      'rewriteLog',
      IN_ALL,
      'off',
      'Whether the error log tells what matches and what becomes of it.',
    ),
    flag(
      'uninitialized_variable_warn',
      'uninitializedVariableWarn',
      IN_ALL,
      'on',
      'Whether variables that are used before they are set are warned of.',
    ),
  ],
  phases({ rewrite: steps }) {
    if (steps.length === 0) return NONE;
    const flat = steps.flatMap(one => (one instanceof If ? one.flat() : one));
    return { serverRewrite: scriptHandler(flat, true), rewrite: scriptHandler(flat, false) };
  },
};
