/** `rewrite`: another URI in the place of one that a regular expression matches, or a redirect to it. */
import type { ParseContext } from '../conf/directive.js';
import { followCaptures, forgetNumbered } from '../conf/regex.js';
import { unescapeRedirect } from '../http/escape.js';
import type { Request } from './module.js';
import { isUrl } from './rewrite-return.js';
import { end, type ScriptState, type Step, Template } from './rewrite-script.js';

/** Whether a text matches, for `rewrite` and `if`. The captures are those of this match, or none. */
export function matches(regex: RegExp, source: string, text: string, request: Request, script: ScriptState): boolean {
  const match = regex.exec(text);
  if (script.logs) request.log('notice', `"${source}" ${match === null ? 'does not match' : 'matches'} "${text}"`);
  request.captures = match === null ? forgetNumbered(request.captures) : followCaptures(request.captures, match);
  return match !== null;
}

/** What both forms of `rewrite` have. */
interface Rule {
  readonly regex: RegExp;
  /** As written. */
  readonly source: string;
  /** Whether the query of the request is added. */
  readonly keepsArgs: boolean;
}

class Redirect implements Step {
  constructor(
    private readonly rule: Rule,
    private readonly status: number,
    private readonly location: Template,
    private readonly hasArgs: boolean,
  ) {}

  run(request: Request, script: ScriptState): number {
    const { regex, source, keepsArgs } = this.rule;
    if (!matches(regex, source, request.uri, request, script)) return 1;
    let location = unescapeRedirect(this.location.evaluate(request, true));
    if (keepsArgs && request.args !== '') location += (this.hasArgs ? '&' : '?') + request.args;
    if (script.logs) request.log('notice', `rewritten redirect: "${location}"`);
    request.response.location = location;
    script.outcome = this.status;
    return end;
  }
}

class Change implements Step {
  constructor(
    private readonly rule: Rule,
    private readonly uri: Template,
    private readonly args: Template | null,
    private readonly isLast: boolean,
    private readonly stays: boolean,
  ) {}

  run(request: Request, script: ScriptState): number {
    const { regex, source } = this.rule;
    if (!matches(regex, source, request.uri, request, script)) return 1;
    script.moved = !this.stays;
    script.stayed ||= this.stays;
    const uri = this.uri.evaluate(request, false);
    const args = this.newArgs(request);
    script.quotes = false;
    if (script.logs) request.log('notice', `rewritten data: "${uri}", args: "${args}"`);
    request.rewrite(uri, args);
    if (uri === '') {
      request.log('error', 'the rewritten URI has a zero length');
      script.outcome = 500;
      return end;
    }
    return this.isLast ? end : 1;
  }

  private newArgs(request: Request): string {
    const { keepsArgs } = this.rule;
    if (this.args === null) return keepsArgs ? request.args : '';
    const args = this.args.evaluate(request, true);
    return keepsArgs && request.args !== '' ? `${args}&${request.args}` : args;
  }
}

const REDIRECTS: Readonly<Record<string, number>> = { redirect: 302, permanent: 301 };

export function parseRewrite(args: readonly string[], cx: ParseContext): Step {
  const [source, written, flag = ''] = args as [string, string, string?];
  const regex = cx.regex(source, false);
  if (written === '') cx.fail('empty replacement');
  const keepsArgs = !written.endsWith('?');
  const replacement = keepsArgs ? written : written.slice(0, -1);
  const rule = { regex, source, keepsArgs };
  const status = REDIRECTS[flag] ?? (isUrl(replacement) ? 302 : 0);
  if (!['', 'last', 'break', ...Object.keys(REDIRECTS)].includes(flag)) cx.fail(`invalid parameter "${flag}"`);
  if (status !== 0) return new Redirect(rule, status, new Template(replacement, cx), replacement.includes('?'));
  const question = replacement.indexOf('?');
  const uri = new Template(question === -1 ? replacement : replacement.slice(0, question), cx);
  const query = question === -1 ? null : new Template(replacement.slice(question + 1), cx);
  return new Change(rule, uri, query, flag !== '', flag === 'break');
}
