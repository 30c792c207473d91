/** `if`: steps that run, and settings that hold, for requests that a condition is true of. */
import type { ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import type { Complex } from '../conf/variables.js';
import { ENAMETOOLONG, ENOENT, ENOTDIR } from './errno.js';
import { pending, type Request } from './module.js';
import { type ScriptState, type Step, Template, wait } from './rewrite-script.js';
import { matches } from './rewrite-uri.js';

/** Whether it is true of a request; `pending` while a path is looked up. */
type Condition = (request: Request, script: ScriptState) => boolean | typeof pending;

/** One `if` with its block. */
export class If implements Step {
  /** Steps of the block, which follow this one. */
  private blockLength = 0;

  /**
   * @param branch the number of the settings that hold within it; -1 in a server
   * @param own what the block says: its steps are known when all of it is read
   */
  constructor(
    private readonly condition: Condition,
    private readonly branch: number,
    private readonly own: Partial<Settings>,
  ) {}

  /** It, and the steps of its block. */
  flat(): Step[] {
    const block = this.own.rewrite ?? [];
    this.blockLength = block.length;
    return [this, ...block];
  }

  run(request: Request, script: ScriptState): number {
    const isTrue = this.condition(request, script);
    if (isTrue === pending) return wait;
    if (!isTrue) return 1 + this.blockLength;
    if (this.branch >= 0) request.enterBranch(this.branch);
    return 1;
  }
}

const FILE = 1;
const FOLDER = 2;
const EXECUTABLE = 0o100;

/** What the letter of a test for a file asks of its kind and its mode. */
const FILE_TESTS: Readonly<Record<string, (kind: number, mode: number) => boolean>> = {
  f: kind => kind === FILE,
  d: kind => kind === FOLDER,
  e: kind => kind === FILE || kind === FOLDER,
  x: (_, mode) => (mode & EXECUTABLE) !== 0,
};

function fileCondition(letter: string, isNegative: boolean, path: Template): Condition | undefined {
  const test = FILE_TESTS[letter];
  if (test === undefined) return undefined;
  return (request, { quotes }) => {
    const name = path.evaluate(request, quotes);
    const kind = request.test(name);
    if (kind === pending) return pending;
    if (kind > 0) return test(kind, request.testedMode) !== isNegative;
    if (kind !== ENOENT && kind !== ENOTDIR && kind !== ENAMETOOLONG) {
      request.logErrno('crit', `${request.failedCall}() "${name}" failed`, kind);
    }
    return isNegative;
  };
}

/** A variable alone: true unless it is empty or "0". */
function plainCondition(value: Complex): Condition {
  return request => {
    const text = value.evaluate(request);
    return text !== '' && text !== '0';
  };
}

function equalCondition(value: Complex, other: Template, isNegative: boolean): Condition {
  return (request, { quotes }) => (value.evaluate(request) === other.evaluate(request, quotes)) !== isNegative;
}

function regexCondition(value: Complex, source: string, operator: string, cx: ParseContext): Condition {
  const regex = cx.regex(source, operator.endsWith('*'));
  const isNegative = operator.startsWith('!');
  return (request, script) => matches(regex, source, value.evaluate(request), request, script) !== isNegative;
}

/** The words between the parentheses, which may stand apart from them. */
function wordsOf(args: readonly string[], cx: ParseContext): string[] {
  const words = [...args];
  const first = words.shift() ?? '';
  if (!first.startsWith('(')) cx.fail(`invalid condition "${first}"`);
  if (first !== '(') words.unshift(first.slice(1));
  const last = words.pop() ?? first;
  if (!last.endsWith(')')) cx.fail(`invalid condition "${last}"`);
  if (last !== ')') words.push(last.slice(0, -1));
  return words.length > 0 ? words : cx.fail(`invalid condition "${last}"`);
}

function parseVariable(text: string, cx: ParseContext): Complex {
  if (!/^\$[A-Za-z_]\w*$/.test(text)) cx.fail(`unknown "${text.slice(1)}" variable`);
  return cx.complex(text);
}

function parseComparison(words: readonly string[], cx: ParseContext): Condition {
  const [variable, operator, other] = words as [string, string, string];
  if (words.length !== 1 && words.length !== 3) cx.fail(`invalid condition "${variable}"`);
  const value = parseVariable(variable, cx);
  if (words.length === 1) return plainCondition(value);
  if (operator === '=' || operator === '!=') return equalCondition(value, new Template(other, cx), operator === '!=');
  if (['~', '~*', '!~', '!~*'].includes(operator)) return regexCondition(value, other, operator, cx);
  return cx.fail(`unexpected "${operator}" in condition`);
}

function parseCondition(words: readonly string[], cx: ParseContext): Condition {
  const [first = '', path] = words;
  if (first.length > 1 && first.startsWith('$')) return parseComparison(words, cx);
  const [, negation, letter] = /^(!?)-(.)$/.exec(first) ?? [];
  if (letter === undefined || path === undefined || words.length !== 2) return cx.fail(`invalid condition "${first}"`);
  const condition = fileCondition(letter, negation === '!', new Template(path, cx));
  return condition ?? cx.fail(`invalid condition "${first}"`);
}

export function parseIf(args: readonly string[], cx: ParseContext): Step {
  const { branch } = cx;
  if (branch === undefined) return cx.fail('no block');
  return new If(parseCondition(wordsOf(args, cx), cx), cx.context === 'server' ? -1 : branch.index, branch.own);
}
