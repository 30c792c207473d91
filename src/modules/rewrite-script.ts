/** The scripts that the directives of the rewrite module make of a server and of a location, and how a request runs them. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { escapeArgs } from '../http/escape.js';
import { type Handler, Outcome, type Request } from './module.js';

/** One directive, or one condition. */
export interface Step {
  /** @returns how many steps on the script goes on, `end`, or `wait` */
  run(request: Request, script: ScriptState): number;
}

/** The script ends, with what `outcome` says. */
export const end = Number.MAX_SAFE_INTEGER;
/** A path is being looked up: the step runs again. */
export const wait = 0;

/** Where a request is in its script. */
export class ScriptState {
  at = 0;
  outcome: Outcome = Outcome.Next;
  /** Whether captures are escaped where they are put into a text: up to the first `rewrite` that matches, as in nginx. */
  quotes = true;
  /** Whether what matches and what does not goes to the error log (`rewrite_log`). */
  logs = false;
  /** The URI has been changed, so that a location is to be looked for. */
  moved = false;
  /** The URI was changed and was to stay where it was: it is not the one by which the location was found. True until a redirect. */
  stayed = false;
}

/** The handler that runs a script. @param inServer its location is not known yet */
export function scriptHandler(steps: readonly Step[], inServer: boolean): Handler {
  return request => {
    const { script } = request;
    if (script.at === 0) begin(script, request.settings.rewriteLog);
    while (script.at < steps.length) {
      const step = steps[script.at]!.run(request, script);
      if (step === wait) return Outcome.Again;
      script.at += step;
    }
    script.at = 0;
    if (script.outcome !== Outcome.Next || inServer) return script.outcome;
    if (script.moved) {
      request.relocate();
      return Outcome.Restart;
    }
    return Outcome.Next;
  };
}

function begin(script: ScriptState, logs: boolean): void {
  script.outcome = Outcome.Next;
  script.quotes = true;
  script.logs = logs;
  script.moved = false;
}

/** Text with variables and captures. */
export class Template {
  private readonly parts: readonly (Complex | number)[];

  constructor(text: string, cx: ParseContext) {
    // every second piece is the number of a capture
    const pieces = text.split(/\$([1-9])/);
    this.parts = pieces.flatMap((piece, i) => (i % 2 === 1 ? Number(piece) : piece === '' ? [] : cx.complex(piece)));
  }

  /** @param escapes whether captures are to be what can stand in a query; only those of a URI that came with escapes, or with "+" */
  evaluate(request: Request, escapes: boolean): string {
    let text = '';
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i]!;
      if (typeof part !== 'number') text += part.evaluate(request);
      else {
        const captured = request.captures?.[part] ?? '';
        text += escapes && isQuoted(request.head.target) ? escapeArgs(captured) : captured;
      }
    }
    return text;
  }
}

/** Whether the path of a target came with escapes or with "+". */
function isQuoted(target: string): boolean {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  return path.includes('%') || path.includes('+');
}
