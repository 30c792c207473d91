/** `limit_rate`: how fast one response may go out. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseSize } from '../conf/values.js';
import type { Complex, Subject } from '../conf/variables.js';
import type { Module, Request } from './module.js';
import { constantText, EVERYWHERE_AND_IF, invalidValue, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    limitRate: Complex;
    limitRateAfter: Complex;
  }
}

/** How fast a response goes out. */
export interface Rate {
  /** Bytes a second. */
  readonly bytes: number;
  /** Bytes that go out before that counts. */
  readonly after: number;
}

/** Where a request's values have the rate that it was given by `set $limit_rate`. */
const rateKey = {};
const ZERO = constantText('0');

/** @returns 0 for text that is no size */
function sizeOf(request: Request, text: string): number {
  const size = parseSize(text);
  if (size === undefined) request.log('error', `invalid size "${text}"`);
  return size ?? 0;
}

function bytesOf(request: Request): number {
  const own = request.values.size === 0 ? undefined : request.values.get(rateKey);
  if (own !== undefined) return Number(own);
  const { limitRate } = request.settings;
  return limitRate === ZERO ? 0 : sizeOf(request, limitRate.evaluate(request));
}

/** The rate of a response, or null where it goes out as fast as it can. */
export function rateOf(request: Request): Rate | null {
  const bytes = bytesOf(request);
  if (bytes === 0) return null;
  return { bytes, after: sizeOf(request, request.settings.limitRateAfter.evaluate(request)) };
}

function size(name: string, key: 'limitRate' | 'limitRateAfter', doc: string): AnyDirective {
  return row<typeof key>({
    name,
    key,
    contexts: EVERYWHERE_AND_IF,
    args: [1, 1],
    initial: ZERO,
    default: '0',
    doc,
    parse([text]: readonly string[], cx: ParseContext) {
      const value = cx.complex(text!);
      if (value.constant !== undefined && parseSize(value.constant) === undefined) cx.fail(invalidValue(name));
      return value;
    },
  });
}

export const limitRate: Module = {
  name: 'limit_rate',
  directives: [
    size('limit_rate', 'limitRate', 'Bytes a second of one response (variables); 0: no limit.'),
    size(
      'limit_rate_after',
      'limitRateAfter',
      'Bytes of a response that go out before its rate is limited (variables).',
    ),
  ],
  variables: [
    {
      name: 'limit_rate',
      doc: 'Bytes a second of the response; a configuration may set it.',
      get: (subject: Subject) => `${bytesOf(subject as Request)}`,
      set(subject: Subject, value: string) {
        const request = subject as Request;
        const bytes = parseSize(value);
        if (bytes === undefined) request.log('error', `invalid $limit_rate "${value}"`);
        else request.values.set(rateKey, `${bytes}`);
      },
    },
  ],
};
