/** `return`: an answer that the configuration holds. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { Outcome, type Request } from './module.js';
import { end, type ScriptState, type Step } from './rewrite-script.js';
import { contentTypeOf } from './types.js';

const LEAST_STATUS = 200;
const LAST_STATUS = 999;
const FIRST_ERROR = 400;

function isRedirect(status: number): boolean {
  return (status >= 301 && status <= 303) || status === 307 || status === 308;
}

class Return implements Step {
  /** The body where it holds no variable. */
  private readonly bytes: Buffer | null;

  /** @param text the body, or the Location of a redirect; null if there is none */
  constructor(
    private readonly status: number,
    private readonly text: Complex | null,
  ) {
    const constant = text?.constant;
    this.bytes = constant === undefined ? null : Buffer.from(constant, 'latin1');
  }

  run(request: Request, script: ScriptState): number {
    script.outcome = this.answer(request);
    return end;
  }

  private answer(request: Request): Outcome {
    const { status, text } = this;
    if (status === 444) return Outcome.Close;
    if (isRedirect(status)) {
      request.response.location = text === null ? '' : text.evaluate(request);
      return status;
    }
    // Without a text of its own, an error has the page of its status.
    if (status >= FIRST_ERROR && (text === null || text.text === '')) return status;
    return this.respond(request);
  }

  private respond(request: Request): Outcome {
    const { status, text } = this;
    const { response } = request;
    const body = this.bytes ?? Buffer.from(text === null ? '' : text.evaluate(request), 'latin1');
    response.status = status;
    const bodiless = status === 204 || status === 304;
    response.contentLength = bodiless ? -1 : body.length;
    response.contentType = bodiless ? '' : contentTypeOf(request.settings, request.uri);
    response.body = bodiless || body.length === 0 ? [] : [{ bytes: body }];
    return Outcome.Respond;
  }
}

export function isUrl(text: string): boolean {
  return text.startsWith('http://') || text.startsWith('https://') || text.startsWith('$scheme');
}

export function parseReturn(args: readonly string[], cx: ParseContext): Step {
  const [first, text] = args as [string, string?];
  if (text === undefined && isUrl(first)) return new Return(302, cx.complex(first));
  const status = parseInteger(first, LEAST_STATUS, LAST_STATUS);
  if (status === undefined) return cx.fail(`invalid return code "${first}"`);
  return new Return(status, text === undefined ? null : cx.complex(text));
}
