import { cutTo, visible } from '../../tools/visible.js';
import { TransferError } from '../failure.js';
import { retryAfter } from '../http/retries.js';
import { type HttpTarget, resolveRedirect } from '../http/url.js';
import { plain } from '../plain.js';
import { type Answer, type Attempt, expectsContinue } from './attempt.js';

/** What is to be done after an answer. */
export type Verdict =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'redirect'; readonly target: HttpTarget }
  | { readonly kind: 'without-expect' }
  /** The server cannot now; `askedMs` is what it asks to wait, 0 where it does not. */
  | { readonly kind: 'retry'; readonly error: TransferError; readonly askedMs: number }
  | { readonly kind: 'failed'; readonly error: TransferError };

/** Redirects that keep the method (RFC 9110 sections 15.4.8 and 15.4.9). */
const redirects: readonly number[] = [307, 308];
/** Answers of servers that never will: they know no PUT, or no HTTP/1.1, or have no room. */
const final: readonly number[] = [501, 505, 507];

/** What one can do about an answer. */
const advice = new Map<number, string>([
  [403, 'the server does not allow it: look at its access rules, and its rights on the folder'],
  [404, 'is the folder there? (nginx makes missing ones with "create_full_put_path on")'],
  [405, 'this place takes no PUT (nginx takes it with "dav_methods PUT")'],
  [409, 'is the folder there? (nginx makes missing ones with "create_full_put_path on")'],
  [411, 'the length was sent, and got lost on the way: is there a proxy between?'],
  [413, 'the file is larger than the server takes (in nginx "client_max_body_size")'],
  [501, 'the server knows no PUT'],
  [507, 'there is no room for the file at the server'],
]);

/** @param now ms since 1970 */
export function judge(answer: Answer, attempt: Attempt, now: number): Verdict {
  const { head, sent } = answer;
  const { status } = head;
  const { file, target, fields } = attempt;
  if (status < 300) {
    if (sent === file.size) return { kind: 'done', answer };
    return failed(answer, attempt, `it has ${sent} of ${file.size} bytes`);
  }
  if (redirects.includes(status)) return redirected(answer, attempt);
  if (status < 400) return failed(answer, attempt, moved(answer, target));
  if (status === 417 && expectsContinue(fields)) return { kind: 'without-expect' };
  if (status === 401) return failed(answer, attempt, unauthorized(answer, attempt));
  const hint = advice.get(status) ?? '';
  if (status < 500 || final.includes(status)) return failed(answer, attempt, hint);
  return { kind: 'retry', error: refusal(answer, attempt, hint), askedMs: retryAfter(head, now) };
}

function redirected(answer: Answer, attempt: Attempt): Verdict {
  const location = answer.head.get('location');
  if (location === undefined) return failed(answer, attempt, 'it does not say where to');
  return { kind: 'redirect', target: resolveRedirect(attempt.target, location) };
}

function moved({ head }: Answer, target: HttpTarget): string {
  const location = head.get('location');
  if (location === undefined) return 'this is no place for a file';
  return `the file would not be sent again there (only 307 and 308 ask for that); try ${plain(resolveRedirect(target, location).url)}`;
}

function unauthorized({ head }: Answer, { fields }: Attempt): string {
  const schemes = head.all('www-authenticate').join(', ');
  if (schemes !== '' && !/\bbasic\b/i.test(schemes)) return `it asks for ${plain(schemes)}, and only Basic is known`;
  const isGiven = fields.some(({ name }) => name.toLowerCase() === 'authorization');
  return isGiven ? 'user and password are not accepted' : 'give user and password with --user NAME:PASSWORD';
}

function failed(answer: Answer, attempt: Attempt, hint: string): Verdict {
  return { kind: 'failed', error: refusal(answer, attempt, hint) };
}

/** What the server said, in one line, and the beginning of what it explains it with. */
function refusal({ head, text }: Answer, { target }: Attempt, hint: string): TransferError {
  const said = `${target.url}: the server answered "${plain(head.statusText)}"`;
  return new TransferError([hint === '' ? said : `${said}: ${hint}`, ...explanation(text)].join('\n'), 'peer');
}

/** Lines and columns of an answer's body that are shown. */
const mostLines = 12;
const mostColumns = 160;

/** A page of a server's, harmless for a terminal. */
function explanation(text: string): string[] {
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '');
  const shown = lines
    .slice(0, mostLines)
    .map(line => `  | ${Buffer.from(cutTo(visible(line), mostColumns)).toString('latin1')}`);
  return lines.length > mostLines ? [...shown, '  | ...'] : shown;
}
